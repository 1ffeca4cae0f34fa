#include "profiler/power/nvml_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "alert/error.h"

namespace alert {

namespace {

constexpr const char* kLibrary = "libnvidia-ml.so.1";
constexpr const char* kVariable = "ALERT_NVML_LIBRARY";

std::string library_name() {
    const char* named = std::getenv(kVariable);
    return named != nullptr && *named != '\0' ? named : kLibrary;
}

template <class Function>
void look_up(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
}

std::string_view remedy(int answer) {
    switch (answer) {
        case nvml::kInvalidArgument:
            return "; it is outside the GPU's range";
        case nvml::kNotSupported:
            return "; laptop GPUs and parts of a GPU often do not offer this";
        case nvml::kNoPermission:
            return "; run as root (in a container: with the capability SYS_ADMIN)";
        case nvml::kDriverNotLoaded:
            return "; load the driver: modprobe nvidia";
        case nvml::kFunctionNotFound:
            return "; the driver is too old for this: install a newer one";
        case nvml::kGpuIsLost:
        case nvml::kResetRequired:
            return "; the GPU must be reset, or the machine rebooted";
        case nvml::kVersionMismatch:
            return "; the driver was updated while loaded: reboot";
        default:
            return "";
    }
}

}  // namespace

std::shared_ptr<const NvmlLibrary> NvmlLibrary::load() {
    const std::string file = library_name();
    const std::shared_ptr<NvmlLibrary> library(new NvmlLibrary);
    library->handle_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library->handle_ == nullptr) {
        const char* reason = dlerror();
        throw Error(
            fmt::format("{}; install NVIDIA's driver (apt-get install nvidia-driver, or "
                        "libnvidia-ml1 alone), or start the container with --gpus all",
                        reason != nullptr ? reason : file));
    }
    nvml::Functions& own = library->functions_;
    const auto find = [&](const char* name, auto& function) {
        look_up(library->handle_, name, function);
    };
    const auto need = [&](const char* name, auto& function) {
        find(name, function);
        if (function == nullptr) {
            throw Error(fmt::format("{}: has no {}; install a newer driver of NVIDIA", file, name));
        }
    };
    need("nvmlInit_v2", own.init);
    need("nvmlShutdown", own.shutdown);
    need("nvmlErrorString", own.error_string);
    need("nvmlDeviceGetCount_v2", own.count);
    need("nvmlDeviceGetHandleByIndex_v2", own.by_index);
    need("nvmlDeviceGetUUID", own.uuid);
    need("nvmlDeviceGetName", own.name);
    find("nvmlDeviceGetHandleByUUID", own.by_uuid);
    find("nvmlDeviceGetPowerManagementLimit", own.limit);
    find("nvmlDeviceGetPowerManagementLimitConstraints", own.limit_range);
    find("nvmlDeviceGetPowerManagementDefaultLimit", own.default_limit);
    find("nvmlDeviceSetPowerManagementLimit", own.set_limit);
    find("nvmlDeviceGetTotalEnergyConsumption", own.energy);
    find("nvmlDeviceGetPowerUsage", own.power);
    find("nvmlDeviceGetFieldValues", own.fields);
    find("nvmlDeviceGetMigMode", own.mig_mode);
    if (const int answer = own.init(); answer != nvml::kSuccess) {
        throw Error(fmt::format("{}: {}", file, library->explain(answer)));
    }
    library->at_work_ = true;
    return library;
}

NvmlLibrary::~NvmlLibrary() {
    if (at_work_) {
        functions_.shutdown();
    }
    if (handle_ != nullptr) {
        dlclose(handle_);
    }
}

std::string NvmlLibrary::explain(int answer) const {
    return fmt::format("{}{}", functions_.error_string(answer), remedy(answer));
}

}  // namespace alert
