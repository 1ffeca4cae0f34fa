#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "alert/profile.h"

namespace alert {

/// A profile that `alert profile` measured, with what a program needs to run it.
struct StoredProfile {
    std::string label{};
    Profile profile{};
    bool complete = false;  ///< false: measuring it was interrupted, and can be resumed
    /// Of each of profile.models: the file of the network, as `alert profile` was given it.
    std::vector<std::string> model_files{};
    std::string power_spec{};  ///< the knob whose settings it has, as --power names it: "rapl"
    /// Where its power comes from: "measured:rapl", "modelled:server"; empty: it has none.
    std::optional<std::string> energy_source{};
    std::optional<double> idle_power_w{};  ///< idle power
};

/// Reads a profile from a store, the SQLite file that `alert profile` writes. `label` is its name;
/// empty: the newest. The file is opened for reading only and closed again. Throws RequestError
/// where there is no such store, or no such profile in it, and Error where it cannot be read.
StoredProfile load_profile(const std::string& store, const std::string& label = "");

}  // namespace alert
