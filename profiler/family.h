#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace alert {

/// A network's file and what its family says of it.
struct ModelFile {
    std::string name;   ///< the file's stem
    std::string title;  ///< from family.json; empty without one
    std::filesystem::path file;
    std::string hash;  ///< of the content: tells a changed network from the one measured
};

/// The networks named by `--models`, with what an optional family.json beside them says.
struct Family {
    std::string task = "image classification";
    std::optional<double> fail_accuracy;  ///< q_fail; empty: a guess, top / classes
    std::optional<int> top;  ///< an answer is right when the label is among so many; empty: 1
    std::optional<bool> perplexity;  ///< reported beside the accuracy; empty: not
    /// In the order given; those of a folder by name, numbers in it as numbers.
    std::vector<ModelFile> models;
};

/// Reads `--models PATH...`: files, and folders that stand for all .pt files directly in them,
/// but hidden ones.
/// Throws RequestError: nothing there, a name twice, a family.json that is wrong.
Family find_family(const std::vector<std::filesystem::path>& paths);

}  // namespace alert
