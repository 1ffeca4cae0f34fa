#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/commands/options.h"
#include "cli/jobs/devices.h"
#include "cli/jobs/knob_trial.h"
#include "cli/report/render/csv.h"
#include "cli/report/render/json.h"
#include "cli/report/render/labels.h"
#include "cli/report/render/write_records.h"
#include "cli/terminal/stop_flag.h"
#include "cli/text/format.h"
#include "cli/text/printable.h"
#include "cli/text/units.h"

namespace alert::cli {

namespace {

struct Options {
    std::string test;
    bool restore = false;
    Format format = Format::kTable;
};

Cell text_cell(const std::string& text) {
    return text.empty() ? Cell() : Cell(text);
}

FilledColumn<Offer> text_column(const char* key, std::string Offer::*member) {
    return {{key}, [member](const Offer& offer) { return text_cell(offer.*member); }};
}

/// For JSON and CSV; columns that a kind does not have stay empty.
const std::vector<FilledColumn<Offer>>& offer_columns() {
    static const std::vector<FilledColumn<Offer>> columns = {
        {{"kind"}, &Offer::kind},
        {{"name"}, &Offer::name},
        text_column("settings", &Offer::settings),
        text_column("range", &Offer::range),
        text_column("current", &Offer::current),
        text_column("covers", &Offer::covers),
        {{"works"}, &Offer::works},
        text_column("remedy", &Offer::remedy),
        {{"least_w"}, &Offer::least_w},
        {{"most_w"}, &Offer::most_w},
        {{"step_w"}, &Offer::step_w},
        {{"current_w"}, &Offer::current_w},
        {{"least_hz"}, &Offer::least_hz},
        {{"most_hz"}, &Offer::most_hz},
        text_column("other_limit", &Offer::other_limit),
        text_column("interfering_daemons", &Offer::interfering_daemons),
        text_column("external_change", &Offer::external_change),
        {{"resolution_s"}, &Offer::resolution_s},
        text_column("resolution_source", &Offer::resolution_source)};
    return columns;
}

Records offer_records(const std::vector<Offer>& offers) {
    return records_of(offer_columns(), offers);
}

/// A name with lines of text beside it, wrapped at the width of the screen.
struct Note {
    std::string name;
    std::vector<std::string> lines;
};

void write_notes(Context& context, const std::vector<Note>& notes) {
    std::size_t indent = 0;
    for (const Note& note : notes) {
        indent = std::max(indent, note.name.size() + 2);
    }
    const int width = std::max(20, context.style.width - static_cast<int>(indent));
    for (const Note& note : notes) {
        std::string name = note.name;
        for (const std::string& text : note.lines) {
            for (const std::string& line : wrapped(text, width)) {
                context.out << fmt::format("{:<{}}{}\n", std::exchange(name, ""), indent, line);
            }
        }
    }
}

Note note_on(const Offer& knob) {
    Note note{knob.name, {}};
    if (!knob.covers.empty()) {
        note.lines.push_back(knob.covers);
    }
    if (!knob.other_limit.empty()) {
        note.lines.push_back(
            fmt::format("also limited by {}; the lower limit wins", knob.other_limit));
    }
    if (!knob.interfering_daemons.empty()) {
        note.lines.push_back(fmt::format("also changed by {}; systemctl stop it before a run",
                                         knob.interfering_daemons));
    }
    if (!knob.external_change.empty()) {
        note.lines.push_back(
            fmt::format("just changed {}: another program (thermald, tuned, the firmware?) sets it",
                        knob.external_change));
    }
    return note;
}

void write_knobs(Context& context, const std::vector<Offer>& knobs) {
    static const std::vector<FilledColumn<Offer>> columns = {
        {{"", "name"}, &Offer::name},
        {{"", "works", Show::kYesNo}, &Offer::works},
        {{"", "default settings", Show::kText, true}, &Offer::settings},
        {{"", "range"}, &Offer::range},
        {{"", "step"},
         [](const Offer& knob) {
             return knob.step_w ? Cell(flag_text(*knob.step_w, Dimension::kPower)) : Cell();
         }},
        {{"", "current"}, &Offer::current}};
    std::vector<Note> notes;
    for (const Offer& knob : knobs) {
        if (Note note = note_on(knob); !note.lines.empty()) {
            notes.push_back(std::move(note));
        }
    }
    notes.push_back({"+threads",
                     {"after any name but emulated: pairs its settings with 1, 2, 4, ... threads, "
                      "such as 40W+2t"}});
    write_heading(context.out, "Power knobs", context.style);
    write_table(context.out, records_of(columns, knobs), context.style);
    context.out << '\n';
    write_notes(context, notes);
}

std::string resolution_text(const Offer& meter) {
    return meter.resolution_s
               ? fmt::format("{}, {}", format_duration(meter.resolution_s), meter.resolution_source)
               : "";
}

void write_text(Context& context, const Devices& devices) {
    write_knobs(context, devices.knobs);
    static const std::vector<FilledColumn<Offer>> meters = {
        {{"", "name"}, &Offer::name},
        {{"", "works", Show::kYesNo}, &Offer::works},
        {{"", "updates every"}, resolution_text},
        {{"", "covers", Show::kText, true}, &Offer::covers}};
    static const std::vector<FilledColumn<Offer>> co_runners = {
        {{"", "name"}, &Offer::name},
        {{"", "works", Show::kYesNo}, &Offer::works},
        {{"", "program"}, &Offer::covers}};
    for (const auto& [heading, table] :
         {std::pair("Energy meters", records_of(meters, devices.meters)),
          std::pair("Co-runners", records_of(co_runners, devices.co_runners))}) {
        context.out << '\n';
        write_heading(context.out, heading, context.style);
        write_table(context.out, table, context.style);
    }
    context.out << '\n';
    write_heading(context.out, "Chosen by --power auto", context.style);
    write_notes(context, {{"", {devices.automatic_why}}});
    std::vector<Note> missing;
    for (const auto* offers : {&devices.knobs, &devices.meters, &devices.co_runners}) {
        for (const Offer& offer : *offers) {
            if (!offer.works) {
                missing.push_back({offer.name, {offer.remedy}});
            }
        }
    }
    if (!missing.empty()) {
        context.out << '\n';
        write_heading(context.out, "What is missing, and the remedy", context.style);
        write_notes(context, missing);
    }
}

void write_devices(Context& context, const Devices& devices, Format format) {
    if (format == Format::kTable) {
        write_text(context, devices);
    } else if (format == Format::kCsv) {
        std::vector<Offer> all = devices.knobs;
        all.insert(all.end(), devices.meters.begin(), devices.meters.end());
        all.insert(all.end(), devices.co_runners.begin(), devices.co_runners.end());
        write_csv(context.out, offer_records(all));
    } else {
        Json json;
        json["knobs"] = to_json(offer_records(devices.knobs));
        json["meters"] = to_json(offer_records(devices.meters));
        json["co_runners"] = to_json(offer_records(devices.co_runners));
        json["auto"] = {{"power", devices.automatic.empty() ? Json() : Json(devices.automatic)},
                        {"why", devices.automatic_why}};
        write_json(context.out, json);
    }
}

int test_knob(Context& context, const Options& options) {
    const StopFlag stop;
    const KnobTrial trial = try_knob(options.test, context.reporter, stop.flag());
    static const std::vector<FilledColumn<TriedSetting>> columns = {
        {{"requested", "requested"}, &TriedSetting::requested},
        {{"current", "current"},
         [](const TriedSetting& tried) { return text_cell(tried.current); }},
        {{"settle_s", "settles in", Show::kDuration}, &TriedSetting::settle_s},
        {{"applied", "applied", Show::kYesNo},
         [](const TriedSetting& tried) { return tried.settle_s.has_value(); }}};
    write_records(context.out, records_of(columns, trial.settings), options.format, context.style);
    if (trial.restored) {
        context.reporter.note(fmt::format("{}: restored", trial.knob));
    }
    if (stop.requested()) {
        return kInterrupted;
    }
    return trial.all_applied() && trial.restored ? kDone : kFailed;
}

int devices(Context& context, const Options& options) {
    if (options.restore) {
        return restore_changes(context.reporter) ? kDone : kFailed;
    }
    if (!options.test.empty()) {
        return test_knob(context, options);
    }
    write_devices(context, look_around(), options.format);
    return kDone;
}

}  // namespace

void add_devices_command(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    CLI::App* command =
        add_command(app, "devices", "Show the power knobs and energy meters of this machine",
                    "  alert devices --test quota");
    CLI::Option* test =
        command
            ->add_option("--test", options->test,
                         "Apply each setting of this knob, read it back, and restore")
            ->type_name("KNOB");
    command->add_flag("--restore", options->restore, "Restore what a killed run left changed")
        ->excludes(test);
    add_format(command, options->format);
    on_run(command, context, [options](Context& c) { return devices(c, *options); });
}

}  // namespace alert::cli
