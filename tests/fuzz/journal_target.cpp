// A journal left behind. What a run of this boot wrote would have its boot's id, which stands as
// @BOOT@ in the input.
#include <string>

#include "profiler/power/journal.h"
#include "tests/fuzz/targets.h"

namespace alert::fuzz {

void journal(std::string_view input) {
    constexpr std::string_view kBoot = "@BOOT@";
    std::string text(input);
    if (const auto at = text.find(kBoot); at != std::string::npos) {
        text.replace(at, kBoot.size(), boot_id());
    }
    file_with(text, journal_file("").string());
    const auto found = accepted(input, [] { return left_journal(folder()); });
    if (!found || !*found) {
        return;
    }
    const Journal& journal = **found;
    for (const RestoreAction& action : journal.actions) {
        shell_command(action);
        needs_library(action);
    }
    write_journal(folder(), journal);
    const auto again = left_journal(folder());
    require(again && again->knob == journal.knob && again->pid == journal.pid &&
                again->actions.size() == journal.actions.size(),
            "read back differently");
    for (std::size_t i = 0; i < journal.actions.size(); ++i) {
        const RestoreAction &a = journal.actions[i], &b = again->actions[i];
        require(a.path == b.path && a.value == b.value && a.bound == b.bound,
                "an action is read back differently");
    }
}

}  // namespace alert::fuzz
