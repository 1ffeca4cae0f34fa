#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/records.h"

/// What `alert report profile` tells of one profile: rows of the store in, one struct out.
namespace alert::cli {

/// A model (or one stage of it) under its reference setting, the one of the most power among those
/// that were sampled, and its part in the Pareto front over all settings.
struct OutputReport {
    db::ProfileSummaryRow reference;
    std::size_t settings = 0;        ///< configurations of this output
    std::vector<std::size_t> front;  ///< of them on the front: indices of configurations, in order
};

struct ProfileReport {
    db::ProfileRow profile;
    std::vector<db::ProfileSummaryRow> configurations;
    std::vector<bool> pareto;  ///< of each configuration
    std::vector<OutputReport> outputs;
    std::vector<std::string> warnings;  ///< one line each

    std::size_t front_size() const;
};

/// Which configurations no other one dominates: none is at least as fast, as frugal and as
/// accurate, and better in one of these. Energy is left out unless every configuration has it.
std::vector<bool> pareto_front(std::span<const db::ProfileSummaryRow> configurations);

/// `samples` in the order of measurement.
ProfileReport report_on(const db::ProfileRow& profile,
                        std::vector<db::ProfileSummaryRow> configurations,
                        std::span<const db::Sample> samples);

}  // namespace alert::cli
