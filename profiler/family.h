#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace alert {

/// A network's file and what its family.json says about it.
struct ModelFile {
    std::string name;   ///< the file's stem
    std::string title;  ///< from family.json; empty without one
    std::filesystem::path file;
    std::string hash;  ///< of the content: detects a network that changed since it was measured
};

/// The networks named by `--models`, with what an optional family.json beside them says.
struct Family {
    std::string task = "image classification";
    std::optional<double> fail_accuracy;  ///< q_fail; empty: a guess, top / classes
    std::optional<int> top;  ///< correct: the label is among this many best classes; empty: 1
    std::optional<bool> perplexity;  ///< whether it is reported beside the accuracy; empty: no
    /// In the order given; within a folder by name, with numbers compared as numbers.
    std::vector<ModelFile> models;
};

/// Reads `--models PATH...`: files, and folders that stand for all .pt files directly in them
/// except hidden ones.
/// Throws RequestError: nothing there, a duplicate name, an invalid family.json.
Family find_family(const std::vector<std::filesystem::path>& paths);

}  // namespace alert
