#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/commands/options.h"
#include "cli/commands/report_command.h"
#include "cli/jobs/origin.h"
#include "cli/jobs/profile_job.h"
#include "cli/jobs/settings.h"
#include "cli/terminal/stop_flag.h"
#include "cli/text/format.h"
#include "cli/text/units.h"
#include "core/error.h"

namespace alert::cli {

namespace {

struct Options {
    ProfileRequest request;
    std::vector<std::string> models;
    std::string data, settings;
    bool dry_run = false;
    Format format = Format::kTable;
};

const std::vector<FilledColumn<PlannedConfiguration>>& plan_columns() {
    using Planned = PlannedConfiguration;
    static const std::vector<FilledColumn<Planned>> columns = {
        {{"model", "model", Show::kText, true}, &Planned::model},
        {{"stages", "stages", Show::kCount}, &Planned::stages},
        {{"power_setting", "setting"}, &Planned::setting},
        {{"samples_stored", "stored", Show::kCount}, &Planned::samples_stored},
        {{"measured", "how"}, &Planned::how},
        {{"seconds", "takes", Show::kDuration}, &Planned::seconds}};
    return columns;
}

void write_plan(Context& context, const ProfileJob& job, Format format) {
    write_records(context.out, records_of(plan_columns(), job.plan()), format, context.style);
    context.reporter.note(
        fmt::format("dry run: nothing was measured or stored; the sweep would "
                    "take about {}",
                    format_duration(job.seconds_left())));
}

int profile(Context& context, Options& options) {
    ProfileRequest& request = options.request;
    request.models = {options.models.begin(), options.models.end()};
    request.data = data_file(options.data);
    request.settings = parse_settings(options.settings);
    request.store = context.store;
    const StopFlag stop;
    ProfileJob job(request, options.dry_run, context.reporter, stop.flag());
    if (options.dry_run) {
        write_plan(context, job, options.format);
        return kDone;
    }
    const bool finished = job.measure(context.reporter, stop.flag());
    if (!finished) {
        context.reporter.note("interrupted; the same command takes up where it stopped");
        return kInterrupted;
    }
    report_profile(context, request.label, options.format);
    return kDone;
}

}  // namespace

void add_profile_command(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    ProfileRequest& request = options->request;
    CLI::App* command =
        add_command(app, "profile", "Measure every network under every power setting",
                    "  alert profile --models zoo/image --data zoo/image/data/test.pt \\\n"
                    "                --power emulated:server --settings 40W:100W:10W");
    add_measuring_options(command, {options->models, options->data, request.power,
                                    options->settings, request.threads, request.device});
    add_count(command, "--inputs", request.inputs, 1,
              "Inputs that each network answers (default: 1000 or all there are)");
    add_count(command, "--warmup", request.warmup, 1,
              "Runs of a network before its first sample (default: until steady)");
    add_quantity(command, "--precision", request.precision, Dimension::kPercentage,
                 "Stop timing a configuration when its mean latency is known this well; all inputs "
                 "are answered for the accuracy; 0: never (default: 5%)");
    command->add_option("--label", request.label, "Name of the profile")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_flag("--fresh", request.fresh,
                      "Measure anew; a profile of this name is kept under another");
    command->add_flag("--dry-run", options->dry_run,
                      "Say what would be measured and how long it would take");
    add_format(command, options->format);
    on_run(command, context, [options](Context& c) { return profile(c, *options); });
}

}  // namespace alert::cli
