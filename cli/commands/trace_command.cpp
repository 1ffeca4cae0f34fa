#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/commands/measuring_options.h"
#include "cli/commands/options.h"
#include "cli/jobs/trace_job.h"
#include "cli/report/render/csv.h"
#include "cli/report/render/json.h"
#include "cli/report/render/trace_document.h"
#include "cli/terminal/stop_flag.h"
#include "cli/text/format.h"
#include "cli/text/units.h"

namespace alert::cli {

namespace {

using Options = MeasuringOptions<TraceRequest>;

void write_plan(Context& context, const TraceJob& job, Format format) {
    using Planned = PlannedEnvironment;
    static const std::vector<FilledColumn<Planned>> columns = {
        {{"environment", "environment"},
         [](const Planned& planned) { return to_string(planned.environment); }},
        {{"inputs", "inputs", Show::kCount}, &Planned::inputs},
        {{"inputs_stored", "stored", Show::kCount}, &Planned::stored},
        {{"time_s", "time", Show::kDuration}, &Planned::time_s}};
    write_records(context.out, records_of(columns, job.plan()), format, context.style);
    context.reporter.note(
        fmt::format("dry run: nothing was recorded or stored; the trace would take about {}",
                    format_duration(job.seconds_left())));
}

void report_trace(Context& context, const std::string& label, Format format) {
    const db::Store store(context.store, db::Store::Mode::kRead);
    const TraceReport report{.trace = *store.find_trace(label),
                             .recorded = store.trace_inputs(label),
                             .rows = store.trace_summary(label)};
    switch (format) {
        case Format::kTable:
            write_text(context.out, document_of(report), context.style);
            break;
        case Format::kJson:
            write_json(context.out, json_of(report));
            break;
        case Format::kCsv:
            write_csv(context.out, trace_records(report));
            break;
    }
}

int trace(Context& context, Options& options) {
    const StopFlag stop;
    TraceJob job(options.complete(context), options.dry_run, context.reporter, stop.flag());
    return measure(
        context, options.dry_run, [&] { write_plan(context, job, options.format); },
        [&] { return job.record(context.reporter, stop.flag()); },
        [&] { report_trace(context, options.request.label, options.format); });
}

}  // namespace

void add_trace_command(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    TraceRequest& request = options->request;
    CLI::App* command =
        add_command(app, "trace", "Record every configuration on every input, for replays",
                    "  alert trace --models zoo/image --data zoo/image/data/test.pt \\\n"
                    "              --power emulated:server --environment compute@30%-60%");
    add_measured(command, *options);
    command
        ->add_option("--environment", request.environment,
                     "Co-runners: default, compute, memory, ENV@FROM%-TO%[,...], random[:seed=N] "
                     "or a file (default: default)")
        ->type_name("SPEC");
    add_count(
        command, "--inputs", request.inputs, 1,
        "Number of inputs; the data starts over when it ends (default: 1000, or all if fewer)");
    add_seed(command, request.seed);
    add_keeping(command, *options, "trace", "Record", "recorded");
    on_run(command, context, [options](Context& c) { return trace(c, *options); });
}

}  // namespace alert::cli
