#pragma once

#include <string>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/commands/options.h"
#include "cli/jobs/origin.h"
#include "cli/jobs/settings.h"
#include "cli/report/render/write_records.h"
#include "cli/text/units.h"

/// What `profile` and `trace` have in common on the command line.
namespace alert::cli {

/// The request, and those parts of it that stay text until the work begins.
template <class Request>
struct MeasuringOptions {
    Request request;
    std::vector<std::string> models;
    std::string data, settings;
    bool dry_run = false;
    Format format = Format::kTable;

    /// The request with everything in it. Throws RequestError.
    const Request& complete(const Context& context) {
        request.models = {models.begin(), models.end()};
        request.data = data_file(data);
        request.settings = parse_settings(settings);
        request.store = context.store;
        return request;
    }
};

/// --models, --data, --power, --settings, --rest, --threads and --device.
template <class Request>
void add_measured(CLI::App* command, MeasuringOptions<Request>& options) {
    Request& request = options.request;
    command->add_option("--models", options.models, "TorchScript files, or folders of them")
        ->required()
        ->type_name("PATH...");
    command->add_option("--data", options.data, "Inputs and labels, saved by torch.save")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--power", request.power,
                     "Power knob: auto, rapl, cpufreq, nvml, emulated[:NAME|FILE], quota or none; "
                     "KNOB+threads varies the number of threads, too")
        ->type_name("SPEC")
        ->capture_default_str();
    command
        ->add_option("--settings", options.settings,
                     "Power settings: 40W,60W or LOW:HIGH:STEP; with threads: 40W,60W+1t,2t "
                     "(default: the knob's own)")
        ->type_name("LIST|RANGE");
    add_quantity(command, "--rest", request.rest_s, Dimension::kIdleTime,
                 "Idle time before a timed inference, with groups before each group: about the "
                 "period you mean to run with, less the latency; 0s: none (default: 20ms)");
    add_count(command, "--threads", request.threads, 1,
              "Number of threads of an inference (default: 1)", kMostThreads);
    command->add_option("--device", request.device, "Where networks run: cpu, cuda or cuda:N")
        ->type_name("DEVICE")
        ->capture_default_str();
}

/// --label, --fresh, --dry-run and --format. `what` is the result ("profile"); `anew` and
/// `done` are the verb: "Measure", "measured".
template <class Request>
void add_keeping(CLI::App* command, MeasuringOptions<Request>& options, const std::string& what,
                 const std::string& anew, const std::string& done) {
    Request& request = options.request;
    command->add_option("--label", request.label, "Name of the " + what)
        ->type_name("NAME")
        ->capture_default_str();
    command->add_flag("--fresh", request.fresh,
                      anew + " anew; an existing " + what + " of this name is renamed");
    command->add_flag("--dry-run", options.dry_run,
                      "Show what would be " + done + " and how long it would take");
    add_format(command, options.format);
}

/// Runs a job. A dry run shows the `plan`. Otherwise the `work` is done, which returns false if it
/// was interrupted, and the `report` is shown. Returns an ExitCode.
template <class Plan, class Work, class Report>
int measure(Context& context, bool dry_run, const Plan& plan, const Work& work,
            const Report& report) {
    if (dry_run) {
        plan();
        return kDone;
    }
    if (!work()) {
        context.reporter.note("interrupted; the same command resumes it");
        return kInterrupted;
    }
    report();
    return kDone;
}

}  // namespace alert::cli
