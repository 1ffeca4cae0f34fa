#pragma once

#include <optional>
#include <string>
#include <vector>

/// What this machine offers. Looking changes nothing.
namespace alert::cli {

/// A power knob, an energy meter or a co-runner, whether it works here or not. Text is written as
/// in flags; empty if nothing is known.
struct Offer {
    std::string kind, name;
    bool works = false;
    std::string remedy;    ///< why it does not work, and what would make it work
    std::string settings;  ///< of a knob, by default
    std::string range;     ///< of a knob
    std::string current;   ///< the current setting of a knob
    std::string covers;
    std::string other_limit;          ///< a second limit of the same packages, and its value
    std::string interfering_daemons;  ///< running programs that also change the knob
    std::string external_change;      ///< what changed while it was being looked at
    std::optional<double> least_w, most_w, step_w, current_w;
    std::optional<double> least_hz, most_hz;
    std::optional<double> resolution_s;  ///< update interval of a meter
    std::string resolution_source;       ///< "observed", "documented" or "assumed"
};

struct Devices {
    std::vector<Offer> knobs, meters, co_runners;
    std::string automatic;      ///< what `--power auto` chooses; empty if it cannot choose now
    std::string automatic_why;  ///< and why
};

/// Watches each meter that works for up to half a second, until its reading changes.
Devices look_around();

}  // namespace alert::cli
