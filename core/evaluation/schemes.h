#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "alert/profile.h"
#include "core/evaluation/replay.h"
#include "core/evaluation/trace.h"
#include "core/method/estimator_options.h"
#include "core/method/predictor.h"
#include "core/method/scheme.h"

namespace alert {

/// An estimator by its name: "paper" or "calibrated". Throws RequestError.
Estimator estimator_named(std::string_view name);

/// The names of all schemes but `fixed:MODEL[/STAGE]@SETTING`.
std::span<const std::string_view> scheme_names();

/// Whether it needs the whole trace in advance (the oracles).
bool needs_trace(std::string_view scheme);

/// The configurations that a scheme may choose, in ascending order. Throws RequestError if there is
/// no such scheme, or if the profile lacks what it needs (such as an anytime model).
std::vector<std::size_t> configurations_for(std::string_view scheme, const Profile& profile);

/// Creates a scheme by its name. Only the oracles use `trace` and `workload`, which they know in
/// advance; for other schemes `trace` may be null. The arguments must outlive the scheme. Throws
/// RequestError as configurations_for does, and for an oracle without a trace.
std::unique_ptr<Scheme> make_scheme(std::string_view scheme, const Profile& profile,
                                    const EstimatorOptions& estimator, const Workload& workload,
                                    const Trace* trace);

}  // namespace alert
