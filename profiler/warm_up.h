#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

#include "profiler/clock.h"
#include "profiler/engine/engine.h"

namespace alert {

/// Runs all of the network on input `n` once; returns the seconds it took.
double run_once(Network& network, std::size_t n, Clock& clock = steady_clock());

/// The first calls of a network take many times as long as later ones. Runs it at least ten times,
/// until the median of five calls is within a tenth of the best earlier median, at most 100 times
/// and for at most two seconds; or exactly `runs` times if that is not 0. Returns the last median
/// (s). Throws Interrupted, within one stage, if `stop` was set.
double warm_up(Network& network, int runs, const std::atomic<bool>& stop,
               Clock& clock = steady_clock());

/// Called with the index of the network that is being warmed up.
using WarmUpWatch = std::function<void(std::size_t network)>;

}  // namespace alert
