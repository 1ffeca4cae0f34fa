#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "core/error.h"
#include "profiler/clock.h"
#include "profiler/engine/engine.h"
#include "profiler/meter/find_meter.h"
#include "profiler/power/cap_sweep.h"
#include "profiler/power/cpufreq.h"
#include "profiler/power/emulated.h"
#include "profiler/power/journal.h"
#include "profiler/power/nvml.h"
#include "profiler/power/platform.h"
#include "profiler/power/quota.h"
#include "profiler/power/rapl.h"
#include "profiler/power/sysfs.h"
#include "profiler/workload/stress_ng.h"

namespace alert::cli {

namespace {

struct Options {
    std::string test;
    bool restore = false;
    Format format = Format::kTable;
};

/// What this machine offers, one row each; the columns that a kind lacks stay empty.
struct Offers {
    std::vector<Column> columns = {{"kind", ""},
                                   {"name", "name"},
                                   {"settings", "settings"},
                                   {"accepts", "accepts"},
                                   {"now", "now"},
                                   {"covers", "covers", Show::kText, true},
                                   {"works", "works", Show::kYesNo},
                                   {"mend", ""}};
    std::vector<Row> knobs;
    std::vector<Row> meters;
    std::vector<Row> co_runners;
    std::string automatic;      ///< what `auto` picks
    std::string automatic_why;  ///< and why
};

/// "40W:100W:5W" where the steps are even, else the names.
std::string settings_text(const PowerKnob& knob, const EmulatedPlatform& platform) {
    const std::vector<double>& w = platform.settings_w;
    const double step = w.size() > 1 ? w[1] - w[0] : 0;
    bool even = w.size() > 2;
    for (std::size_t i = 1; i < w.size(); ++i) {
        even = even && std::abs(w[i] - w[i - 1] - step) < 1e-9;
    }
    if (even) {
        return fmt::format("{}:{}:{}", knob.settings().front().name, knob.settings().back().name,
                           flag_text(step, Dimension::kPower));
    }
    std::string names;
    for (const PowerSetting& setting : knob.settings()) {
        names += (names.empty() ? "" : ",") + setting.name;
    }
    return names;
}

void add_emulated(Offers& offers) {
    for (const std::string& name : builtin_platform_names()) {
        const EmulatedPlatform platform = load_emulated_platform(name);
        const Platform opened = open_platform("emulated:" + name, {}, "cpu");
        offers.knobs.push_back(
            {"knob",
             std::string(opened.knob->spec()),
             settings_text(*opened.knob, platform),
             fmt::format("above {} up to {}", flag_text(platform.static_w, Dimension::kPower),
                         flag_text(platform.peak_w, Dimension::kPower)),
             {},
             {},
             true,
             {}});
        offers.meters.push_back({"meter",
                                 std::string(opened.meter->source()),
                                 {},
                                 {},
                                 {},
                                 "an imagined processor: computed, not measured",
                                 true,
                                 {}});
    }
}

void add_quota(Offers& offers) {
    Cell now;
    Cell mend;
    try {
        const CpuGroup group = find_cpu_group(sysfs_root(), own_groups());
        now = fmt::format("{:.4g} CPUs", allowed_cpus(group));
        check_quota_permission(group);
    } catch (const RequestError& error) {
        mend = std::string(error.what());
    }
    const bool works = std::holds_alternative<std::monostate>(mend.value);
    offers.knobs.push_back({"knob",
                            "quota",
                            "25%,50%,75%,100%",
                            fmt::format("{:.10g}% to 100%", kLeastQuotaShare * 100),
                            now,
                            {},
                            works,
                            mend});
}

/// "100W:350W:36W".
std::string sweep_text(const std::vector<double>& caps_w) {
    const std::string least = flag_text(caps_w.front(), Dimension::kPower);
    return caps_w.size() == 1
               ? least
               : fmt::format("{}:{}:{}", least, flag_text(caps_w.back(), Dimension::kPower),
                             flag_text(caps_w[1] - caps_w[0], Dimension::kPower));
}

void add_rapl(Offers& offers) {
    const auto packages = find_rapl_packages(sysfs_root());
    Cell settings, accepts, now, covers, mend;
    std::string limits;
    for (const RaplPackage& package : packages) {
        if (package.long_term) {
            limits += fmt::format("{}{}", limits.empty() ? "" : ",",
                                  flag_text(package.long_term->limit_w, Dimension::kPower));
        }
    }
    if (!packages.empty()) {
        covers = describe(packages);
        now = limits;
    }
    try {
        const RaplRange range = rapl_range(packages);
        accepts = fmt::format("{} to {}", flag_text(range.least_w, Dimension::kPower),
                              flag_text(range.most_w, Dimension::kPower));
        settings = sweep_text(rapl_sweep_w(range));
        check_rapl_permission(packages);
    } catch (const RequestError& error) {
        mend = std::string(error.what());
    }
    const bool works = std::holds_alternative<std::monostate>(mend.value);
    offers.knobs.push_back({"knob", "rapl", settings, accepts, now, covers, works, mend});
}

void add_nvml(Offers& offers) {
    Cell settings, accepts, now, covers, mend;
    try {
        const NvmlGpu gpu = nvml_gpu("cuda");
        covers = fmt::format("{} ({})", gpu.name(), gpu.uuid());
        const NvmlRange range = nvml_range(gpu);
        accepts = fmt::format("{} to {}", flag_text(range.least_w, Dimension::kPower),
                              flag_text(range.most_w, Dimension::kPower));
        settings = sweep_text(cap_sweep_w(range.least_w, range.most_w));
        now = flag_text(1e-3 * gpu.limit_mw(), Dimension::kPower);
        covers = fmt::format("{} ({}), default {}", gpu.name(), gpu.uuid(),
                             flag_text(1e-3 * gpu.default_limit_mw(), Dimension::kPower));
        if (!may_set_nvml_limits()) {
            mend =
                "--power nvml: limits are set by root only: run as root (in a container: with "
                "the capability SYS_ADMIN)";
        }
    } catch (const Error& error) {
        mend = std::string(error.what());
    }
    const bool works = std::holds_alternative<std::monostate>(mend.value);
    offers.knobs.push_back({"knob", "nvml", settings, accepts, now, covers, works, mend});
}

void add_meters(Offers& offers) {
    for (const MeterOffer& offer : find_meters()) {
        const bool works = offer.meter != nullptr;
        offers.meters.push_back({"meter",
                                 offer.source,
                                 {},
                                 {},
                                 {},
                                 offer.covers.empty() ? Cell() : Cell(offer.covers),
                                 works,
                                 works ? Cell() : Cell(offer.source + ": " + offer.mend)});
    }
}

#ifdef ALERT_WITH_CPUFREQ
void add_cpufreq(Offers& offers) {
    Cell settings, accepts, now, covers, mend;
    try {
        const auto policies = find_cpufreq_policies();
        const auto khz = cpufreq_sweep_khz(policies);
        if (!khz.empty()) {
            accepts = fmt::format("{} to {}", cpufreq_name(khz.front()), cpufreq_name(khz.back()));
            std::string names;
            for (const std::uint64_t speed : khz) {
                names += (names.empty() ? "" : ",") + cpufreq_name(speed);
            }
            settings = names;
        }
        const auto boost = cpufreq_boost();
        covers = fmt::format("{} policies{}", policies.size(),
                             boost ? (*boost ? ", boost on" : ", boost off") : "");
        now = read_value(policies.front().folder / "scaling_governor").value_or("");
        check_cpufreq_permission(policies);
    } catch (const RequestError& error) {
        mend = std::string(error.what());
    }
    const bool works = std::holds_alternative<std::monostate>(mend.value);
    offers.knobs.push_back({"knob", "cpufreq", settings, accepts, now, covers, works, mend});
}
#endif

Offers look_around() {
    Offers offers;
    add_meters(offers);
    add_rapl(offers);
#ifdef ALERT_WITH_CPUFREQ
    add_cpufreq(offers);
#endif
    add_nvml(offers);
    add_emulated(offers);
    add_quota(offers);
    offers.knobs.push_back({"knob", "none", "default", {}, {}, {}, true, {}});
    const std::string stress_ng = find_stress_ng().string();
    offers.co_runners.push_back(
        {"co-runner",
         "stress-ng",
         {},
         {},
         {},
         stress_ng.empty() ? Cell() : Cell(stress_ng),
         !stress_ng.empty(),
         stress_ng.empty() ? Cell("stress-ng: not there; apt-get install stress-ng") : Cell()});
    const Platform automatic = open_platform("auto", {}, "cpu");
    offers.automatic = automatic.knob->spec();
    offers.automatic_why = automatic.why;
    return offers;
}

void write_text(Context& context, const Offers& offers) {
    const auto part = [&](const char* heading, const std::vector<Row>& rows) {
        write_heading(context.out, heading, context.style);
        write_table(context.out, {offers.columns, rows}, context.style);
        context.out << '\n';
    };
    part("Power knobs", offers.knobs);
    part("Energy meters", offers.meters);
    part("Co-runners", offers.co_runners);
    context.out << offers.automatic_why << '\n';
    for (const auto* rows : {&offers.knobs, &offers.meters, &offers.co_runners}) {
        for (const Row& row : *rows) {
            if (const auto* mend = std::get_if<std::string>(&row.back().value)) {
                context.out << *mend << '\n';
            }
        }
    }
}

void write_offers(Context& context, const Offers& offers, Format format) {
    if (format == Format::kTable) {
        write_text(context, offers);
        return;
    }
    Records all{offers.columns, offers.knobs};
    all.rows.insert(all.rows.end(), offers.meters.begin(), offers.meters.end());
    all.rows.insert(all.rows.end(), offers.co_runners.begin(), offers.co_runners.end());
    if (format == Format::kCsv) {
        write_csv(context.out, all);
        return;
    }
    Json json;
    json["knobs"] = to_json({offers.columns, offers.knobs});
    json["meters"] = to_json({offers.columns, offers.meters});
    json["co_runners"] = to_json({offers.columns, offers.co_runners});
    json["auto"] = {{"power", offers.automatic}, {"why", offers.automatic_why}};
    write_json(context.out, json);
}

int tell_failures(Context& context, const std::vector<std::string>& commands) {
    for (const std::string& command : commands) {
        context.reporter.error("could not be put back; as root: " + command);
    }
    return commands.empty() ? kDone : kFailed;
}

/// Where a control has vanished neither can be read; setting it has told so.
std::string standing_of(const PowerKnob& knob) {
    try {
        return knob.standing();
    } catch (const Error&) {
        return "";
    }
}

std::optional<std::string> drift_of(PowerKnob& knob) {
    try {
        return knob.drift();
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// Sets each setting, reads it back, and puts back what was found.
int test_knob(Context& context, const Options& options) {
    const auto engine = joins_threads(options.test) ? open_engine({}) : nullptr;
    const Platform platform = open_platform(options.test, {}, "cpu", engine.get());
    PowerKnob& knob = *platform.knob;
    Records records{{{"requested", "requested"},
                     {"stands", "stands"},
                     {"settle_s", "settles in", Show::kDuration},
                     {"took", "took", Show::kYesNo}},
                    {}};
    bool all_took = true;
    const StopFlag stop;
    for (std::size_t i = 0; i < knob.settings().size() && !stop.requested(); ++i) {
        bool took = true;
        const double start_s = now_s();
        try {
            knob.apply(i);
        } catch (const Error& error) {
            took = all_took = false;
            context.reporter.error(error.what());
        }
        const std::string stands = standing_of(knob);
        records.rows.push_back({knob.settings()[i].name, stands.empty() ? Cell() : Cell(stands),
                                took ? Cell(now_s() - start_s) : Cell(), took});
    }
    if (const auto drift = drift_of(knob)) {
        context.reporter.warn(*drift);
    }
    const int restored = tell_failures(context, knob.restore());
    write_records(context.out, records, options.format, context.style);
    if (restored == kDone) {
        context.reporter.note(fmt::format("{}: put back as it was found", knob.spec()));
    }
    if (stop.requested()) {
        return kInterrupted;
    }
    return all_took ? restored : kFailed;
}

int restore(Context& context) {
    const RestoreReport report = restore_left_behind();
    if (!report.journal) {
        context.reporter.note("nothing was left changed");
        return kDone;
    }
    context.reporter.note(fmt::format("process {} had died with {}: {} of {} changes put back",
                                      report.journal->pid, report.journal->knob,
                                      report.journal->actions.size() - report.failures.size(),
                                      report.journal->actions.size()));
    return tell_failures(context, report.failures);
}

int devices(Context& context, const Options& options) {
    if (options.restore) {
        return restore(context);
    }
    if (!options.test.empty()) {
        return test_knob(context, options);
    }
    write_offers(context, look_around(), options.format);
    return kDone;
}

}  // namespace

void add_devices_command(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    CLI::App* command =
        add_command(app, "devices", "Show the power knobs and energy meters of this machine",
                    "  alert devices --test quota");
    CLI::Option* test = command
                            ->add_option("--test", options->test,
                                         "Set each setting of this knob, read it back, and restore")
                            ->type_name("KNOB");
    command
        ->add_flag("--restore", options->restore,
                   "Put back what a run that was killed has left changed")
        ->excludes(test);
    add_format(command, options->format);
    on_run(command, context, [options](Context& c) { return devices(c, *options); });
}

}  // namespace alert::cli
