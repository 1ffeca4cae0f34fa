#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "alert/profile.h"
#include "core/evaluation/replay.h"
#include "core/evaluation/trace.h"
#include "core/method/predictor.h"
#include "core/method/scheme.h"

namespace alert {

/// An estimator by its name: "paper" or "calibrated". Throws RequestError.
Estimator estimator_named(std::string_view name);

/// The names of all schemes but `fixed:MODEL[/STAGE]@SETTING`.
std::span<const std::string_view> scheme_names();

/// Whether it can choose only with the whole trace at hand (the oracles).
bool needs_trace(std::string_view scheme);

/// The configurations that a scheme may choose, in ascending order. Throws RequestError: no such
/// scheme, or a profile that lacks what it chooses among (such as an anytime model).
std::vector<std::size_t> configurations_for(std::string_view scheme, const Profile& profile);

/// Makes a scheme by its name. `trace` and `workload` are what the oracles are told beforehand;
/// other schemes do not look at them, and `trace` may be null. What is passed must outlive the
/// scheme. Throws RequestError as configurations_for does, and for an oracle without a trace.
std::unique_ptr<Scheme> make_scheme(std::string_view scheme, const Profile& profile,
                                    Estimator estimator, const Workload& workload,
                                    const Trace* trace);

}  // namespace alert
