#include <memory>

#include "cli/commands/commands.h"
#include "cli/commands/goal_options.h"
#include "cli/commands/options.h"
#include "cli/commands/report_command.h"
#include "cli/jobs/run_job.h"
#include "cli/report/render/stored_records.h"
#include "cli/terminal/stop_flag.h"

namespace alert::cli {

namespace {

struct Options {
    RunRequest request;
    bool check = false;
    Format format = Format::kTable;
};

int run(Context& context, Options& options) {
    options.request.store = context.store;
    const StopFlag stop;
    RunJob job(options.request, context.reporter, stop.flag());
    std::optional<RecordStream> rows;
    if (options.format != Format::kTable) {
        rows.emplace(context.out, options.format, stored_columns<db::RunInput>());
    }
    RunRecorder::Print print;
    if (rows) {
        print = [&rows](const db::RunInput& input) { rows->write(stored_row(input)); };
    }
    const bool finished = job.execute(print, context.reporter, stop.flag());
    if (!rows) {
        report_run(context, job.run_id());
    }
    if (!finished) {
        context.reporter.note("interrupted; the inputs so far are stored");
        return kInterrupted;
    }
    const bool violated =
        db::Store(context.store, db::Store::Mode::kRead).run_summary(job.run_id()).violated;
    return options.check && violated ? kConstraintViolated : kDone;
}

}  // namespace

void add_run_command(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    RunRequest& request = options->request;
    CLI::App* command =
        add_command(app, "run", "Execute a workload, choosing network and power for every input",
                    "  alert run --deadline 50ms --accuracy 90%\n"
                    "  alert run --deadline 50ms --energy 2J --environment compute@33%-66%");
    add_goals(command, request);
    command
        ->add_option("--scheme", request.scheme,
                     "alert, alert-trad, alert-any, alert-star, app-only, sys-only, no-coord or "
                     "fixed:MODEL[/STAGE]@SETTING")
        ->type_name("NAME")
        ->capture_default_str();
    add_estimator(command, request.estimator);
    add_window(command, request.window);
    command->add_option("--data", request.data, "Inputs and labels (default: the profile's)")
        ->type_name("FILE");
    add_count(
        command, "--inputs", request.inputs, 1,
        "Number of inputs; the data starts over when it ends (default: 1000, or all if fewer)");
    command->add_option("--profile", request.profile, "Profile to decide by (default: the newest)")
        ->type_name("LABEL");
    command
        ->add_option("--environment", request.environment,
                     "Co-runners: default, compute, memory, ENV@FROM%-TO%[,...], random[:seed=N] "
                     "or a file")
        ->type_name("SPEC")
        ->capture_default_str();
    command->add_option("--label", request.label, "Name of the run")
        ->type_name("NAME")
        ->capture_default_str();
    add_seed(command, request.seed);
    command->add_flag(
        "--pace,!--no-pace", request.paced,
        "Inputs arrive every --period (default), or as soon as the one before is done");
    command->add_flag("--check", options->check, "Exit with code 3 if a goal was violated");
    add_format(command, options->format);
    on_run(command, context, [options](Context& c) { return run(c, *options); });
}

}  // namespace alert::cli
