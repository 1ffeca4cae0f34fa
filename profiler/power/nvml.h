#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/power/guardian.h"
#include "profiler/power/nvml_gpu.h"
#include "profiler/power/power_knob.h"

namespace alert {

/// The limits that a GPU accepts.
struct NvmlRange {
    double least_w = 0, most_w = 0;
};

/// The GPU that CUDA means by `device`. Throws RequestError with the remedy if there is none.
NvmlGpu nvml_gpu(std::string_view device);

/// Throws RequestError with the remedy if the GPU accepts no limits.
NvmlRange nvml_range(const NvmlGpu& gpu);

/// Throws RequestError with the remedy if this process may not set the limit. Asks the driver, by
/// setting the current limit again.
void check_nvml_permission(const NvmlGpu& gpu);

/// Whether this process has the capability that the driver requires (CAP_SYS_ADMIN); changes
/// nothing.
bool may_set_nvml_limits();

/// The power limit of an NVIDIA GPU. The driver may round a limit to whole watts. Persistence mode
/// is left as it is.
class NvmlKnob : public PowerKnob {
   public:
    /// `caps_w` ascend, within nvml_range(). Changes nothing yet. Throws Error if another alert
    /// holds a knob.
    NvmlKnob(NvmlGpu gpu, std::span<const double> caps_w);

    std::string_view spec() const override { return "nvml"; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override;
    std::string current_setting() const override;
    std::optional<std::string> external_change() override;
    std::vector<std::string> restore() override { return guardian_.restore(); }

   private:
    struct Taken {
        std::uint32_t asked_mw, read_back_mw;
    };

    std::uint32_t look();

    std::vector<PowerSetting> settings_;
    std::vector<std::uint32_t> caps_mw_;
    std::optional<Taken> taken_;  // empty if the current limit was not set here
    std::optional<std::string> external_change_;
    NvmlGpu gpu_;  // outlives the guardian: some drivers forget limits with the last user
    Guardian guardian_;
};

/// Sets a GPU's limit unless it is in force already; true if it is in force afterwards.
bool put_back_nvml_limit(const std::string& uuid, std::uint32_t limit_mw) noexcept;

}  // namespace alert
