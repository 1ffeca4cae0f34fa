#pragma once

#include <string_view>

namespace alert {

/// What the processor is doing, told to meters that compute instead of measuring.
enum class Activity { kResting, kInferring };

/// A source of energy readings.
class EnergyMeter {
   public:
    virtual ~EnergyMeter() = default;

    /// As stored and shown: "measured:rapl", "modelled:server".
    virtual std::string_view source() const = 0;

    /// Energy (J) spent since some fixed moment, at `now_s` of the steady clock. Readings never
    /// decrease. Throws Error when the reading fails.
    virtual double read_j(double now_s) = 0;

    /// How often (s) the reading moves; 0: at any moment. Over a shorter time it says nothing.
    virtual double resolution_s() const { return 0; }

    /// From `now_s` on the processor does this. Real meters need not be told.
    virtual void tell(Activity /*activity*/, double /*now_s*/) {}
};

}  // namespace alert
