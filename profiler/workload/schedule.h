#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace alert {

/// What runs beside the networks.
enum class Environment {
    kDefault,  ///< nothing else
    kCompute,  ///< stress-ng --matrix
    kMemory,   ///< stress-ng --stream
};

std::string_view to_string(Environment environment);

/// A spec that does not depend on a file any more: that of a file is its parts with commas between
/// them, any other is as it was. Throws RequestError.
std::string without_file(std::string_view spec);

/// Which environment each input of a run meets.
class Schedule {
   public:
    /// Reads an `--environment` spec: "default", "compute", "memory", "compute@30%-60%" (default
    /// outside it), several of these with commas between them, "random:seed=7" (switches among the
    /// three), or a file with one ENV@FROM%-TO% a line, '#' starting a comment. A later part stands
    /// over an earlier one.
    /// Input i of N (0-based) lies in FROM%-TO% when FROM <= 100 i / N < TO. Throws RequestError.
    static Schedule parse(std::string_view spec, std::size_t inputs);

    /// `input` is 0-based and less than the number of inputs.
    Environment at(std::size_t input) const { return environments_.at(input); }
    /// The environments other than default that occur, each once.
    std::vector<Environment> used() const;

   private:
    std::vector<Environment> environments_;
};

}  // namespace alert
