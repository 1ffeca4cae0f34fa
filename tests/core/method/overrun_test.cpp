#include <algorithm>
#include <array>

#include "core/method/alert_scheme.h"
#include "core/method/predictor.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

// A quick traditional model, a slow one that is right more often, and an anytime one whose second
// stage takes as long as the slow one.
enum : std::size_t { kQuick, kSlow, kStage1, kStage2 };

constexpr double kQuick_s = 1e-3, kSlow_s = 10e-3;

Profile family() {
    return {.models = {"quick", "slow", "nested"},
            .settings = {"100W"},
            .fail_accuracy = 0.1,
            .configurations = {
                {.latency_s = kQuick_s, .power_w = 100, .accuracy = 0.85},
                {.model = 1, .latency_s = kSlow_s, .power_w = 100, .accuracy = 0.95},
                {.model = 2, .stage = 1, .latency_s = 2e-3, .power_w = 100, .accuracy = 0.8},
                {.model = 2, .stage = 2, .latency_s = kSlow_s, .power_w = 100, .accuracy = 0.93},
            }};
}

InputGoal every_20_ms() {
    return {.deadline_s = 20e-3, .period_s = 20e-3, .interval_s = 20e-3};
}

// Every tenth slow inference takes five times as long; quick ones never do.
constexpr double kStalled = 5, kStalls = 0.1;

template <class Learner>
void teach(Learner& learner, int inputs) {
    for (int n = 0; n < inputs; ++n) {
        learner.observe({.configuration = kQuick, .latency_s = kQuick_s});
        learner.observe(
            {.configuration = kSlow, .latency_s = kSlow_s * (n % 10 == 0 ? kStalled : 1)});
    }
}

}  // namespace

TEST_CASE("an overrun is charged in the inputs that it is expected to cost") {
    Predictor predictor(family(), Estimator::kCalibrated);
    teach(predictor, 600);
    Estimates& estimates = predictor.estimate(every_20_ms());
    const std::size_t slow = predictor.table().slot_of(kSlow);
    // A stalled inference takes 50 ms. The next input is lost from 20 + 20/2 ms on: one input for
    // each 20 ms that it lasts longer. One in ten stalls.
    const double probability = estimates.deadline_probability()[slow];
    const double lost = (1 - probability) * (50e-3 - 30e-3) / 20e-3;
    const double accuracy = estimates.accuracy()[slow];
    CHECK(probability == Approx(1 - kStalls).margin(0.06));  // it forgets
    CHECK(estimates.net_probability()[slow] == Approx(probability - lost).margin(0.02));
    CHECK(estimates.net_accuracy()[slow] ==
          Approx(accuracy - (accuracy - 0.1) * lost).margin(0.02));
}

TEST_CASE("an inference that ends in its own period costs nobody anything") {
    Predictor predictor(family(), Estimator::kCalibrated);
    teach(predictor, 600);
    Estimates& estimates = predictor.estimate(every_20_ms());
    const std::size_t quick = predictor.table().slot_of(kQuick);
    CHECK(estimates.net_probability()[quick] ==
          Approx(estimates.deadline_probability()[quick]).margin(1e-4));
    CHECK(estimates.net_accuracy()[quick] == Approx(estimates.accuracy()[quick]).margin(1e-4));
}

TEST_CASE("nobody is lost where nobody waits, without a deadline, or to the paper's estimator") {
    InputGoal alone = every_20_ms(), patient = every_20_ms();
    alone.interval_s = 0;
    patient.deadline_s.reset();
    const auto check = [](Estimator estimator, const InputGoal& goal) {
        Predictor predictor(family(), estimator);
        teach(predictor, 100);
        Estimates& estimates = predictor.estimate(goal);
        CHECK(std::ranges::equal(estimates.net_probability(), estimates.deadline_probability()));
        CHECK(std::ranges::equal(estimates.net_accuracy(), estimates.accuracy()));
    };
    check(Estimator::kCalibrated, alone);
    check(Estimator::kCalibrated, patient);
    check(Estimator::kPaper, every_20_ms());
}

TEST_CASE("an anytime model is charged for the stage at which it is expected to end") {
    Predictor predictor(family(), Estimator::kCalibrated);
    teach(predictor, 600);
    const std::size_t second = predictor.table().slot_of(kStage2);
    const std::size_t slow = predictor.table().slot_of(kSlow);
    Estimates& roomy = predictor.estimate(every_20_ms());
    CHECK(roomy.deadline_probability()[second] - roomy.net_probability()[second] ==
          Approx(roomy.deadline_probability()[slow] - roomy.net_probability()[slow]).margin(1e-5));

    InputGoal tight = every_20_ms();
    tight.deadline_s = 8e-3;  // the second stage takes 10 ms: it is not begun
    Estimates& estimates = predictor.estimate(tight);
    CHECK(estimates.net_probability()[second] ==
          Approx(estimates.net_probability()[predictor.table().slot_of(kStage1)]).margin(1e-6));
}

TEST_CASE("what is more accurate alone is left alone when it makes others late") {
    AlertScheme controller(family(), Estimator::kCalibrated);
    teach(controller, 600);
    InputGoal goal = every_20_ms();
    goal.period_s = goal.interval_s = 4e-3;  // a stall now costs ten inputs
    goal.deadline_s = 15e-3;
    CHECK(controller.next(goal).configuration == kQuick);
    goal.interval_s = 0;
    CHECK(controller.next(goal).configuration == kStage2);
}

TEST_CASE("a stage that came too late is learnt from, though an earlier one had answered") {
    Predictor seen(family(), Estimator::kCalibrated), unseen(family(), Estimator::kCalibrated);
    for (int n = 0; n < 100; ++n) {
        const std::array stages_s{2e-3, 30e-3};
        Outcome outcome{.configuration = kStage1, .latency_s = 2e-3};
        unseen.observe(outcome);
        outcome.stages_s = stages_s;
        seen.observe(outcome);
    }
    const InputGoal goal = every_20_ms();
    const std::size_t second = seen.table().slot_of(kStage2);
    seen.estimate(goal);
    unseen.estimate(goal);
    CHECK(seen.describe(second).xi_mean == Approx(3).epsilon(0.15));
    CHECK(unseen.describe(second).xi_mean == Approx(1).epsilon(0.05));
}
