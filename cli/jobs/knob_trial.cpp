#include "cli/jobs/knob_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/engine/engine.h"
#include "profiler/power/journal.h"
#include "profiler/power/platform.h"

namespace alert::cli {

namespace {

bool report_failures(Status& status, const std::vector<std::string>& commands) {
    for (const std::string& command : commands) {
        status.error("could not be restored; as root: " + command);
    }
    return commands.empty();
}

/// If a control has vanished, neither can be read; apply() has already failed for that reason.
std::string current_setting_of(const PowerKnob& knob) {
    try {
        return knob.current_setting();
    } catch (const Error&) {
        return "";
    }
}

std::optional<std::string> external_change_of(PowerKnob& knob) {
    try {
        return knob.external_change();
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// Errors name --power; here the knob was named by --test.
Platform open_tested(const std::string& knob, Engine* engine) {
    try {
        return open_platform(knob, {}, "cpu", engine);
    } catch (const RequestError& error) {
        constexpr std::string_view kPower = "--power ";
        const std::string_view text = error.what();
        throw RequestError(text.starts_with(kPower)
                               ? fmt::format("--test {}", text.substr(kPower.size()))
                               : std::string(text));
    }
}

}  // namespace

bool KnobTrial::all_applied() const {
    return std::all_of(settings.begin(), settings.end(),
                       [](const TriedSetting& tried) { return tried.settle_s.has_value(); });
}

KnobTrial try_knob(const std::string& knob, Status& status, const std::atomic<bool>& stop) {
    const auto engine = joins_threads(knob) ? open_engine({}) : nullptr;
    const Platform platform = open_tested(knob, engine.get());
    PowerKnob& tested = *platform.knob;
    KnobTrial trial{.knob = std::string(tested.spec())};
    for (std::size_t i = 0; i < tested.settings().size() && !stop; ++i) {
        TriedSetting& tried = trial.settings.emplace_back();
        tried.requested = tested.settings()[i].name;
        const double start_s = now_s();
        try {
            tested.apply(i);
            tried.settle_s = now_s() - start_s;
        } catch (const Error& error) {
            status.error(error.what());
        }
        tried.current = current_setting_of(tested);
    }
    if (const auto change = external_change_of(tested)) {
        status.warn(*change);
    }
    trial.restored = report_failures(status, tested.restore());
    return trial;
}

bool restore_changes(Status& status) {
    const RestoreReport report = restore_left_behind();
    if (!report.journal) {
        status.note("nothing was left changed");
        return true;
    }
    status.note(fmt::format("process {} died while holding {}: restored {} of {} changes",
                            report.journal->pid, report.journal->knob,
                            report.journal->actions.size() - report.failures.size(),
                            report.journal->actions.size()));
    return report_failures(status, report.failures);
}

}  // namespace alert::cli
