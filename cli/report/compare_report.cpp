#include "cli/report/compare_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <utility>

#include "alert/error.h"
#include "cli/report/contenders.h"
#include "cli/text/suggest.h"
#include "core/evaluation/statistics.h"

namespace alert::cli {

namespace {

using Results = std::vector<SettingResult>;

// A spread that is a smaller share of its mean is that of rounding, not of the values.
constexpr double kRounding = 1e-12;

std::vector<std::string> distinct(const Results& results) {
    std::vector<std::string> names;
    for (const SettingResult& result : results) {
        if (std::find(names.begin(), names.end(), result.scheme) == names.end()) {
            names.push_back(result.scheme);
        }
    }
    return names;
}

/// Finished runs under their names; of runs that differ in nothing only the last, in the place of
/// the first.
Results named_results(std::span<const db::RunResult> runs) {
    const std::vector<std::string> names = contender_names(runs);
    std::map<std::string, std::vector<std::size_t>> places;
    Results results;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        auto& known = places[names[i]];
        const auto earlier = std::find_if(known.begin(), known.end(), [&](std::size_t place) {
            return same_conditions(results[place].run.run, runs[i].run) &&
                   same_setting(results[place].run.run, runs[i].run);
        });
        if (earlier != known.end()) {
            results[*earlier].run = runs[i];
        } else {
            known.push_back(results.size());
            results.push_back({.scheme = names[i], .run = runs[i], .normalised = {}});
        }
    }
    return results;
}

/// The name in the comparison that a name given by the user means: itself, or the first run of a
/// scheme of this name.
std::string meant_by(const std::string& flag, const std::string& given, const Results& results) {
    const std::vector<std::string> names = distinct(results);
    if (std::find(names.begin(), names.end(), given) != names.end()) {
        return given;
    }
    const auto found = std::find_if(results.begin(), results.end(), [&](const auto& result) {
        return result.run.run.scheme == given;
    });
    if (found == results.end()) {
        throw RequestError(fmt::format("{} {}: none of these runs has this scheme{}; there are {}",
                                       flag, given, did_you_mean(given, names),
                                       fmt::join(names, ", ")));
    }
    return found->scheme;
}

bool is_better(const db::RunResult& a, const db::RunResult& b) {
    if (a.violated != b.violated) {
        return b.violated;
    }
    const Metric metric = metric_of(a.run.objective);
    return value_of(metric, a).value_or(0) < value_of(metric, b).value_or(0);
}

/// Adds a contender that is in every setting the best of `names`. Returns its name.
std::string add_best_of(Results& results, const std::vector<std::string>& names) {
    std::string name = fmt::format("best of {}", fmt::join(names, ", "));
    Results best;
    for (const SettingResult& result : results) {
        if (std::find(names.begin(), names.end(), result.scheme) == names.end()) {
            continue;
        }
        const auto known = std::find_if(best.begin(), best.end(), [&](const auto& other) {
            return same_conditions(other.run.run, result.run.run) &&
                   same_setting(other.run.run, result.run.run);
        });
        if (known == best.end()) {
            best.push_back({.scheme = name, .run = result.run, .normalised = {}});
        } else if (is_better(result.run, known->run)) {
            known->run = result.run;
        }
    }
    std::move(best.begin(), best.end(), std::back_inserter(results));
    return name;
}

std::vector<std::string> split_names(const std::string& list) {
    std::vector<std::string> names;
    std::istringstream in(list);
    for (std::string name; std::getline(in, name, ',');) {
        names.push_back(name);
    }
    return names;
}

/// The name of what others are held against; a best of several is added to the results.
std::string reference_of(const CompareRequest& request, Results& results) {
    if (!request.normalise_to.empty()) {
        std::vector<std::string> names = split_names(request.normalise_to);
        for (std::string& name : names) {
            name = meant_by("--normalise-to", name, results);
        }
        return names.size() == 1 ? names.front() : add_best_of(results, names);
    }
    const auto oracle = std::find_if(results.begin(), results.end(), [](const auto& result) {
        return result.run.run.scheme == "oracle";
    });
    return oracle == results.end() ? results.front().scheme : oracle->scheme;
}

/// Leaves what was asked for, and the reference.
void keep_schemes(Results& results, const CompareRequest& request, const std::string& reference) {
    if (request.schemes.empty()) {
        return;
    }
    std::vector<std::string> kept = request.schemes;
    for (const std::string& scheme : kept) {
        meant_by("--scheme", scheme, results);  // refuses what is not there
    }
    const auto is_kept = [&](const std::string& name) {
        return std::find(kept.begin(), kept.end(), name) != kept.end();
    };
    std::erase_if(results, [&](const SettingResult& result) {
        return result.scheme != reference && !is_kept(result.scheme) &&
               !is_kept(result.run.run.scheme);
    });
}

bool belongs(const ComparisonGroup& group, const db::RunRow& run) {
    return group.objective == run.objective && group.profile == run.profile &&
           group.trace == run.trace && group.environment == run.environment;
}

std::vector<ComparisonGroup> grouped(Results results) {
    std::vector<ComparisonGroup> groups;
    for (SettingResult& result : results) {
        const db::RunRow& run = result.run.run;
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const auto& known) { return belongs(known, run); });
        if (group == groups.end()) {
            group = groups.insert(groups.end(), {.objective = run.objective,
                                                 .profile = run.profile,
                                                 .environment = run.environment,
                                                 .trace = run.trace,
                                                 .energy_source = run.energy_source});
        }
        group->results.push_back(std::move(result));
    }
    std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
        return std::tie(a.objective, a.profile) < std::tie(b.objective, b.profile);
    });
    return groups;
}

/// Results of one setting beside each other, settings in the order of their first.
void sort_by_setting(Results& results) {
    Results sorted;
    while (!results.empty()) {
        const db::RunRow setting = results.front().run.run;
        const auto rest = std::stable_partition(
            results.begin(), results.end(),
            [&](const auto& result) { return same_setting(result.run.run, setting); });
        std::move(results.begin(), rest, std::back_inserter(sorted));
        results.erase(results.begin(), rest);
    }
    results = std::move(sorted);
}

/// A setting that a scheme and the reference both keep.
struct Pair {
    double value = 0, reference = 0;
};

std::optional<Pair> pair_of(const SettingResult& result, const SettingResult& reference) {
    if (result.run.violated || reference.run.violated) {
        return {};
    }
    const Metric metric = metric_of(result.run.run.objective);
    const auto value = value_of(metric, result.run), base = value_of(metric, reference.run);
    return value && base ? std::optional(Pair{*value, *base}) : std::nullopt;
}

MetricMean mean_over(std::span<const double> values) {
    MetricMean mean;
    if (!values.empty()) {
        mean.mean = mean_of(values);
    }
    if (values.size() > 1) {
        const double std = std_of(values);
        mean.std = std > kRounding * std::abs(*mean.mean) ? std : 0;
    }
    return mean;
}

void add_pairs(SchemeFigures& figures, std::span<const Pair> pairs) {
    double values = 0, references = 0;
    std::vector<double> ratios;
    for (const Pair& pair : pairs) {
        values += pair.value;
        references += pair.reference;
        if (pair.reference > 0) {
            ratios.push_back(pair.value / pair.reference);
        }
    }
    figures.shared = pairs.size();
    if (references > 0) {
        figures.normalised = values / references;
    }
    if (!ratios.empty()) {
        const MetricMean mean = mean_over(ratios);
        figures.ratios = RatioSpread{.mean = *mean.mean,
                                     .std = mean.std,
                                     .p25 = percentile(ratios, 0.25),
                                     .p50 = percentile(ratios, 0.50),
                                     .p75 = percentile(ratios, 0.75)};
    }
}

/// The figures of one scheme, from all of its results in a group; `references` are those of the
/// same settings, null where the reference was not played.
SchemeFigures figures_of(const std::string& scheme, std::span<const SettingResult* const> results,
                         std::span<const SettingResult* const> references) {
    SchemeFigures figures{.scheme = scheme,
                          .settings = results.size(),
                          .miss_limit = results.front()->run.run.miss_limit};
    std::array<std::vector<double>, kMetrics> values;
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < results.size(); ++i) {
        figures.violated_strict += results[i]->run.violated_strict ? 1 : 0;
        if (results[i]->run.violated) {
            ++figures.violated;
            continue;
        }
        for (std::size_t m = 0; m < kMetrics; ++m) {
            if (const auto value = value_of(static_cast<Metric>(m), results[i]->run)) {
                values[m].push_back(*value);
            }
        }
        if (references[i] != nullptr) {
            if (const auto pair = pair_of(*results[i], *references[i])) {
                pairs.push_back(*pair);
            }
        }
    }
    for (std::size_t m = 0; m < kMetrics; ++m) {
        figures.means[m] = mean_over(values[m]);
    }
    add_pairs(figures, pairs);
    return figures;
}

/// Of every result the reference's of the same setting and conditions.
std::vector<const SettingResult*> references_of(const Results& results,
                                                const std::string& reference) {
    std::vector<const SettingResult*> references;
    for (const SettingResult& result : results) {
        const auto found = std::find_if(results.begin(), results.end(), [&](const auto& other) {
            return other.scheme == reference && same_setting(other.run.run, result.run.run) &&
                   same_conditions(other.run.run, result.run.run);
        });
        references.push_back(found == results.end() ? nullptr : &*found);
    }
    return references;
}

void add_figures(ComparisonGroup& group, const std::string& reference,
                 const std::vector<std::string>& order) {
    const auto references = references_of(group.results, reference);
    for (const std::string& scheme : order) {
        std::vector<const SettingResult*> own, against;
        for (std::size_t i = 0; i < group.results.size(); ++i) {
            if (group.results[i].scheme == scheme) {
                own.push_back(&group.results[i]);
                against.push_back(references[i]);
            }
        }
        if (!own.empty()) {
            group.schemes.push_back(figures_of(scheme, own, against));
        }
    }
    for (std::size_t i = 0; i < group.results.size(); ++i) {
        const auto pair = references[i] ? pair_of(group.results[i], *references[i]) : std::nullopt;
        if (pair && pair->reference > 0) {
            group.results[i].normalised = pair->value / pair->reference;
        }
    }
}

/// After the groups of an objective and a profile one over all of them, where they are several.
void add_totals(std::vector<ComparisonGroup>& groups, const std::string& reference,
                const std::vector<std::string>& order) {
    std::vector<ComparisonGroup> all;
    for (auto first = groups.begin(); first != groups.end();) {
        const auto last = std::find_if(first, groups.end(), [&](const auto& group) {
            return group.objective != first->objective || group.profile != first->profile;
        });
        ComparisonGroup total{.objective = first->objective,
                              .profile = first->profile,
                              .environment = "",
                              .trace = {},
                              .energy_source = first->energy_source};
        for (auto group = first; group != last; ++group) {
            std::copy(group->results.begin(), group->results.end(),
                      std::back_inserter(total.results));
        }
        const bool several = last - first > 1;
        std::move(first, last, std::back_inserter(all));
        if (several) {
            add_figures(total, reference, order);
            total.results.clear();
            all.push_back(std::move(total));
        }
        first = last;
    }
    groups = std::move(all);
}

std::vector<std::string> warnings_of(const Results& results) {
    std::vector<std::string> warnings;
    for (const SettingResult& result : results) {
        const db::RunRow& run = result.run.run;
        const std::string where =
            run.trace ? fmt::format("trace {}", *run.trace) : fmt::format("run {}", run.id);
        for (const std::string& warning : run.warnings) {
            std::string line = fmt::format("{}: {}", where, warning);
            if (std::find(warnings.begin(), warnings.end(), line) == warnings.end()) {
                warnings.push_back(std::move(line));
            }
        }
    }
    return warnings;
}

}  // namespace

Metric metric_of(Objective objective) {
    switch (objective) {
        case Objective::kMinimiseEnergy:
            return Metric::kEnergy;
        case Objective::kMaximiseAccuracy:
            return Metric::kError;
        case Objective::kMinimiseLatency:
            break;
    }
    return Metric::kLatency;
}

std::optional<double> value_of(Metric metric, const db::RunResult& run) {
    switch (metric) {
        case Metric::kEnergy:
            return run.energy_j;
        case Metric::kError:
            return run.accuracy ? std::optional(1 - *run.accuracy) : std::nullopt;
        case Metric::kLatency:
            break;
    }
    return run.latency_mean_s;
}

Comparison compare(std::span<const db::RunResult> runs, const CompareRequest& request) {
    Results results = named_results(runs);
    if (results.empty()) {
        throw RequestError("none of these runs is finished, so there is nothing to compare");
    }
    Comparison comparison{.reference = reference_of(request, results)};
    keep_schemes(results, request, comparison.reference);
    comparison.warnings = warnings_of(results);
    comparison.violated = std::any_of(results.begin(), results.end(),
                                      [](const auto& result) { return result.run.violated; });
    const std::vector<std::string> order = distinct(results);
    comparison.groups = grouped(std::move(results));
    for (ComparisonGroup& group : comparison.groups) {
        sort_by_setting(group.results);
        add_figures(group, comparison.reference, order);
    }
    add_totals(comparison.groups, comparison.reference, order);
    return comparison;
}

}  // namespace alert::cli
