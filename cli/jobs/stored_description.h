#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/loaded_family.h"
#include "cli/jobs/settings.h"
#include "db/store.h"
#include "profiler/power/platform.h"
#include "profiler/sweep.h"

/// What jobs that measure a family, of a profile or a trace, are asked for and store alike.
namespace alert::cli {

/// What `alert profile` and `alert trace` are both asked for.
struct MeasuringRequest {
    std::vector<std::filesystem::path> models;
    std::filesystem::path data, store;
    std::string power = "auto", device = "cpu", label = "default";
    std::optional<SettingsSelection> settings;
    std::optional<std::int64_t> inputs, threads;
    std::optional<double> rest_s;
    bool fresh = false;
};

/// The power knob that was asked for; if none was ("auto"), that of `stored`, the profile or trace
/// to be resumed (null: there is none).
const std::string& power_spec(const std::string& asked, const db::Description* stored);

/// Loads the networks and the data, for the device and the threads of `described`. Forms that are
/// known from `stored` need no trial. Throws as load_family() does.
LoadedFamily load_described(const Family& family, const MeasuringRequest& request,
                            const db::Description& described, const db::Description* stored,
                            Status& status, const std::atomic<bool>& stop);

/// Fills in the machine, and what counts as a right answer and as none.
void describe_family(const Family& family, const LoadedFamily& loaded, db::Description& row);

/// What the store keeps of a network of the family.
db::ModelRow model_record(const ModelFile& file, const LoadedFamily& loaded, std::size_t network,
                          std::size_t position);

/// What the store keeps of a power setting. `reference` is the setting from whose samples it is
/// derived, null if it has samples of its own.
db::PowerSettingRow setting_record(const PowerSetting& setting, std::size_t position,
                                   const PowerSetting* reference);

/// The update interval of the platform's meter; empty if it has none or no meter.
std::optional<double> energy_resolution_s(const Platform& platform);

/// Fills in the platform. Takes the time that the meter needs for the idle power.
void describe_platform(const Platform& platform, db::Description& row);

/// The store, if there is one already; a dry run only reads it. Throws RequestError if it could not
/// be written later.
std::optional<db::Store> store_if_there(const std::filesystem::path& file, bool dry_run);

/// "2026-11-23T20:01:02Z"
std::string utc_now();

}  // namespace alert::cli
