#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/records.h"

/// What `alert report profile` shows of one profile: rows of the store in, one struct out.
namespace alert::cli {

/// A model, or one of its stages, under its reference setting (the sampled setting with the most
/// power), and its part of the Pareto front over all settings.
struct OutputReport {
    db::ProfileSummaryRow reference;
    std::size_t settings = 0;        ///< configurations of this output
    std::vector<std::size_t> front;  ///< those on the front: indices of configurations, in order
};

struct ProfileReport {
    db::ProfileRow profile;
    std::vector<db::ProfileSummaryRow> configurations;
    std::vector<bool> pareto;  ///< of each configuration
    std::vector<OutputReport> outputs;
    std::vector<std::string> warnings;  ///< one line each

    std::size_t front_size() const;
};

/// Which configurations are on the Pareto front: no other one is at least as good in latency,
/// energy and accuracy, and better in one of them. Energy counts only if every configuration has
/// it.
std::vector<bool> pareto_front(std::span<const db::ProfileSummaryRow> configurations);

/// `samples` in the order of measurement.
ProfileReport report_on(const db::ProfileRow& profile,
                        std::vector<db::ProfileSummaryRow> configurations,
                        std::span<const db::Sample> samples);

}  // namespace alert::cli
