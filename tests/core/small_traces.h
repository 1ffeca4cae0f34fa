#pragma once

#include <cstddef>
#include <memory>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "alert/profile.h"
#include "core/evaluation/replay.h"
#include "core/evaluation/trace.h"
#include "core/method/predictor.h"
#include "core/method/scheme.h"

/// Profiles and traces that are small enough to follow by hand or to try out completely.
namespace alert::small {

/// Configurations of family(), by their place in it.
enum : std::size_t {
    kQuickLow,     ///< 20 ms at 10 W, right 0.7 of the time
    kQuickHigh,    ///< 10 ms at 40 W
    kNested1Low,   ///< 24 ms at 10 W, 0.65
    kNested2Low,   ///< 60 ms at 10 W, 0.9
    kNested1High,  ///< 12 ms at 40 W
    kNested2High,  ///< 30 ms at 40 W
};

inline constexpr double kIdlePower_w = 2;

/// A traditional model and an anytime one of two stages under two settings; q_fail is 0.1.
Profile family();

/// Every configuration `slowdowns[n]` times as slow on input n as profiled, right every time, at
/// its profiled power and with kIdlePower_w at rest.
Trace trace_of(const Profile& profile, std::span<const double> slowdowns);

/// Three to six configurations (a traditional model and an anytime one of one or two stages, under
/// one or two settings), and what they did on `inputs` inputs in two environments: no latency,
/// power or correctness is shared. Rest takes less power than any inference.
struct Random {
    Profile profile;
    Trace trace;
};

Random random(std::mt19937_64& generator, std::size_t inputs);

/// Any objective with the other constraints there or not, within what `some` can bear; the period
/// is the deadline, if there is one (the least latency is asked for without, too); E13 is off.
Workload random_workload(std::mt19937_64& generator, const Random& some);

std::vector<PlayedInput> play(const Profile& profile, const Trace& trace, const Workload& workload,
                              Scheme& scheme);
/// The scheme of this name, from its start.
std::vector<PlayedInput> play(const Profile& profile, const Trace& trace, const Workload& workload,
                              std::string_view scheme, Estimator estimator = Estimator::kPaper);

/// Chooses what it is told to, input after input and again from the start; keeps what it is told.
class Scripted final : public Scheme {
   public:
    explicit Scripted(std::vector<Decision> decisions) : decisions_(std::move(decisions)) {}

    Decision next(const InputGoal& goal) override {
        goals.push_back(goal);
        return decisions_[(goals.size() - 1) % decisions_.size()];
    }
    void observe(const Outcome& outcome) override {
        outcomes.push_back(outcome);
        stages_s.emplace_back(outcome.stages_s.begin(), outcome.stages_s.end());
    }

    std::vector<InputGoal> goals;
    std::vector<Outcome> outcomes;
    std::vector<std::vector<double>> stages_s;  // of each outcome

   private:
    std::vector<Decision> decisions_;
};

}  // namespace alert::small
