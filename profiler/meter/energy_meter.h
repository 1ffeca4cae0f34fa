#pragma once

#include <string_view>

namespace alert {

/// What the processor is doing, told to meters that compute instead of measuring.
enum class Activity { kResting, kInferring };

/// A meter that moves in steps knows the power over this many of them to some 5 %: the reading at
/// either end lags by up to a step.
inline constexpr double kTellingSteps = 20;

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

    /// Whether that is what its kind usually does, where nothing tells.
    virtual bool resolution_assumed() const { return false; }

    /// What moves so often: the reading or, where that is integrated, the power it is made of.
    virtual double shown(double now_s) { return read_j(now_s); }

    /// From `now_s` on the processor does this. Real meters need not be told.
    virtual void tell(Activity /*activity*/, double /*now_s*/) {}
};

}  // namespace alert
