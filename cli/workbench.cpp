#include "cli/workbench.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <sstream>
#include <utility>

#include "cli/naming.h"
#include "cli/origin.h"
#include "cli/units.h"
#include "core/error.h"
#include "profiler/power/cgroup.h"
#include "profiler/power/sysfs.h"
#include "profiler/stop.h"

namespace alert::cli {

namespace {

// Others may take this share of the processor before the machine is called not quiet.
constexpr double kQuiet = 0.05;

// Forms that were found here with this LibTorch hold for the same networks; others are found anew.
std::optional<NetworkForm> known_form(const ModelFile& model, const KnownForms& known) {
    for (const db::ModelRow& row : known.models) {
        if (row.name == model.name && row.file_hash == model.hash && row.form) {
            return form_named(*row.form);
        }
    }
    return std::nullopt;
}

std::vector<NetworkFile> files_of(const BenchRequest& request, const Engine& engine) {
    const db::Machine here = this_machine(engine.version());
    const bool hold = request.known && !other_machine(request.known->machine, here) &&
                      !other_libtorch(request.known->machine, here);
    std::vector<NetworkFile> files;
    for (const ModelFile& model : request.models) {
        files.push_back(
            {.file = model.file,
             .form = hold ? known_form(model, *request.known) : std::optional<NetworkForm>()});
    }
    return files;
}

// Adds the next network to the workbench.
void add_network(Workbench& bench, LoadedNetwork loaded, const BenchRequest& request,
                 Reporter& reporter) {
    const ModelFile& model = request.models[bench.networks.size()];
    if (loaded.form) {
        reporter.detail(fmt::format(
            "{}: {}", model.name,
            loaded.trial.empty() ? to_string(*loaded.form) + ", as stored" : loaded.trial));
    }
    if (bench.classes != 0 && loaded.classes != bench.classes) {
        throw RequestError(fmt::format(
            "{} answers {} classes, {} answers {}: one family answers one question; profile "
            "them apart",
            request.models.front().name, bench.classes, model.name, loaded.classes));
    }
    bench.classes = loaded.classes;
    if (loaded.doubt) {
        reporter.warn(*loaded.doubt);
        bench.doubts.push_back(*loaded.doubt);
    }
    bench.forms.push_back(loaded.form);
    bench.networks.push_back(std::move(loaded.network));
}

void load_networks(Workbench& bench, const BenchRequest& request, Reporter& reporter,
                   const std::atomic<bool>& stop) {
    const std::vector<NetworkFile> files = files_of(request, *bench.engine);
    Progress progress(reporter, "loading");
    const auto watch = [&](std::size_t network, std::string_view doing) {
        progress.update(static_cast<double>(network) / static_cast<double>(files.size()), {},
                        fmt::format("{}: {}", request.models[network].name, doing));
    };
    for (LoadedNetwork& loaded : bench.engine->load_networks(files, watch, stop)) {
        add_network(bench, std::move(loaded), request, reporter);
    }
    if (request.top >= bench.classes) {
        throw RequestError(fmt::format(
            "{} answers {} classes, but its family.json counts an answer right when the label is "
            "among the {} best; mend \"accuracy\" there",
            request.models.front().name, bench.classes, request.top));
    }
}

void check_labels(const DataSet& data, const std::filesystem::path& file, int classes) {
    if (data.labels.empty()) {
        return;
    }
    const auto [least, most] = std::minmax_element(data.labels.begin(), data.labels.end());
    if (*least < 0 || *most >= classes) {
        throw RequestError(fmt::format(
            "--data {}: labels go from {} to {}, but the networks answer {} classes (0 to {})",
            file.string(), *least, *most, classes, classes - 1));
    }
}

std::string cpus_text(double cpus) {
    return fmt::format("{:.4g} {}", cpus, cpus == 1 ? "CPU" : "CPUs");
}

/// The doubt where a quota held the program back: what waited was not the network.
std::optional<std::string> throttling(const std::optional<Throttling>& found) {
    if (!found) {
        return std::nullopt;
    }
    return fmt::format(
        "the quota of {} ({}) held programs back in {} of {} periods, for {} in all; latencies "
        "include these waits: raise the quota or take fewer --threads, and measure again",
        cpus_text(found->cpus), found->limit.string(), found->throttled, found->periods,
        format_duration(found->waited_s));
}

std::string not_restored(const PowerKnob& knob, std::span<const std::string> commands) {
    return fmt::format("{}: not everything could be restored; do it by hand: {}", knob.spec(),
                       fmt::join(commands, "; "));
}

/// Of "40W,60W+1t,2t", and of the pairs "40W+1t,40W+2t", the power settings and the threads.
std::pair<std::string, std::string> sides_of(const std::string& text) {
    std::vector<std::string> values, threads;
    std::istringstream items(text + ",");  // an empty last item is one, too
    for (std::string item; std::getline(items, item, ',');) {
        const std::size_t plus = item.find('+');
        if (plus != std::string::npos) {
            threads.push_back(item.substr(plus + 1));
        }
        if (plus == std::string::npos && dimension_of(item) == Dimension::kThreads) {
            threads.push_back(item);
        } else if (plus != 0) {
            values.push_back(item.substr(0, plus));
        }
    }
    return {fmt::format("{}", fmt::join(values, ",")), fmt::format("{}", fmt::join(threads, ","))};
}

}  // namespace

Workbench open_workbench(const BenchRequest& request, Reporter& reporter,
                         const std::atomic<bool>& stop) {
    Workbench bench;
    EngineOptions options = request.options;
    options.listener = [&reporter](std::string_view line) { reporter.detail(line); };
    bench.engine = open_engine(options);
    heed(stop);
    bench.data = read_data(*bench.engine, request.data, reporter, stop);
    bench.data.top = request.top;
    naming(request.models_from, [&] { load_networks(bench, request, reporter, stop); });
    check_labels(bench.data, request.data, bench.classes);
    return bench;
}

WarmUpWatch warm_up_progress(Reporter& reporter, const std::vector<ModelFile>& models) {
    const auto progress = std::make_shared<Progress>(reporter, "warming up");
    return [progress, &models](std::size_t model) {
        progress->update(static_cast<double>(model) / static_cast<double>(models.size()), {},
                         models[model].name);
    };
}

std::filesystem::path data_file(const std::string& given) {
    std::error_code ignored;
    const std::filesystem::file_status status = std::filesystem::status(given, ignored);
    if (status.type() == std::filesystem::file_type::not_found ||
        std::filesystem::is_directory(status)) {
        throw RequestError(fmt::format(
            "--data {}: {}; name a file of inputs and labels, saved by torch.save", given,
            std::filesystem::is_directory(status) ? "is a folder" : "no such file"));
    }
    return std::filesystem::absolute(given).lexically_normal();
}

std::vector<std::size_t> group_sizes(const DataSet& data, std::size_t inputs) {
    std::vector<std::size_t> sizes;
    for (std::size_t n = 0; n < (data.groups.empty() ? 0 : inputs); ++n) {
        const std::size_t here = n % data.size;
        if (here == 0 || data.groups[here] != data.groups[here - 1]) {
            sizes.push_back(0);
        }
        ++sizes.back();
    }
    return sizes;
}

std::optional<SettingsSelection> parse_settings(const std::string& text) {
    if (text.empty()) {
        return std::nullopt;
    }
    SettingsSelection selection{.unit = {}, .values = {}, .text = text};
    const auto [values, threads] = sides_of(text);
    if (!threads.empty()) {
        for (const double count : parse_quantities("--settings", threads, Dimension::kThreads)) {
            selection.threads.push_back(static_cast<int>(count));
        }
        if (values.empty()) {
            return selection;
        }
    }
    const auto dimension = dimension_of(values);
    if (dimension == Dimension::kPower) {
        selection.unit = SettingsSelection::Unit::kWatts;
    } else if (dimension == Dimension::kFrequency) {
        selection.unit = SettingsSelection::Unit::kHertz;
    } else if (dimension == Dimension::kPercentage) {
        selection.unit = SettingsSelection::Unit::kShare;
    } else {
        throw RequestError(fmt::format(
            "--settings {}: no unit of a power setting; write 40W,60W or 40W:100W:5W (power), "
            "1.2GHz,2.4GHz (frequency) or 25%,50% (quota); threads follow a plus: 40W+1t,2t",
            text));
    }
    selection.values = parse_quantities("--settings", values, *dimension);
    return selection;
}

void check_threads(std::string_view power, std::optional<std::int64_t> threads) {
    if (joins_threads(power) && threads) {
        throw RequestError(
            fmt::format("--threads {}: --power {} sets the threads itself; write --settings +{}t",
                        *threads, power, *threads));
    }
}

void use_knob(PowerKnob& knob, Reporter& reporter, std::vector<std::string>& doubts,
              const std::function<void()>& work) {
    try {
        const ThrottleWatch quotas(sysfs_root(), own_groups());
        work();
        add_doubt(knob.drift(), reporter, doubts);
        add_doubt(throttling(quotas.since()), reporter, doubts);
    } catch (...) {
        if (const auto left = knob.restore(); !left.empty()) {
            reporter.error(not_restored(knob, left));
        }
        throw;
    }
    if (const auto left = knob.restore(); !left.empty()) {
        throw Error(not_restored(knob, left));
    }
}

db::ModelRow model_record(const ModelFile& file, const Workbench& bench, std::size_t network,
                          std::size_t position) {
    db::ModelRow row{.name = file.name,
                     .title = file.title,
                     .file = file.file.string(),
                     .file_hash = file.hash,
                     .stages = bench.networks[network]->stages(),
                     .position = static_cast<int>(position)};
    if (bench.forms[network]) {
        row.form = to_string(*bench.forms[network]);
    }
    return row;
}

db::PowerSettingRow setting_record(const PowerSetting& setting, std::size_t position,
                                   const PowerSetting* reference) {
    db::PowerSettingRow row{.name = setting.name,
                            .position = static_cast<int>(position),
                            .sampled = reference == nullptr};
    if (setting.emulated) {
        row.power_w = setting.emulated->power_w;
        if (reference != nullptr) {
            row.stretch = setting.emulated->stretch / reference->emulated->stretch;
        }
    }
    return row;
}

std::optional<double> energy_resolution_s(const Platform& platform) {
    if (!platform.meter || platform.meter->resolution_s() == 0) {
        return std::nullopt;
    }
    return platform.meter->resolution_s();
}

std::optional<std::string> crowding(int threads) {
    const int allowed = allowed_threads(sysfs_root(), own_groups());
    if (threads <= allowed) {
        return std::nullopt;
    }
    return fmt::format(
        "--threads {}: this program may use {} (its affinity and CPU quota), so that threads wait "
        "for one another; take {} at most",
        threads, cpus_text(allowed), allowed);
}

void add_doubt(const std::optional<std::string>& doubt, Reporter& reporter,
               std::vector<std::string>& doubts) {
    if (doubt) {
        doubts.push_back(*doubt);
        reporter.warn(*doubt);
    }
}

std::optional<std::string> disturbance(double others_busy, std::string_view again) {
    if (others_busy <= kQuiet) {
        return std::nullopt;
    }
    return fmt::format(
        "the machine was not quiet: other programs took {} of the processor; stop them and {} "
        "again with --fresh",
        format_probability(others_busy), again);
}

std::optional<db::Store> store_if_there(const std::filesystem::path& file, bool dry_run) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        if (!dry_run) {
            db::Store::check_writable(file);  // before networks are loaded for a minute
        }
        return {};
    }
    return db::Store(file, dry_run ? db::Store::Mode::kRead : db::Store::Mode::kExisting);
}

std::string utc_now() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

}  // namespace alert::cli
