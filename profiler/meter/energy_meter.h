#pragma once

#include <string_view>

namespace alert {

/// What the processor is doing, for meters that compute instead of measuring.
enum class Activity { kIdle, kInferring };

/// Over this many update intervals a meter determines the power to some 5 %: the reading at either
/// end lags by up to one interval.
inline constexpr double kEnoughUpdates = 20;

/// The power in an idle time of so many update intervals is known to some 10 %.
inline constexpr double kIdleSteps = 10;

/// A source of energy readings.
class EnergyMeter {
   public:
    virtual ~EnergyMeter() = default;

    /// As stored and shown: "measured:rapl", "modelled:server".
    virtual std::string_view source() const = 0;

    /// Energy (J) used since some fixed moment, at `now_s` of the steady clock. Readings never
    /// decrease. Throws Error if the reading fails.
    virtual double read_j(double now_s) = 0;

    /// Update interval (s) of the reading; 0: continuous. Over a shorter time a reading means
    /// nothing.
    virtual double resolution_s() const { return 0; }

    /// Whether the interval is assumed, being usual for this kind of meter, because none is
    /// reported.
    virtual bool resolution_assumed() const { return false; }

    /// The value with that update interval: the reading or, if it is integrated, the power behind
    /// it.
    virtual double shown(double now_s) { return read_j(now_s); }

    /// From `now_s` on the processor does this. Real meters ignore it.
    virtual void tell(Activity /*activity*/, double /*now_s*/) {}
};

}  // namespace alert
