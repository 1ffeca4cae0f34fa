#include "cli/commands/report_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "alert/error.h"
#include "cli/commands/commands.h"
#include "cli/commands/options.h"
#include "cli/report/comparable_runs.h"
#include "cli/report/render/compare_document.h"
#include "cli/report/render/csv.h"
#include "cli/report/render/html.h"
#include "cli/report/render/json.h"
#include "cli/report/render/profile_document.h"
#include "cli/report/render/profile_figures.h"
#include "cli/report/render/run_document.h"
#include "cli/report/render/run_figures.h"
#include "cli/report/render/run_records.h"
#include "cli/terminal/output_file.h"
#include "cli/text/suggest.h"
#include "db/store.h"

namespace alert::cli {
namespace {

enum class Kind { kEither, kProfile, kRun, kCompare };
enum class Writer { kTable, kJson, kCsv, kHtml };

struct Options {
    Kind kind = Kind::kEither;
    std::vector<std::string> labels;  ///< none: the newest
    Writer writer = Writer::kTable;
    std::string output;
    bool full = false;
    bool check = false;
    bool last = false;
    std::optional<double> miss_limit;  ///< none: each run's own
    CompareRequest compare;
};

/// What is to be reported, in the order asked for.
struct Subjects {
    std::vector<std::int64_t> runs;
    std::vector<std::string> profiles;
};

/// The reports of all subjects; runs keep what their plots are drawn from.
struct Reports {
    std::vector<RunReport> runs;
    std::vector<std::vector<db::RunInput>> inputs;  ///< of each run; only for the web page
    std::vector<ProfileReport> profiles;
};

std::string listed(const std::vector<std::string>& labels) {
    constexpr std::size_t kMost = 10;
    const std::size_t shown = std::min(kMost, labels.size());
    // Newest last: the latest ones are the most likely to be meant.
    const std::vector<std::string> newest(labels.end() - static_cast<std::ptrdiff_t>(shown),
                                          labels.end());
    return labels.empty()
               ? "none"
               : fmt::format("{}{}", shown < labels.size() ? "..., " : "", fmt::join(newest, ", "));
}

std::vector<std::string> run_labels(const db::Store& store) {
    std::vector<std::string> labels;
    for (const std::int64_t id : store.run_ids()) {
        std::string label = store.find_run(id)->label;
        if (!label.empty() && std::find(labels.begin(), labels.end(), label) == labels.end()) {
            labels.push_back(std::move(label));
        }
    }
    return labels;
}

std::vector<std::string> profile_labels(const db::Store& store) {
    std::vector<std::string> labels;
    for (const db::ProfileRow& profile : store.profiles()) {
        labels.push_back(profile.label);
    }
    return labels;
}

[[noreturn]] void refuse_label(const db::Store& store, Kind kind, const std::string& label) {
    const auto runs = kind == Kind::kProfile ? std::vector<std::string>{} : run_labels(store);
    const auto profiles = kind == Kind::kRun ? std::vector<std::string>{} : profile_labels(store);
    std::vector<std::string> all = runs;
    all.insert(all.end(), profiles.begin(), profiles.end());
    std::string there;
    if (kind != Kind::kProfile) {
        there += "runs: " + listed(runs);
    }
    if (kind != Kind::kRun) {
        there += (there.empty() ? "profiles: " : "; profiles: ") + listed(profiles);
    }
    if (kind != Kind::kProfile && !store.results(label).empty()) {
        throw RequestError(
            fmt::format("--label {}: these replays were stored without their inputs; see `alert "
                        "report compare --label {}`, or "
                        "replay with --keep-inputs",
                        label, label));
    }
    throw RequestError(
        fmt::format("--label {}: not in the store{}; {}", label, did_you_mean(label, all), there));
}

void add_labelled(Subjects& subjects, const db::Store& store, Kind kind, const std::string& label) {
    const auto runs = kind == Kind::kProfile ? std::vector<std::int64_t>{} : store.run_ids(label);
    if (!runs.empty()) {
        subjects.runs.push_back(runs.back());
    } else if (kind != Kind::kRun && store.find_profile(label)) {
        subjects.profiles.push_back(label);
    } else {
        refuse_label(store, kind, label);
    }
}

void add_newest(Subjects& subjects, const db::Store& store, Kind kind,
                const std::filesystem::path& file) {
    const auto runs = kind == Kind::kProfile ? std::vector<std::int64_t>{} : store.run_ids();
    if (!runs.empty()) {
        subjects.runs.push_back(runs.back());
        return;
    }
    if (kind == Kind::kRun) {
        throw RequestError(fmt::format(
            "{}: no run is stored yet; make one with `alert run` (`alert report compare` shows "
            "replays)",
            file.string()));
    }
    const auto profiles = profile_labels(store);
    if (profiles.empty()) {
        throw RequestError(
            fmt::format("{}: nothing is stored yet; begin with `alert profile`", file.string()));
    }
    subjects.profiles.push_back(profiles.back());
}

Subjects subjects_of(const Options& options, const db::Store& store,
                     const std::filesystem::path& file) {
    Subjects subjects;
    for (const std::string& label : options.labels) {
        add_labelled(subjects, store, options.kind, label);
    }
    if (options.labels.empty()) {
        add_newest(subjects, store, options.kind, file);
    }
    if (options.writer == Writer::kCsv && !subjects.runs.empty() && !subjects.profiles.empty()) {
        throw RequestError(
            "--format csv: runs and profiles have different columns; report them separately");
    }
    return subjects;
}

/// The figures as stored; with another limit judged anew.
db::RunSummaryRow summary_of(const db::Store& store, const db::RunRow& run,
                             std::optional<double> miss_limit) {
    db::RunSummaryRow summary = store.run_summary(run.id);
    if (miss_limit) {
        summary.miss_limit = *miss_limit;
        judge(summary, db::goal_of(run), *miss_limit);
    }
    return summary;
}

Reports reports_on(const db::Store& store, const Subjects& subjects,
                   std::optional<double> miss_limit = {}) {
    Reports reports;
    for (const std::int64_t id : subjects.runs) {
        const db::RunRow run = store.find_run(id).value();
        const auto profile = store.find_profile(run.profile);
        std::vector<db::RunInput> inputs = store.run_inputs(id);
        reports.runs.push_back(report_on(run, summary_of(store, run, miss_limit),
                                         profile ? profile->fail_accuracy : 0, inputs));
        reports.inputs.push_back(std::move(inputs));
    }
    for (const std::string& label : subjects.profiles) {
        const db::ProfileRow profile = store.find_profile(label).value();
        reports.profiles.push_back(
            report_on(profile, store.profile_summary(label), store.samples(profile.id)));
    }
    return reports;
}

void write_documents(std::ostream& out, const Reports& reports, bool full,
                     const TableStyle& style) {
    std::string_view gap;
    for (const RunReport& report : reports.runs) {
        out << gap;
        write_text(out, document_of(report), style);
        gap = "\n\n";
    }
    for (const ProfileReport& report : reports.profiles) {
        out << gap;
        write_text(out, document_of(report, full), style);
        gap = "\n\n";
    }
}

void write_page(std::ostream& out, const Reports& reports, bool full) {
    std::vector<Document> documents;
    for (std::size_t i = 0; i < reports.runs.size(); ++i) {
        documents.push_back(document_of(reports.runs[i]));
        documents.back().figures = figures_of(reports.runs[i], reports.inputs[i]);
    }
    for (const ProfileReport& report : reports.profiles) {
        documents.push_back(document_of(report, full));
        documents.back().figures = figures_of(report);
    }
    write_html(out, documents);
}

/// One object for one report, else an array.
void write_json_reports(std::ostream& out, const Reports& reports) {
    Json array = Json::array();
    for (const RunReport& report : reports.runs) {
        array.push_back(json_of(report));
    }
    for (const ProfileReport& report : reports.profiles) {
        array.push_back(json_of(report));
    }
    write_json(out, array.size() == 1 ? array.front() : array);
}

void write(std::ostream& out, const Reports& reports, Writer writer, bool full,
           const TableStyle& style) {
    switch (writer) {
        case Writer::kTable:
            return write_documents(out, reports, full, style);
        case Writer::kJson:
            return write_json_reports(out, reports);
        case Writer::kCsv:
            return write_csv(out, reports.runs.empty() ? configuration_records(reports.profiles)
                                                       : summary_records(reports.runs));
        case Writer::kHtml:
            return write_page(out, reports, full);
    }
}

Writer writer_for(Format format) {
    switch (format) {
        case Format::kTable:
            return Writer::kTable;
        case Format::kJson:
            return Writer::kJson;
        case Format::kCsv:
            break;
    }
    return Writer::kCsv;
}

void write(std::ostream& out, const Comparison& comparison, Writer writer, bool full,
           const TableStyle& style) {
    switch (writer) {
        case Writer::kTable:
            return write_text(out, document_of(comparison, full), style);
        case Writer::kJson:
            return write_json(out, json_of(comparison, full));
        case Writer::kCsv:
            return write_csv(out, comparison_records(comparison, full));
        case Writer::kHtml:
            return write_html(out, std::array{document_of(comparison, full)});
    }
}

/// To stdout, or to --output.
template <class Report>
void emit(Context& context, const Options& options, const Report& report) {
    if (options.output.empty() || descriptor_named(options.output) == STDOUT_FILENO) {
        write(context.out, report, options.writer, options.full, context.style);
    } else {
        std::ostringstream text;
        write(text, report, options.writer, options.full, TableStyle{});
        write_file(options.output, text.view());
        context.reporter.note("wrote " + options.output);
    }
}

void check_kind_options(const Options& options) {
    if (options.kind == Kind::kProfile && options.miss_limit) {
        throw RequestError(
            "--miss-limit is only for `alert report run` and `alert report compare`");
    }
    if (options.kind != Kind::kCompare && !options.compare.schemes.empty()) {
        throw RequestError("--scheme is only for `alert report compare`");
    }
    if (options.kind != Kind::kCompare && !options.compare.normalise_to.empty()) {
        throw RequestError("--normalise-to is only for `alert report compare`");
    }
}

int report(Context& context, const Options& options) {
    check_kind_options(options);
    const db::Store store(context.store, db::Store::Mode::kRead);
    bool violated = false;
    if (options.kind == Kind::kCompare) {
        std::vector<db::RunResult> runs =
            options.last ? newest_comparable_runs(store) : comparable_runs(store, options.labels);
        if (options.miss_limit) {
            judge_by(*options.miss_limit, runs);
        }
        const Comparison comparison = compare(runs, options.compare);
        emit(context, options, comparison);
        violated = comparison.violated;
    } else {
        const Reports reports =
            reports_on(store, subjects_of(options, store, context.store), options.miss_limit);
        emit(context, options, reports);
        violated = std::any_of(reports.runs.begin(), reports.runs.end(),
                               [](const RunReport& r) { return r.summary.violated; });
    }
    return options.check && violated ? kConstraintViolated : kDone;
}

}  // namespace

void report_profile(Context& context, std::string_view label, Format format) {
    const db::Store store(context.store, db::Store::Mode::kRead);
    write(context.out, reports_on(store, {.runs = {}, .profiles = {std::string(label)}}),
          writer_for(format), false, context.style);
}

void report_run(Context& context, std::int64_t run_id) {
    const db::Store store(context.store, db::Store::Mode::kRead);
    write(context.out, reports_on(store, {.runs = {run_id}, .profiles = {}}), Writer::kTable, false,
          context.style);
}

void add_report_command(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    CLI::App* command = add_command(app, "report", "Report the results of runs and profiles",
                                    "  alert report\n"
                                    "  alert report run --label adaptive --label fixed --check\n"
                                    "  alert report profile --format html --output profile.html\n"
                                    "  alert report compare --normalise-to oracle");
    add_choice<Kind>(
        command, "WHAT", options->kind,
        {{"profile", Kind::kProfile}, {"run", Kind::kRun}, {"compare", Kind::kCompare}},
        "What to report: profile, run, or compare (runs and replays side by side) "
        "(default: the newest run, else the newest profile)");
    CLI::Option* labels =
        command
            ->add_option(
                "--label", options->labels,
                "Label of a run or profile; may be repeated (default of compare: all runs)")
            ->type_name("NAME...");
    command
        ->add_flag("--last", options->last,
                   "The newest one (default); with compare: all that have the newest label")
        ->excludes(labels);
    CLI::Option* format = add_choice<Writer>(command, "--format", options->writer,
                                             {{"table", Writer::kTable},
                                              {"json", Writer::kJson},
                                              {"csv", Writer::kCsv},
                                              {"html", Writer::kHtml}},
                                             "Format of the report (default: table)");
    command
        ->add_flag_callback(
            "--json", [o = options.get()] { o->writer = Writer::kJson; }, "Short for --format json")
        ->excludes(format);
    command->add_option("--output", options->output, "Write to this file instead of stdout")
        ->type_name("FILE");
    command->add_flag("--full", options->full,
                      "Show every configuration of a profile, every setting of a comparison");
    command
        ->add_option("--scheme", options->compare.schemes,
                     "Compare only these and the one normalised to; may be repeated")
        ->type_name("NAME...");
    command
        ->add_option(
            "--normalise-to", options->compare.normalise_to,
            "The scheme that the others are compared with; of several, such as "
            "app-only,sys-only, the best in each setting (default: oracle, else the first)")
        ->type_name("NAME");
    add_quantity(command, "--miss-limit", options->miss_limit, Dimension::kPercentage,
                 "Judge anew: the deadline counts as violated when more of the inputs missed it "
                 "(default: as the run was given); 1% is judged, too");
    command->add_flag("--check", options->check,
                      "Exit with code 3 if a reported run violated a goal");
    on_run(command, context, [options](Context& c) { return report(c, *options); });
}

}  // namespace alert::cli
