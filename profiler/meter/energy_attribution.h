#pragma once

#include <deque>
#include <optional>

namespace alert {

/// Attributes energy to consecutive spans of time, from a meter that is updated in intervals. By
/// the readings alone, a span shorter than an interval would get all of the interval's energy or
/// none. Instead, the energy of an interval is distributed evenly over its time. The energy of a
/// span is known once the meter has been updated after its end. All spans together get what the
/// meter counted.
class EnergyAttribution {
   public:
    /// `resolution_s` is the meter's update interval. A reading unchanged for two intervals counts
    /// as an update by 0 J.
    explicit EnergyAttribution(double resolution_s) : resolution_s_(resolution_s) {}

    /// The meter read `energy_j` at `at_s`. The first span begins at the first reading.
    void read(double at_s, double energy_j);

    /// Ends a span at the last reading, where the next one begins.
    void end_span();

    /// Takes the energy (J) of the first span that has not been taken; empty: not known yet.
    std::optional<double> take();

   private:
    struct End {
        double at_s = 0;
        std::optional<double> energy_j;  // of all up to here
    };

    double resolution_s_;
    bool begun_ = false;
    double moved_s_ = 0, moved_j_ = 0;  // time and value of the last observed update of the meter
    double read_s_ = 0;
    double taken_j_ = 0;
    std::deque<End> ends_;
};

}  // namespace alert
