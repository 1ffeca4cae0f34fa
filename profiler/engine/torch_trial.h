#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "profiler/engine/torch_data.h"
#include "profiler/engine/trial_message.h"

namespace alert {

/// Runs a network in its plain form and, if a few seconds suffice, in the other forms, alternating
/// with the plain one; reports the progress to `tell`. The data holds two inputs. May crash or
/// hang.
void try_network(const std::filesystem::path& file, const std::shared_ptr<const TorchData>& data,
                 bool may_fuse, const std::function<void(const TrialMessage&)>& tell);

}  // namespace alert
