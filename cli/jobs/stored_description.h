#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "cli/jobs/loaded_family.h"
#include "db/store.h"
#include "profiler/power/platform.h"
#include "profiler/sweep.h"

/// What a profile and a trace keep of the family, the settings and the platform they measure.
namespace alert::cli {

/// What the store keeps of a network of the workloaded.
db::ModelRow model_record(const ModelFile& file, const LoadedFamily& loaded, std::size_t network,
                          std::size_t position);

/// What the store keeps of a power setting. `reference` is the setting whose samples it follows
/// from by arithmetic, null when it has its own.
db::PowerSettingRow setting_record(const PowerSetting& setting, std::size_t position,
                                   const PowerSetting* reference);

/// What the store keeps of how often the platform's meter moves; empty: at any moment, or none.
std::optional<double> energy_resolution_s(const Platform& platform);

/// What a profile and a trace keep of their platform.
template <class Row>
void describe_platform(const Platform& platform, Row& row) {
    row.power_spec = platform.knob->spec();
    row.platform_json = platform.description_json;
    if (platform.meter) {
        row.energy_source = platform.meter->source();
        row.idle_power_w = idle_power_w(*platform.meter);
    }
}

/// The store, where there is one already; a dry run only reads it. Throws RequestError where it
/// could not be written later.
std::optional<db::Store> store_if_there(const std::filesystem::path& file, bool dry_run);

/// "2026-11-23T20:01:02Z"
std::string utc_now();

}  // namespace alert::cli
