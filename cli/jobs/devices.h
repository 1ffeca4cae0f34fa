#pragma once

#include <optional>
#include <string>
#include <vector>

/// What this machine offers, looked at and not touched.
namespace alert::cli {

/// A power knob, an energy meter or a co-runner, there or not. Text as in flags; what is not known
/// is empty.
struct Offer {
    std::string kind, name;
    bool works = false;
    std::string mend;      ///< why it does not work, and what would make it
    std::string settings;  ///< of a knob, by default
    std::string accepts;   ///< the range of a knob
    std::string now;       ///< where a knob stands
    std::string covers;
    std::string twin;      ///< the other limit of the same packages, and where it stands
    std::string moved_by;  ///< programs that run and move what the knob sets
    std::string moved;     ///< what moved while it was looked at
    std::optional<double> least_w, most_w, step_w, now_w;
    std::optional<double> least_hz, most_hz;
    std::optional<double> resolution_s;  ///< how often a meter moves
    std::string resolution_from;         ///< "seen", "documented" or "assumed"
};

struct Devices {
    std::vector<Offer> knobs, meters, co_runners;
    std::string automatic;      ///< what `--power auto` takes; empty: nothing can be taken now
    std::string automatic_why;  ///< and why
};

/// Takes up to half a second a meter that works, to see it move.
Devices look_around();

}  // namespace alert::cli
