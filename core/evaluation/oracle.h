#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/evaluation/replay.h"
#include "core/evaluation/trace.h"
#include "core/method/estimator_options.h"
#include "core/method/group.h"
#include "core/method/predictor.h"
#include "core/method/profile_table.h"
#include "core/method/scheme.h"
#include "core/method/select.h"

namespace alert {

/// The best possible scheme: knows the latency and energy of every configuration on every input,
/// and optimises the goals, which hold on average, over the whole run at once. A Lagrange
/// multiplier for each goal prices what an input uses of it; the multipliers are found by bisection
/// before the first input. Every input is then answered in time at the least price. If a group
/// shares its deadline, another multiplier prices time.
class OracleScheme final : public Scheme {
   public:
    enum class Knows {
        kCorrectness,  ///< whether each output will be right
        kAccuracy,     ///< no more of an output than its profiled accuracy
    };

    OracleScheme(const Profile& profile, const Trace& trace, const Workload& workload, Knows knows);

    Decision next(const InputGoal& goal) override;
    void observe(const Outcome&) override {}

   private:
    struct Choice {
        std::size_t configuration = 0;
        double accuracy = 0, energy_j = 0, cost = 0;
        bool in_time = true;
    };
    struct Means {
        double accuracy = 0, energy_j = 0;
    };

    Choice best(std::size_t n, const InputGoal& goal, double time_price) const;
    double taken_s(std::size_t n, std::size_t inputs, const InputGoal& goal,
                   double time_price) const;
    double time_price_of(std::size_t n, std::size_t inputs, const InputGoal& goal) const;
    Means means(const Workload& workload) const;
    void find_prices(const Workload& workload);
    void find_energy_price(const Workload& workload);

    const Profile& profile_;
    const Trace& trace_;
    Knows knows_;
    Groups groups_;
    std::size_t inputs_;
    double accuracy_price_ = 0, energy_price_ = 0;
    std::size_t n_ = 0;
};

/// Knows the true distribution of every configuration's latency in the present environment, from
/// the whole trace, but not the latency of this input: what the best estimator could reach. Chooses
/// as the controller does (E6-E12).
class OracleCausalScheme final : public Scheme {
   public:
    OracleCausalScheme(const Profile& profile, const Trace& trace);

    Decision next(const InputGoal& goal) override;
    void observe(const Outcome&) override {}

   private:
    /// One configuration in one environment.
    struct Truth {
        std::vector<double> latencies_s;  // ascending
        std::vector<double> sums_s;       // of latencies_s from here to the end
        double mean_s = 0, power_w = 0, idle_power_w = 0;

        /// The least of latencies_s that this share of them does not exceed.
        double quantile_s(double probability) const;
    };

    double lost_to_overrun(const Truth& truth, const InputGoal& goal) const;
    double energy_of(const Truth& truth, double time_s, double period_s) const;
    void estimate(std::size_t slot, std::optional<std::size_t> before, const InputGoal& goal,
                  const std::vector<Truth>& truths);

    const Profile& profile_;
    const Trace& trace_;
    ProfileTable table_;
    Estimates estimates_;
    std::vector<double> bound_s_;             // of a slot: the E11 quantile of its time
    std::vector<double> lost_;                // of a slot: E17
    std::vector<std::vector<Truth>> truths_;  // by environment, then configuration
    std::size_t n_ = 0;
};

/// Oracle-static: the best configuration for the whole workload if it is never changed.
std::size_t best_fixed_configuration(const Profile& profile, const Trace& trace,
                                     const Workload& workload, const EstimatorOptions& estimator,
                                     std::span<const std::size_t> candidates);

}  // namespace alert
