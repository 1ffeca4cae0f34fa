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

/// Of JSON and CSV; the columns that a kind lacks stay empty.
const std::vector<FilledColumn<Offer>>& offer_columns() {
    static const std::vector<FilledColumn<Offer>> columns = {
        {{"kind"}, &Offer::kind},
        {{"name"}, &Offer::name},
        text_column("settings", &Offer::settings),
        text_column("accepts", &Offer::accepts),
        text_column("now", &Offer::now),
        text_column("covers", &Offer::covers),
        {{"works"}, &Offer::works},
        text_column("mend", &Offer::mend),
        {{"least_w"}, &Offer::least_w},
        {{"most_w"}, &Offer::most_w},
        {{"step_w"}, &Offer::step_w},
        {{"now_w"}, &Offer::now_w},
        {{"least_hz"}, &Offer::least_hz},
        {{"most_hz"}, &Offer::most_hz},
        text_column("twin", &Offer::twin),
        text_column("moved_by", &Offer::moved_by),
        text_column("moved", &Offer::moved),
        {{"resolution_s"}, &Offer::resolution_s},
        text_column("resolution_from", &Offer::resolution_from)};
    return columns;
}

Records offer_records(const std::vector<Offer>& offers) {
    return records_of(offer_columns(), offers);
}

/// A name, and lines of text beside it that are as long as the screen is wide.
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
    if (!knob.twin.empty()) {
        note.lines.push_back(
            fmt::format("the same is limited by {}; the lower limit wins", knob.twin));
    }
    if (!knob.moved_by.empty()) {
        note.lines.push_back(
            fmt::format("moved by {} as well; systemctl stop it before a run", knob.moved_by));
    }
    if (!knob.moved.empty()) {
        note.lines.push_back(fmt::format(
            "just moved {}: another program (thermald, tuned, the firmware?) sets it", knob.moved));
    }
    return note;
}

void write_knobs(Context& context, const std::vector<Offer>& knobs) {
    static const std::vector<FilledColumn<Offer>> columns = {
        {{"", "name"}, &Offer::name},
        {{"", "works", Show::kYesNo}, &Offer::works},
        {{"", "by default", Show::kText, true}, &Offer::settings},
        {{"", "range"}, &Offer::accepts},
        {{"", "step"},
         [](const Offer& knob) {
             return knob.step_w ? Cell(flag_text(*knob.step_w, Dimension::kPower)) : Cell();
         }},
        {{"", "now"}, &Offer::now}};
    std::vector<Note> notes;
    for (const Offer& knob : knobs) {
        if (Note note = note_on(knob); !note.lines.empty()) {
            notes.push_back(std::move(note));
        }
    }
    notes.push_back({"+threads",
                     {"behind the name of any but the emulated: pairs its settings with 1, 2, 4, "
                      "... threads, as 40W+2t"}});
    write_heading(context.out, "Power knobs", context.style);
    write_table(context.out, records_of(columns, knobs), context.style);
    context.out << '\n';
    write_notes(context, notes);
}

std::string resolution_text(const Offer& meter) {
    return meter.resolution_s
               ? fmt::format("{}, {}", format_duration(meter.resolution_s), meter.resolution_from)
               : "";
}

void write_text(Context& context, const Devices& devices) {
    write_knobs(context, devices.knobs);
    static const std::vector<FilledColumn<Offer>> meters = {
        {{"", "name"}, &Offer::name},
        {{"", "works", Show::kYesNo}, &Offer::works},
        {{"", "moves every"}, resolution_text},
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
    write_heading(context.out, "Taken by default", context.style);
    write_notes(context, {{"", {devices.automatic_why}}});
    std::vector<Note> missing;
    for (const auto* offers : {&devices.knobs, &devices.meters, &devices.co_runners}) {
        for (const Offer& offer : *offers) {
            if (!offer.works) {
                missing.push_back({offer.name, {offer.mend}});
            }
        }
    }
    if (!missing.empty()) {
        context.out << '\n';
        write_heading(context.out, "What is missing, and what would mend it", context.style);
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
        {{"stands", "stands"}, [](const TriedSetting& tried) { return text_cell(tried.stands); }},
        {{"settle_s", "settles in", Show::kDuration}, &TriedSetting::settle_s},
        {{"took", "took", Show::kYesNo},
         [](const TriedSetting& tried) { return tried.settle_s.has_value(); }}};
    write_records(context.out, records_of(columns, trial.settings), options.format, context.style);
    if (trial.restored) {
        context.reporter.note(fmt::format("{}: put back as it was found", trial.knob));
    }
    if (stop.requested()) {
        return kInterrupted;
    }
    return trial.all_took() && trial.restored ? kDone : kFailed;
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
