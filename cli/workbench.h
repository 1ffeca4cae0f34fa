#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"
#include "db/store.h"
#include "profiler/engine/engine.h"
#include "profiler/family.h"
#include "profiler/power/platform.h"
#include "profiler/sweep.h"
#include "profiler/warm_up.h"

/// What `profile`, `trace` and `run` have in common: networks, data and a platform, checked against
/// one another before anything on the machine is changed.
namespace alert::cli {

struct Workbench {
    std::unique_ptr<Engine> engine;  // outlives the networks
    DataSet data;
    std::vector<std::unique_ptr<Network>> networks;
    std::vector<std::optional<NetworkForm>> forms;  ///< of the networks
    int classes = 0;
    std::vector<std::string> doubts;  ///< about networks, one line each; they were warned of
};

/// The models of a profile or trace and the machine that they were tried on: there, the forms that
/// were found need no other trial.
struct KnownForms {
    const db::Machine& machine;
    std::span<const db::ModelRow> models;
};

/// What a workbench is to hold.
struct BenchRequest {
    std::span<const ModelFile> models;
    std::filesystem::path data;
    EngineOptions options;
    int top = 1;  ///< see DataSet
    /// What named the networks, in front of what is refused of them.
    std::string models_from = "--models";
    std::optional<KnownForms> known = {};
};

/// Opens the engine, reads the data and loads every network; each answers one input, on a CPU
/// after a trial where its form is not known. Progress, what trials find and what networks print
/// are reported. Throws RequestError: files that are not what they should be, shapes or types that
/// do not fit, NaN scores, numbers of classes that differ or do not hold the labels; and
/// Interrupted.
Workbench open_workbench(const BenchRequest& request, Reporter& reporter,
                         const std::atomic<bool>& stop);

/// Shows as a progress line which of the models is being warmed up.
WarmUpWatch warm_up_progress(Reporter& reporter, const std::vector<ModelFile>& models);

/// The file that --data names, absolute. Throws RequestError that names it as it was written: not
/// there, a folder.
std::filesystem::path data_file(const std::string& given);

/// Of the first `inputs` of the data, which starts over when it ends; empty where it has no groups.
std::vector<std::size_t> group_sizes(const DataSet& data, std::size_t inputs);

/// `--settings`, parsed by its own units: "40W,60W", "40W:100W:20W+1t,2t", "+1t,2t" or, as the
/// settings of a joined knob are stored, "40W+1t,40W+2t". Throws RequestError.
std::optional<SettingsSelection> parse_settings(const std::string& text);

/// The power knob that is asked for; where it is not ("auto"), that of the profile or trace stored.
template <class Row>
const std::string& power_spec(const std::string& asked, const std::optional<Row>& stored) {
    return stored && asked == "auto" ? stored->power_spec : asked;
}

/// Throws RequestError where --threads is given beside a knob that sets the threads itself.
void check_threads(std::string_view power, std::optional<std::int64_t> threads);

/// Does the work that changes the knob's settings, adds to the doubts what another program moved of
/// them and whether a CPU quota held us back, warns of it, and restores what the knob changed,
/// whatever the work throws. What could not be restored is told as shell commands: thrown as an
/// Error or, where the work failed, reported.
void use_knob(PowerKnob& knob, Reporter& reporter, std::vector<std::string>& doubts,
              const std::function<void()>& work);

/// What the store keeps of a network of the workbench.
db::ModelRow model_record(const ModelFile& file, const Workbench& bench, std::size_t network,
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

/// The doubt where other programs took a share of the processor that is not small; `again` is what
/// to do again.
std::optional<std::string> disturbance(double others_busy, std::string_view again);

/// The doubt where more threads compute than this program may use CPUs.
std::optional<std::string> crowding(int threads);

/// Warns of the doubt and adds it to those that are stored, where there is one.
void add_doubt(const std::optional<std::string>& doubt, Reporter& reporter,
               std::vector<std::string>& doubts);

/// The store, where there is one already; a dry run only reads it. Throws RequestError where it
/// could not be written later.
std::optional<db::Store> store_if_there(const std::filesystem::path& file, bool dry_run);

/// "2026-11-23T20:01:02Z"
std::string utc_now();

}  // namespace alert::cli
