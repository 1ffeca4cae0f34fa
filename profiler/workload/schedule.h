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

/// The spec without a reference to a file: a file is replaced by its parts with commas between
/// them, any other spec is returned as it is. Throws RequestError.
std::string without_file(std::string_view spec);

/// The environment of each input of a run.
class Schedule {
   public:
    /// Reads an `--environment` spec: "default", "compute", "memory", "compute@30%-60%" (default
    /// outside it), several of these with commas between them, "random:seed=7" (switches among the
    /// three), or a file with one ENV@FROM%-TO% per line, '#' starting a comment. A later part
    /// overrides an earlier one.
    /// Input i of N (0-based) lies in FROM%-TO% when FROM <= 100 i / N < TO. Throws RequestError.
    static Schedule parse(std::string_view spec, std::size_t inputs);

    /// `input` is 0-based and less than the number of inputs.
    Environment at(std::size_t input) const { return environments_.at(input); }
    /// The environments other than default that occur, each listed once.
    std::vector<Environment> used() const;

   private:
    std::vector<Environment> environments_;
};

}  // namespace alert
