#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/power/nvml_library.h"

namespace alert {

/// One NVIDIA GPU as its driver shows it. Reading needs no privilege, and never changes anything.
/// All functions throw Error with the GPU and the remedy if the driver refuses.
class NvmlGpu {
   public:
    /// The GPU that CUDA means by `device`: "cuda:1" is the second of those in
    /// $CUDA_VISIBLE_DEVICES; without a number, it is the first.
    static NvmlGpu of_device(std::string_view device);
    static NvmlGpu with_uuid(const std::string& uuid);

    const std::string& uuid() const { return uuid_; }
    const std::string& name() const { return name_; }

    std::uint32_t limit_mw() const;
    std::uint32_t default_limit_mw() const;

    struct Range {
        std::uint32_t least_mw = 0, most_mw = 0;
    };
    Range limit_range() const;

    /// Whether it is cut into slices (MIG), which have no limits of their own.
    bool sliced() const;

    /// The driver may round the limit: read it back.
    void set_limit_mw(std::uint32_t limit_mw) const;

    /// Energy since the driver was loaded; empty if this GPU does not count it.
    std::optional<std::uint64_t> energy_mj() const;

    /// The current power; if it is not available, the driver's average (over a second on newer
    /// GPUs).
    std::uint32_t power_mw() const;

   private:
    NvmlGpu(std::shared_ptr<const NvmlLibrary> library, nvml::Device device);
    static std::vector<NvmlGpu> all();
    void check(int answer, std::string_view what) const;
    std::uint32_t read(int (*nvml::Functions::*function)(nvml::Device, std::uint32_t*),
                       std::string_view what) const;

    std::shared_ptr<const NvmlLibrary> library_;
    nvml::Device device_;
    std::string uuid_, name_;
};

}  // namespace alert
