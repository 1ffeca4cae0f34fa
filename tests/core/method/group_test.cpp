#include "core/method/group.h"

#include <array>
#include <vector>

#include "core/evaluation/grid.h"
#include "core/evaluation/schemes.h"
#include "tests/core/small_traces.h"
#include "tests/support/catch.h"

using namespace alert;
using small::Scripted;

namespace {

constexpr std::array<std::size_t, 3> kSizes{4, 1, 2};

// Sentences of four, one and two words, one every 200 ms and due after as long; no slowdown.
struct Sentences {
    explicit Sentences(std::vector<double> slowdowns = std::vector<double>(7, 1))
        : trace(small::trace_of(family, slowdowns)) {
        trace.groups = Groups(kSizes);
    }
    std::vector<PlayedInput> play(Scheme& scheme) const {
        return small::play(family, trace, workload, scheme);
    }

    Profile family = small::family();
    Trace trace;
    Workload workload{.goal = {.deadline_s = 0.2, .period_s = 0.2},
                      .inputs = 7,
                      .period_s = 0.2,
                      .window = 1,
                      .shared = true};
};

Decision choose(std::size_t configuration) {
    return {.configuration = configuration};
}

}  // namespace

TEST_CASE("without groups every input is one") {
    const GroupPlace place = Groups().at(17, 100);
    CHECK_FALSE(Groups().shared());
    CHECK(place.group == 17);
    CHECK(place.first());
    CHECK(place.last());
    CHECK(place.left() == 1);
    CHECK(Groups().mean_size() == 1);
}

TEST_CASE("an input stands at its place in its group") {
    const Groups groups(kSizes);
    CHECK(groups.shared());
    CHECK(groups.mean_size() == Approx(7.0 / 3));
    const GroupPlace second = groups.at(1, 100);
    CHECK(second.group == 0);
    CHECK(second.position == 1);
    CHECK(second.left() == 3);
    CHECK_FALSE(second.last());
    CHECK(groups.at(3, 100).last());
    CHECK(groups.at(4, 100).first());
    CHECK(groups.at(4, 100).last());
    CHECK(groups.at(6, 100).group == 2);
}

TEST_CASE("groups start over with the inputs, as new groups") {
    const Groups groups(kSizes);
    CHECK(groups.at(7, 100).group == 3);
    CHECK(groups.at(7, 100).first());
    CHECK(groups.at(7, 100).size == 4);
    CHECK(groups.at(13, 100).group == 5);
}

TEST_CASE("a group that the workload cuts off has no more inputs than are asked") {
    const Groups groups(kSizes);
    CHECK(groups.at(0, 3).size == 3);
    CHECK(groups.at(2, 3).last());
    CHECK(groups.at(2, 3).left() == 1);
}

TEST_CASE("every input of a group bears an equal share of the rest") {
    // 100 ms for two inputs of 20 and 10 ms at 40 W; 70 ms of rest at 2 W: 140 mJ.
    GroupEnergy energy;
    energy.begin(0.05, 0.05);
    CHECK(energy.idle_of_input_j(0.02, 2) == Approx(2 * 0.03));
    CHECK(0.14 + energy.idle_of_last_j() == Approx(2 * 0.04));
    energy.begin(0.05, 0.05);
    CHECK(energy.idle_of_last_j() == 0);
}

TEST_CASE("an early word leaves its time to the others, a late word takes from them") {
    // Words of 20 ms: 200 ms for four are 50 each, then 180 / 3, 160 / 2, and all that is left.
    Sentences four;
    Scripted scheme({choose(small::kQuickLow)});
    const auto words = four.play(scheme);
    CHECK(*scheme.goals[0].deadline_s == Approx(0.05));
    CHECK(*scheme.goals[1].deadline_s == Approx(0.06));
    CHECK(*scheme.goals[2].deadline_s == Approx(0.08));
    CHECK(*scheme.goals[3].deadline_s == Approx(0.14));
    CHECK(*scheme.goals[4].deadline_s == Approx(0.2));  // a sentence of one word
    CHECK(*scheme.goals[5].deadline_s == Approx(0.1));
    CHECK(*words[3].response_s == Approx(0.08));  // since the sentence arrived
    CHECK(words[3].met_deadline);

    // The first word takes 110 ms: 90 ms for three.
    Sentences late({5.5, 1, 1, 1, 1, 1, 1});
    Scripted slow({choose(small::kQuickLow)});
    CHECK(late.play(slow)[0].met_deadline);  // later than its share, but the sentence is not over
    CHECK(*slow.goals[1].deadline_s == Approx(0.03));
    CHECK(*slow.goals[4].deadline_s == Approx(0.2));
}

TEST_CASE("a sentence that runs out of time misses what is left, and the next is on time") {
    // 20 ms at 6 times: the first ends at 120, the second at 240 ms.
    Sentences slow({6, 6, 1, 1, 1, 1, 1});
    slow.workload.goal.period_s = slow.workload.period_s = 0.3;
    Scripted scheme({choose(small::kQuickLow)});
    const auto words = slow.play(scheme);
    CHECK(words[0].met_deadline);
    CHECK_FALSE(words[1].met_deadline);
    CHECK(*words[1].response_s == Approx(0.24));
    for (const std::size_t n : {2, 3}) {
        CHECK_FALSE(words[n].met_deadline);
        CHECK_FALSE(words[n].latency_s);
        CHECK_FALSE(words[n].correct);
    }
    CHECK(*scheme.goals[4].deadline_s == Approx(0.2));
    CHECK(*words[4].response_s == Approx(0.02));
    const RunFigures figures = figures_of(words, slow.workload.goal, 0.1);
    CHECK(figures.groups == 3);
    CHECK(figures.groups_late == 1);
    CHECK(figures.deadline_misses == 3);
    CHECK(figures.accuracy == Approx((4 + 3 * 0.1) / 7));
}

TEST_CASE("an anytime network goes on while it fits into the share of its word") {
    // 100 ms for four words; stages end at 12 and 30 ms. Shares: 25, 88 / 3, 76 / 2 and 46 ms.
    Sentences sentences;
    sentences.workload.goal.deadline_s = 0.1;
    Scripted scheme({choose(small::kNested2High)});
    const auto words = sentences.play(scheme);
    CHECK(words[0].configuration == small::kNested1High);
    CHECK(words[1].configuration == small::kNested1High);
    CHECK(words[2].configuration == small::kNested2High);
    CHECK(words[3].configuration == small::kNested2High);
    CHECK(*words[3].response_s == Approx(0.084));
    CHECK(words[4].configuration == small::kNested2High);  // a sentence of one word
}

TEST_CASE("the words of a sentence share the energy of its period, rest included") {
    Sentences sentences;
    Decision decision = choose(small::kQuickLow);
    decision.idle_ratio = 0.3;
    Scripted scheme({decision});
    const auto words = sentences.play(scheme);
    // 20 ms at 10 W, and a share of the rest: 50, 200 and 100 ms less 20 at 2 W. Of the first
    // sentence at 0.3 of 10 W, as the idle power is not known yet; its last word bears what is
    // left of the 120 ms at 2 W.
    for (const std::size_t n : {0, 1, 2}) {
        CHECK(words[n].energy_j == Approx(0.2 + 3 * 0.03));
    }
    CHECK(words[3].energy_j == Approx(0.2 + 2 * 0.12 - 3 * 3 * 0.03));
    CHECK(words[4].energy_j == Approx(0.2 + 2 * 0.18));
    CHECK(words[5].energy_j == Approx(0.2 + 2 * 0.08));
    CHECK(words[6].energy_j == Approx(0.2 + 2 * 0.08));
    CHECK(scheme.goals[2].period_s == Approx(0.05));  // what E9 reckons with
}

TEST_CASE("the energy goal follows the rest, which is longer for the words of a short sentence") {
    // 200 ms for four, one and two words, 600 / 7 ms on average; 2 W at rest, not known before the
    // first. 4 goals of the fourth sentence, and 1 and 2 of those before, are 7 of 0.5 J.
    Sentences sentences(std::vector<double>(14, 1));
    sentences.workload.inputs = 14;
    sentences.workload.goal.energy_j = 0.5;
    Scripted scheme({choose(small::kQuickLow)});
    sentences.play(scheme);
    const auto goal_j = [&](std::size_t n) { return *scheme.goals[n].energy_j; };
    CHECK(goal_j(0) == 0.5);
    CHECK(goal_j(4) == Approx(0.5 + 2 * (0.2 - 0.6 / 7)));
    CHECK(goal_j(5) == Approx(0.5 + 2 * (0.1 - 0.6 / 7)));
    CHECK(goal_j(7) == Approx(0.5 + 2 * (0.05 - 0.6 / 7)));
    CHECK(4 * goal_j(7) + goal_j(4) + 2 * goal_j(5) == Approx(3.5));

    sentences.workload.shared = false;
    Scripted alone({choose(small::kQuickLow)});
    sentences.play(alone);
    CHECK(*alone.goals[7].energy_j == 0.5);

    GroupEnergy energy;  // of a sentence so long that its share would leave less than nothing
    energy.begin(0.05, 0.15);
    CHECK(energy.goal_j(0.1, 2) == Approx(0.3 * 0.1));
}

TEST_CASE("without sharing every word has the whole deadline and period") {
    Sentences sentences;
    sentences.workload.shared = false;
    Scripted scheme({choose(small::kQuickLow)});
    const auto words = sentences.play(scheme);
    for (const InputGoal& goal : scheme.goals) {
        CHECK(*goal.deadline_s == Approx(0.2));
        CHECK(goal.period_s == Approx(0.2));
    }
    CHECK_FALSE(words[0].group);
    CHECK_FALSE(figures_of(words, sentences.workload.goal, 0.1).groups);
}

TEST_CASE("the oracle shares a deadline so that the sentence is answered best") {
    // 100 ms for four words: at full power the second stage takes 30 ms (right), the first 12 ms
    // (wrong here), a quick answer 10 (wrong). Three second stages and a quick answer fit.
    Sentences sentences;
    sentences.workload.goal.deadline_s = 0.1;
    auto& trace = sentences.trace;
    for (std::size_t n = 0; n < 7; ++n) {
        for (std::size_t c = 0; c < trace.configurations; ++c) {
            trace.correct[trace.index(n, c)] = c == small::kNested2High || c == small::kNested2Low;
        }
    }
    const auto words =
        small::play(sentences.family, trace, sentences.workload, "oracle", Estimator::kPaper);
    int right = 0;
    for (std::size_t n = 0; n < 4; ++n) {
        CHECK(words[n].met_deadline);
        right += words[n].correct ? 1 : 0;
    }
    CHECK(*words[3].response_s <= 0.1);
    CHECK(right == 3);
}

TEST_CASE("no accuracy that is out of reach makes an oracle late") {
    // 95 ms for four words: three second stages of 30 ms would leave nothing to the fourth.
    Sentences sentences;
    sentences.workload.goal.deadline_s = 0.095;
    sentences.workload.goal.accuracy = 0.99;
    const auto words = small::play(sentences.family, sentences.trace, sentences.workload,
                                   "oracle-timely", Estimator::kPaper);
    for (const PlayedInput& word : words) {
        CHECK(word.met_deadline);
    }
    CHECK(words[3].configuration == small::kNested2High);
}

TEST_CASE("the paper's grid gives a group as much time as its inputs have together") {
    const Profile family = small::family();
    const auto own = paper_grid(family, 2, 100, 20);
    const auto shared = paper_grid(family, 2, 100, 20, 2.5);
    REQUIRE(shared.size() == own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
        CHECK(shared[i].period_s == Approx(2.5 * own[i].period_s));
        CHECK(shared[i].goal.energy_j == own[i].goal.energy_j);
        CHECK(shared[i].goal.deadline_s.has_value() == own[i].goal.deadline_s.has_value());
        if (own[i].goal.deadline_s) {
            CHECK(*shared[i].goal.deadline_s == Approx(2.5 * *own[i].goal.deadline_s));
        }
    }
}
