#pragma once

#include <deque>
#include <optional>

namespace alert {

/// The energy of spans of time, one behind the other, from a meter that moves in steps. By the
/// reading alone a span shorter than a step would get all of the step or nothing. So what a step
/// brought is spread evenly over the time since the meter had moved before, and the energy of a
/// span is known once the meter has moved after its end. All spans together get what the meter
/// counted.
class EnergyAttribution {
   public:
    /// `resolution_s` is the meter's. A reading that has stood for two of its steps has moved by
    /// nothing.
    explicit EnergyAttribution(double resolution_s) : resolution_s_(resolution_s) {}

    /// The meter read `energy_j` at `at_s`. The first span begins at the first reading.
    void read(double at_s, double energy_j);

    /// Ends a span at the last reading, where the next one begins.
    void end_span();

    /// Takes the energy (J) of the first span that was not taken yet; empty: not known yet.
    std::optional<double> take();

   private:
    struct End {
        double at_s = 0;
        std::optional<double> energy_j;  // of all up to here
    };

    double resolution_s_;
    bool begun_ = false;
    double moved_s_ = 0, moved_j_ = 0;  // when the meter was last seen to have moved, and to what
    double read_s_ = 0;
    double taken_j_ = 0;
    std::deque<End> ends_;
};

}  // namespace alert
