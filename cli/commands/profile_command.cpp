#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "alert/error.h"
#include "cli/commands/commands.h"
#include "cli/commands/measuring_options.h"
#include "cli/commands/options.h"
#include "cli/commands/report_command.h"
#include "cli/jobs/profile_job.h"
#include "cli/terminal/stop_flag.h"
#include "cli/text/format.h"
#include "cli/text/units.h"

namespace alert::cli {

namespace {

using Options = MeasuringOptions<ProfileRequest>;

const std::vector<FilledColumn<PlannedConfiguration>>& plan_columns() {
    using Planned = PlannedConfiguration;
    static const std::vector<FilledColumn<Planned>> columns = {
        {{"model", "model", Show::kText, true}, &Planned::model},
        {{"stages", "stages", Show::kCount}, &Planned::stages},
        {{"power_setting", "setting"}, &Planned::setting},
        {{"samples_stored", "stored", Show::kCount}, &Planned::samples_stored},
        {{"action", "action"}, &Planned::action},
        {{"time_s", "time", Show::kDuration}, &Planned::time_s}};
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
    const StopFlag stop;
    ProfileJob job(options.complete(context), options.dry_run, context.reporter, stop.flag());
    return measure(
        context, options.dry_run, [&] { write_plan(context, job, options.format); },
        [&] { return job.measure(context.reporter, stop.flag()); },
        [&] { report_profile(context, options.request.label, options.format); });
}

}  // namespace

void add_profile_command(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    ProfileRequest& request = options->request;
    CLI::App* command =
        add_command(app, "profile", "Measure every network under every power setting",
                    "  alert profile --models zoo/image --data zoo/image/data/test.pt \\\n"
                    "                --power emulated:server --settings 40W:100W:10W");
    add_measured(command, *options);
    add_count(command, "--inputs", request.inputs, 1,
              "Inputs that each network answers (default: 1000, or all if fewer)");
    add_count(
        command, "--warmup", request.warmup, 1,
        "Inferences of a network before its first sample (default: until its latency is steady)");
    add_quantity(
        command, "--precision", request.precision, Dimension::kPercentage,
        "Stop timing a configuration once its mean latency is known this well; accuracy is "
        "measured on all inputs regardless; 0: never stop (default: 5%)");
    add_keeping(command, *options, "profile", "Measure", "measured");
    on_run(command, context, [options](Context& c) { return profile(c, *options); });
}

}  // namespace alert::cli
