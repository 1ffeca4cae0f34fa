#include "cli/report/contenders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <map>
#include <set>
#include <tuple>

#include "core/evaluation/schemes.h"

namespace alert::cli {

namespace {

constexpr std::size_t kAttributes = 6;
using Attributes = std::array<std::string, kAttributes>;

/// Oracles do not estimate, except the best fixed choice, which estimates when to stop an anytime
/// network.
bool estimates(const std::string& scheme) {
    return !needs_trace(scheme) || scheme == "oracle-static";
}

Attributes attributes_of(const db::RunRow& run) {
    return {estimates(run.scheme) ? run.estimator : "",
            fmt::format("window {}", run.window),
            run.confidence ? fmt::format("confidence {:.6g} %", *run.confidence * 100)
                           : "no confidence",
            fmt::format("{} inputs", run.inputs_planned),
            run.paced ? "paced" : "no pace",
            fmt::format("miss limit {:.6g} %", run.miss_limit * 100)};
}

auto conditions_of(const db::RunRow& run) {
    return std::tie(run.profile, run.trace, run.environment);
}

auto setting_of(const db::RunRow& run) {
    return std::tie(run.objective, run.deadline_s, run.accuracy_goal, run.energy_goal_j,
                    run.period_s, run.shared);
}

/// The scheme, with what distinguishes the run from others of this scheme.
std::vector<std::string> names_by_attributes(std::span<const db::RunResult> runs) {
    std::map<std::string, std::array<std::set<std::string>, kAttributes>> values;
    for (const db::RunResult& row : runs) {
        const Attributes attributes = attributes_of(row.run);
        for (std::size_t i = 0; i < kAttributes; ++i) {
            values[row.run.scheme][i].insert(attributes[i]);
        }
    }
    std::vector<std::string> names;
    for (const db::RunResult& row : runs) {
        const Attributes attributes = attributes_of(row.run);
        std::vector<std::string> differing;
        for (std::size_t i = 0; i < kAttributes; ++i) {
            if (values[row.run.scheme][i].size() > 1) {
                differing.push_back(attributes[i]);
            }
        }
        names.push_back(differing.empty()
                            ? row.run.scheme
                            : fmt::format("{} ({})", row.run.scheme, fmt::join(differing, ", ")));
    }
    return names;
}

}  // namespace

bool same_conditions(const db::RunRow& a, const db::RunRow& b) {
    return conditions_of(a) == conditions_of(b);
}

bool same_setting(const db::RunRow& a, const db::RunRow& b) {
    return setting_of(a) == setting_of(b);
}

std::vector<std::string> contender_names(std::span<const db::RunResult> runs) {
    std::vector<std::string> names = names_by_attributes(runs);
    using Case = decltype(std::tuple_cat(std::tie(names[0]), conditions_of(runs[0].run),
                                         setting_of(runs[0].run)));
    std::map<Case, std::set<std::string>> labels;
    std::set<std::string> ambiguous;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const db::RunRow& run = runs[i].run;
        auto& met = labels[std::tuple_cat(std::tie(names[i]), conditions_of(run), setting_of(run))];
        met.insert(run.label);
        if (met.size() > 1) {
            ambiguous.insert(names[i]);
        }
    }
    std::vector<std::string> unambiguous = names;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (ambiguous.contains(names[i]) && !needs_trace(runs[i].run.scheme)) {
            unambiguous[i] = fmt::format("{} [{}]", names[i], runs[i].run.label);
        }
    }
    return unambiguous;
}

}  // namespace alert::cli
