#include <fmt/format.h>

#include <memory>

#include "alert/error.h"
#include "cli/commands/commands.h"
#include "cli/commands/goal_options.h"
#include "cli/commands/options.h"
#include "cli/jobs/replay_job.h"
#include "cli/report/render/compare_document.h"
#include "cli/report/render/replay_document.h"
#include "cli/report/render/write_records.h"
#include "cli/terminal/stop_flag.h"

namespace alert::cli {

namespace {

struct Options {
    ReplayRequest request;
    Format format = Format::kTable;
};

void check_goals(const ReplayRequest& request) {
    const bool given = request.deadline_s || request.accuracy || request.energy_j ||
                       request.period_s || request.objective;
    if (given && !request.grid.empty()) {
        throw RequestError(fmt::format(
            "--grid {}: the grid sets the goals; leave out --deadline, --accuracy, --energy, "
            "--objective and --period",
            request.grid));
    }
}

/// One goal setting as a line for each scheme, several as a comparison of the schemes.
void write_replays(Context& context, const std::vector<db::RunResult>& replays,
                   const ReplayRequest& request, Format format) {
    if (format != Format::kTable) {
        write_records(context.out, replay_records(replays), format, context.style);
        return;
    }
    write_text(
        context.out,
        request.grid.empty() ? document_of(replays) : document_of(compare(replays, {}), false),
        context.style);
}

int replay(Context& context, Options& options) {
    ReplayRequest& request = options.request;
    request.store = context.store;
    check_goals(request);
    const StopFlag stop;
    ReplayJob job(request, context.reporter);
    const std::vector<db::RunResult> replays = job.execute(context.reporter, stop.flag());
    if (replays.empty()) {
        context.reporter.note("interrupted; nothing was stored");
        return kInterrupted;
    }
    write_replays(context, replays, request, options.format);
    return kDone;
}

}  // namespace

void add_replay_command(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    ReplayRequest& request = options->request;
    CLI::App* command =
        add_command(app, "replay", "Replay schemes over a trace, offline and deterministically",
                    "  alert replay --deadline 10ms --accuracy 90% --scheme all\n"
                    "  alert replay --trace busy --grid paper --scheme alert --scheme oracle");
    command->add_option("--trace", request.trace, "Trace to replay (default: the newest)")
        ->type_name("LABEL");
    command->add_option("--profile", request.profile, "Profile to decide by (default: the newest)")
        ->type_name("LABEL");
    command
        ->add_option("--scheme", request.schemes,
                     "alert, alert-trad, alert-any, alert-star, app-only, sys-only, no-coord, "
                     "oracle, oracle-timely, oracle-causal, oracle-static, "
                     "fixed:MODEL[/STAGE]@SETTING or all; may be repeated (default: alert)")
        ->type_name("NAME...");
    command
        ->add_option("--grid", request.grid,
                     "Many goal settings at once: paper, or a CSV file with the columns "
                     "objective, deadline, accuracy, energy, period")
        ->type_name("FILE");
    add_goals(command, request);
    add_estimator(command, request.estimator);
    add_window(command, request.window);
    add_count(command, "--inputs", request.inputs, 1,
              "Number of inputs; the trace starts over when it ends (default: all it has)");
    command->add_flag("--keep-inputs", request.keep_inputs, "Store every input of every replay");
    command->add_option("--label", request.label, "Name of these replays")
        ->type_name("NAME")
        ->capture_default_str();
    add_format(command, options->format);
    on_run(command, context, [options](Context& c) { return replay(c, *options); });
}

}  // namespace alert::cli
