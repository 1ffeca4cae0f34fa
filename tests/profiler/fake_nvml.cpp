#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <thread>

#include "profiler/power/nvml_library.h"
#include "tests/profiler/fake_nvml_state.h"

/// A library with NVML's functions that behaves like the real one, for GPUs that draw just their
/// limit. Its state is the file that $ALERT_FAKE_NVML_STATE names; without it there is no driver.

using namespace alert::nvml;
using nlohmann::json;

namespace {

FakeNvmlState state() {
    return FakeNvmlState(std::getenv("ALERT_FAKE_NVML_STATE"));
}

std::int64_t now_ns() {
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

// A handle is the place in the list, counted from one.
Device handle(std::size_t index) {
    return reinterpret_cast<Device>(index + 1);
}

json gpu(Device device) {
    return state().read().at("gpus").at(reinterpret_cast<std::size_t>(device) - 1);
}

bool is(const json& gpu, const char* key) {
    return gpu.value(key, false);
}

// mW for as many ns as have passed, in mJ.
double energy_mj(const json& gpu) {
    const auto passed_ns = static_cast<double>(now_ns() - gpu.value("at_ns", std::int64_t{0}));
    return gpu.value("energy_mj", 0.0) + 1e-9 * passed_ns * gpu.value("limit_mw", 0.0);
}

int text(const std::string& from, char* to, std::uint32_t size) {
    std::snprintf(to, size, "%s", from.c_str());
    return kSuccess;
}

int number(const json& gpu, const char* key, std::uint32_t* to) {
    if (is(gpu, "lost")) {
        return kGpuIsLost;
    }
    if (is(gpu, "no_limit")) {
        return kNotSupported;
    }
    *to = gpu.at(key).get<std::uint32_t>();
    return kSuccess;
}

}  // namespace

extern "C" {

int nvmlInit_v2() {
    return std::getenv("ALERT_FAKE_NVML_STATE") == nullptr ? kDriverNotLoaded : kSuccess;
}

int nvmlShutdown() {
    return kSuccess;
}

const char* nvmlErrorString(int answer) {
    switch (answer) {
        case kNotSupported:
            return "Not Supported";
        case kNoPermission:
            return "Insufficient Permissions";
        case kDriverNotLoaded:
            return "Driver Not Loaded";
        case kGpuIsLost:
            return "GPU is lost";
        default:
            return "Unknown Error";
    }
}

int nvmlDeviceGetCount_v2(std::uint32_t* count) {
    *count = static_cast<std::uint32_t>(state().read().at("gpus").size());
    return kSuccess;
}

int nvmlDeviceGetHandleByIndex_v2(std::uint32_t index, Device* device) {
    *device = handle(index);
    return kSuccess;
}

int nvmlDeviceGetHandleByUUID(const char* uuid, Device* device) {
    const json gpus = state().read().at("gpus");
    const auto found = std::find_if(gpus.begin(), gpus.end(),
                                    [&](const json& gpu) { return gpu.at("uuid") == uuid; });
    *device = handle(static_cast<std::size_t>(found - gpus.begin()));
    return found != gpus.end() ? kSuccess : kNotFound;
}

int nvmlDeviceGetUUID(Device device, char* to, std::uint32_t size) {
    return text(gpu(device).at("uuid"), to, size);
}

int nvmlDeviceGetName(Device device, char* to, std::uint32_t size) {
    return text(gpu(device).at("name"), to, size);
}

int nvmlDeviceGetPowerManagementLimit(Device device, std::uint32_t* limit_mw) {
    return number(gpu(device), "limit_mw", limit_mw);
}

int nvmlDeviceGetPowerManagementDefaultLimit(Device device, std::uint32_t* limit_mw) {
    return number(gpu(device), "default_mw", limit_mw);
}

int nvmlDeviceGetPowerManagementLimitConstraints(Device device, std::uint32_t* least_mw,
                                                 std::uint32_t* most_mw) {
    const json one = gpu(device);
    number(one, "least_mw", least_mw);
    return number(one, "most_mw", most_mw);
}

int nvmlDeviceSetPowerManagementLimit(Device device, std::uint32_t limit_mw) {
    const json before = gpu(device);
    std::uint32_t least_mw = 0, most_mw = 0;
    if (const int failure =
            nvmlDeviceGetPowerManagementLimitConstraints(device, &least_mw, &most_mw)) {
        return failure;
    }
    if (const int refused = before.value("refuse", 0)) {
        return refused;
    }
    if (limit_mw < least_mw || limit_mw > most_mw) {
        return kInvalidArgument;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(before.value("set_ms", 0)));
    state().change([&](json& all) {
        json& one = all.at("gpus").at(reinterpret_cast<std::size_t>(device) - 1);
        one["energy_mj"] = energy_mj(one);
        one["at_ns"] = now_ns();
        one["sets"] = one.value("sets", 0) + 1;
        if (!is(one, "ignore")) {
            one["limit_mw"] = is(one, "whole_watts") ? limit_mw / 1000 * 1000 : limit_mw;
        }
    });
    return kSuccess;
}

int nvmlDeviceGetTotalEnergyConsumption(Device device, unsigned long long* energy) {
    const json one = gpu(device);
    if (is(one, "lost") || is(one, "no_counter")) {
        return is(one, "lost") ? kGpuIsLost : kNotSupported;
    }
    *energy = static_cast<unsigned long long>(energy_mj(one));
    return kSuccess;
}

int nvmlDeviceGetPowerUsage(Device device, std::uint32_t* power_mw) {
    const json one = gpu(device);
    return number(one, one.contains("average_mw") ? "average_mw" : "limit_mw", power_mw);
}

int nvmlDeviceGetFieldValues(Device device, int count, FieldValue* values) {
    const json one = gpu(device);
    for (FieldValue& value : std::span(values, static_cast<std::size_t>(count))) {
        const bool known = value.field_id == kPowerInstant && !is(one, "no_instant");
        value.answer = known ? number(one, "limit_mw", &value.value.number) : kNotSupported;
        value.value_type = 1;  // unsigned int
    }
    return kSuccess;
}

int nvmlDeviceGetMigMode(Device device, std::uint32_t* now, std::uint32_t* pending) {
    *now = *pending = is(gpu(device), "mig") ? 1 : 0;
    return kSuccess;
}

}  // extern "C"
