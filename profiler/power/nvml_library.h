#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace alert {

/// The few declarations of NVML, NVIDIA's management library, that are used here, from its
/// published interface. The library comes with the driver and is loaded at run time.
namespace nvml {

using Device = struct DeviceHandle*;

/// What every function returns.
enum Answer : int {
    kSuccess = 0,
    kInvalidArgument = 2,
    kNotSupported = 3,
    kNoPermission = 4,
    kNotFound = 6,
    kDriverNotLoaded = 9,
    kFunctionNotFound = 13,
    kGpuIsLost = 15,
    kResetRequired = 16,
    kVersionMismatch = 18,
};

/// nvmlFieldValue_t.
struct FieldValue {
    std::uint32_t field_id = 0;
    std::uint32_t scope_id = 0;
    std::int64_t timestamp = 0;
    std::int64_t latency_us = 0;
    std::int32_t value_type = 0;
    std::int32_t answer = 0;
    union {
        std::uint32_t number;
        std::uint64_t all;
    } value = {.all = 0};
};
static_assert(sizeof(FieldValue) == 40);

constexpr std::uint32_t kPowerInstant = 186;  // current power, mW
constexpr std::uint32_t kUuidSize = 96;

/// The functions; one that an older library lacks is null, except in the first group.
struct Functions {
    int (*init)();
    int (*shutdown)();
    const char* (*error_string)(int);
    int (*count)(std::uint32_t*);
    int (*by_index)(std::uint32_t, Device*);
    int (*uuid)(Device, char*, std::uint32_t);
    int (*name)(Device, char*, std::uint32_t);

    int (*by_uuid)(const char*, Device*);
    int (*limit)(Device, std::uint32_t*);
    int (*limit_range)(Device, std::uint32_t*, std::uint32_t*);
    int (*default_limit)(Device, std::uint32_t*);
    int (*set_limit)(Device, std::uint32_t);
    int (*energy)(Device, unsigned long long*);
    int (*power)(Device, std::uint32_t*);
    int (*fields)(Device, int, FieldValue*);
    int (*mig_mode)(Device, std::uint32_t*, std::uint32_t*);
};

}  // namespace nvml

/// The library, loaded and initialised until the last owner releases it.
class NvmlLibrary {
   public:
    /// $ALERT_NVML_LIBRARY, else libnvidia-ml.so.1. Throws Error with the remedy.
    static std::shared_ptr<const NvmlLibrary> load();
    ~NvmlLibrary();
    NvmlLibrary(const NvmlLibrary&) = delete;
    NvmlLibrary& operator=(const NvmlLibrary&) = delete;

    /// Calls one of the functions; nvml::kFunctionNotFound if this library lacks it.
    template <class... Parameters, class... Arguments>
    int call(int (*nvml::Functions::*function)(Parameters...), Arguments... arguments) const {
        const auto own = functions_.*function;
        return own != nullptr ? own(arguments...) : nvml::kFunctionNotFound;
    }

    /// What an answer means, and the remedy.
    std::string explain(int answer) const;

   private:
    NvmlLibrary() = default;

    void* handle_ = nullptr;
    bool at_work_ = false;
    nvml::Functions functions_{};
};

}  // namespace alert
