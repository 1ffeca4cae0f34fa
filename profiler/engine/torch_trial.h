#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "profiler/engine/torch_data.h"
#include "profiler/engine/trial_message.h"

namespace alert {

/// Runs a network in its plain form and, where a few seconds allow it, in the others beside that;
/// tells how it goes. The data holds two inputs. May crash, or never come back.
void try_network(const std::filesystem::path& file, const std::shared_ptr<const TorchData>& data,
                 bool may_fuse, const std::function<void(const TrialMessage&)>& tell);

}  // namespace alert
