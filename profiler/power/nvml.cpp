#include "profiler/power/nvml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

#include "alert/error.h"

namespace alert {

namespace {

constexpr std::uint32_t kRounding_mw = 1000;  // drivers round limits to whole watts

double watts(std::uint32_t milliwatts) {
    return 1e-3 * milliwatts;
}

bool within_rounding(std::uint32_t a_mw, std::uint32_t b_mw) {
    return std::max(a_mw, b_mw) - std::min(a_mw, b_mw) < kRounding_mw;
}

RestoreAction way_back(const NvmlGpu& gpu) {
    return {std::string(kGpuLimit) + gpu.uuid(), std::to_string(gpu.limit_mw())};
}

/// Turns an error of the driver, before anything was changed, into a RequestError.
template <class Work>
auto as_request(Work work) {
    try {
        return work();
    } catch (const Error& error) {
        throw RequestError(fmt::format("--power nvml: {}", error.what()));
    }
}

}  // namespace

NvmlGpu nvml_gpu(std::string_view device) {
    return as_request([&] { return NvmlGpu::of_device(device); });
}

NvmlRange nvml_range(const NvmlGpu& gpu) {
    return as_request([&]() -> NvmlRange {
        if (gpu.sliced()) {
            throw Error(fmt::format(
                "{} is cut into slices (MIG), whose power cannot be limited; end that as root: "
                "nvidia-smi -i {} -mig 0",
                gpu.name(), gpu.uuid()));
        }
        gpu.limit_mw();
        const NvmlGpu::Range range = gpu.limit_range();
        return {watts(range.least_mw), watts(range.most_mw)};
    });
}

void check_nvml_permission(const NvmlGpu& gpu) {
    as_request([&] { gpu.set_limit_mw(gpu.limit_mw()); });
}

bool may_set_nvml_limits() {
    constexpr unsigned kSysAdmin = 21;  // CAP_SYS_ADMIN
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "CapEff:") {
            std::uint64_t rights = 0;
            status >> std::hex >> rights;
            return (rights >> kSysAdmin & 1) != 0;
        }
    }
    return false;
}

NvmlKnob::NvmlKnob(NvmlGpu gpu, std::span<const double> caps_w)
    : gpu_(std::move(gpu)), guardian_("--power nvml", {way_back(gpu_)}) {
    for (const double cap_w : caps_w) {
        settings_.push_back({fmt::format("{:.10g}W", cap_w), std::nullopt});
        caps_mw_.push_back(static_cast<std::uint32_t>(std::lround(1e3 * cap_w)));
    }
}

// The current limit. Notes whether another program has changed it since it was set.
std::uint32_t NvmlKnob::look() {
    const std::uint32_t now_mw = gpu_.limit_mw();
    if (taken_ && taken_->read_back_mw != now_mw) {
        external_change_ = fmt::format(
            "--power nvml: another program (nvidia-smi, nvidia-powerd, the driver?) changed the "
            "limit of {} from {:.10g}W to {:.10g}W",
            gpu_.name(), watts(taken_->read_back_mw), watts(now_mw));
        taken_.reset();
    }
    return now_mw;
}

std::optional<std::string> NvmlKnob::external_change() {
    look();
    return std::exchange(external_change_, std::nullopt);
}

void NvmlKnob::apply(std::size_t setting) {
    const std::uint32_t wanted_mw = caps_mw_.at(setting);
    const std::uint32_t before_mw = look();
    if (before_mw == wanted_mw || (taken_ && taken_->asked_mw == wanted_mw)) {
        taken_ = {wanted_mw, before_mw};
        return;
    }
    try {
        gpu_.set_limit_mw(wanted_mw);
    } catch (const Error& error) {
        throw Error(fmt::format("--power nvml: {}", error.what()));
    }
    const std::uint32_t now_mw = gpu_.limit_mw();
    if (!within_rounding(now_mw, wanted_mw)) {
        throw Error(fmt::format(
            "--power nvml: {:.10g}W did not take: the limit of {} is at {:.10g}W; the driver "
            "ignores it, or another program changes it",
            watts(wanted_mw), gpu_.name(), watts(now_mw)));
    }
    taken_ = {wanted_mw, now_mw};
}

std::string NvmlKnob::current_setting() const {
    return fmt::format("{:.10g}W", watts(gpu_.limit_mw()));
}

bool put_back_nvml_limit(const std::string& uuid, std::uint32_t limit_mw) noexcept {
    try {
        const NvmlGpu gpu = NvmlGpu::with_uuid(uuid);
        if (gpu.limit_mw() != limit_mw) {
            gpu.set_limit_mw(limit_mw);
        }
        return within_rounding(gpu.limit_mw(), limit_mw);
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace alert
