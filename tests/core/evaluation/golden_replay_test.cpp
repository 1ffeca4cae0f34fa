// What every scheme decided on recorded inputs, and what came of it, kept as text: a change of the
// method shows here first. ALERT_RENEW_GOLDEN=1 in the environment writes the text anew.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/evaluation/replay.h"
#include "core/evaluation/schemes.h"
#include "tests/golden/recorded_family.h"
#include "tests/support/catch.h"

using namespace alert;
using golden::RecordedFamily;

namespace {

// Vectorised loops differ by processor and compiler.
constexpr double kTolerance = 1e-5;
constexpr double kNothing = 1e-12;

constexpr auto kEnergy = Objective::kMinimiseEnergy;
constexpr auto kAccuracy = Objective::kMaximiseAccuracy;
constexpr auto kLatency = Objective::kMinimiseLatency;

struct Setting {
    std::string name;
    double period_s = 0;
    Goal goal;  // without its period
    int window = 20;
    bool shared = true;        // where the family has groups
    bool every_scheme = true;  // else alert alone
};

const std::vector<Setting> kOfImages{
    {"least energy", 3e-3, {kEnergy, 2.5e-3, 0.95}},
    {"most accuracy", 3e-3, {kAccuracy, 2.5e-3, {}, 0.13}},
    {"least latency", 6e-3, {kLatency, {}, 0.95, 0.14}},
    {"least energy, one input", 1e-3, {kEnergy, 0.5e-3, 0.92}, 1, true, false},
    {"least energy, due after the next", 4e-3, {kEnergy, 12e-3, 0.955}, 20, true, false},
    {"least energy, all three", 3e-3, {kEnergy, 3e-3, 0.95, 0.1}, 50, true, false},
    {"most accuracy, sure",
     2e-3,
     {.objective = kAccuracy, .deadline_s = 1.3e-3, .energy_j = 0.08, .confidence = 0.95},
     5,
     true,
     false},
    {"most accuracy, deadline alone", 0.9e-3, {kAccuracy, 0.7e-3}, 20, true, false},
    {"least latency, one input", 3e-3, {kLatency, {}, 0.95, 0.16}, 1, true, false}};

const std::vector<Setting> kOfSentences{
    {"least energy", 0.1, {kEnergy, 0.1, 0.42}},
    {"most accuracy", 0.1, {kAccuracy, 0.1, {}, 0.12}},
    {"least latency", 0.15, {kLatency, {}, 0.42, 0.2}},
    {"least energy, one input", 0.06, {kEnergy, 0.04, 0.39}, 1, true, false},
    {"least energy, roomy", 1.5, {kEnergy, 1.5, 0.43}, 20, true, false},
    {"most accuracy, sure",
     0.12,
     {.objective = kAccuracy, .deadline_s = 0.08, .energy_j = 0.15, .confidence = 0.95},
     20,
     true,
     false},
    {"most accuracy, each word", 9e-3, {kAccuracy, 40e-3, {}, 0.18}, 20, false, false},
    {"least latency, each word", 8e-3, {kLatency, {}, 0.42, 0.3}, 20, false, false}};

struct Player {
    std::string scheme;
    Estimator estimator;
};

// All of them; with either estimator, where that makes a difference.
std::vector<Player> players(const std::vector<std::string>& fixed) {
    std::vector<std::string> schemes(scheme_names().begin(), scheme_names().end());
    schemes.insert(schemes.end(), fixed.begin(), fixed.end());
    std::vector<Player> all;
    for (const std::string& scheme : schemes) {
        const bool estimates =
            scheme != "alert-star" && (!needs_trace(scheme) || scheme == "oracle-static");
        all.push_back({scheme, Estimator::kCalibrated});
        if (estimates) {
            all.push_back({scheme, Estimator::kPaper});
        }
    }
    return all;
}

// As it is written: choices, then figures; an empty figure was not measured.
struct Line {
    std::array<std::size_t, 4> choices{};  // n, chosen, answered, met
    std::array<std::optional<double>, 7> figures;
};

enum : std::size_t { kLatencyMs, kEnergyMj, kExpected, kProbability, kXiMean, kXiStd, kIdleRatio };

Line line_of(std::size_t n, const PlayedInput& input) {
    const Decision& decision = input.decision;
    const auto milli = [](std::optional<double> figure) {
        return figure ? std::optional(1e3 * *figure) : figure;
    };
    return {
        {n, decision.configuration, input.configuration, input.met_deadline ? 1U : 0U},
        {milli(input.latency_s), milli(input.energy_j.value_or(0)), decision.accuracy,
         decision.deadline_probability, decision.xi_mean, decision.xi_std, decision.idle_ratio}};
}

std::string text_of(const Line& line) {
    std::string text;
    for (const std::size_t choice : line.choices) {
        text += (text.empty() ? "" : " ") + std::to_string(choice);
    }
    for (const auto& figure : line.figures) {
        std::array<char, 32> digits{"-"};
        if (figure) {
            std::snprintf(digits.data(), digits.size(), "%.7g", *figure);
        }
        text += std::string(" ") + digits.data();
    }
    return text;
}

std::optional<Line> line_from(const std::string& text) {
    std::istringstream words(text);
    Line line;
    for (std::size_t& choice : line.choices) {
        words >> choice;
    }
    for (auto& figure : line.figures) {
        std::string word;
        words >> word;
        figure = word == "-" || word.empty() ? std::nullopt : std::optional(std::stod(word));
    }
    return words ? std::optional(line) : std::nullopt;
}

// Probabilities of 1e-20 are a matter of rounding, and so is the choice for an input whose deadline
// has passed before it could start; the standard deviation is a difference of rounded squares.
bool alike(const Line& now, const Line& before) {
    const bool never_ran = !now.figures[kLatencyMs] && !before.figures[kLatencyMs];
    bool same = now.choices.front() == before.choices.front() &&
                now.choices.back() == before.choices.back() &&
                (never_ran || now.choices == before.choices);
    for (std::size_t i = 0; i < now.figures.size(); ++i) {
        const auto &figure = now.figures[i], &was = before.figures[i];
        const double scale =
            std::abs(was.value_or(0)) + (i == kXiStd ? *before.figures[kXiMean] : 0);
        same = same && figure.has_value() == was.has_value() &&
               (!was || std::abs(*figure - *was) <= kTolerance * scale + kNothing);
    }
    return same;
}

struct Replayed {
    std::string title;  // family, setting, scheme, estimator
    std::vector<Line> lines;
};

Replayed play(const std::string& family_name, const RecordedFamily& family, const Setting& setting,
              const Player& player) {
    Workload workload{.goal = setting.goal,
                      .inputs = family.trace.inputs + 3,  // and starts over
                      .period_s = setting.period_s,
                      .window = setting.window,
                      .shared = setting.shared && family.trace.groups.shared()};
    workload.goal.period_s = setting.period_s;
    Replayed replayed{
        .title = family_name + ", " + setting.name + ": " + player.scheme +
                 (player.estimator == Estimator::kPaper ? " (paper)" : " (calibrated)"),
        .lines = {}};
    const auto scheme =
        make_scheme(player.scheme, family.profile, player.estimator, workload, &family.trace);
    replay(family.profile, family.trace, workload, *scheme, [&](const PlayedInput& input) {
        replayed.lines.push_back(line_of(replayed.lines.size(), input));
    });
    return replayed;
}

std::vector<Replayed> play_all(const std::string& name, const std::vector<Setting>& settings,
                               const std::vector<std::string>& fixed) {
    const RecordedFamily family = golden::recorded_family(name);
    std::vector<Replayed> all;
    for (const Setting& setting : settings) {
        for (const Player& player : players(fixed)) {
            if (setting.every_scheme || player.scheme == "alert") {
                all.push_back(play(name, family, setting, player));
            }
        }
    }
    for (const Estimator estimator : {Estimator::kCalibrated, Estimator::kPaper}) {
        all.push_back(play(name + " without a meter", without_power(family), settings[0],
                           {"alert", estimator}));
    }
    return all;
}

void write(const std::string& file, const std::vector<Replayed>& all) {
    std::ofstream text(file);
    text << "# n, configuration chosen and answered (rows of the profile, from 0), deadline met;\n"
            "# latency (ms), energy (mJ), accuracy expected, deadline probability, mean and\n"
            "# standard deviation of xi, idle ratio\n";
    for (const Replayed& replayed : all) {
        text << "\n" << replayed.title << "\n";
        for (const Line& line : replayed.lines) {
            text << text_of(line) << "\n";
        }
    }
}

// Holds what was played against the text; says where the first few differences are.
void compare(const std::string& file, const std::vector<Replayed>& all) {
    std::ifstream text(file);
    std::string expected;
    for (int comment = 0; comment < 3; ++comment) {
        std::getline(text, expected);
    }
    int differing = 0;
    for (const Replayed& replayed : all) {
        std::getline(text, expected);
        std::getline(text, expected);
        INFO(replayed.title);
        REQUIRE(expected == replayed.title);
        for (const Line& line : replayed.lines) {
            std::getline(text, expected);
            const auto before = line_from(expected);
            REQUIRE(before);
            if (!alike(line, *before)) {
                INFO("before " << expected);
                INFO("now    " << text_of(line));
                CHECK(alike(line, *before));
                REQUIRE(++differing < 5);
            }
        }
    }
    CHECK_FALSE(std::getline(text, expected));
}

void check(const std::string& name, const std::vector<Setting>& settings,
           const std::vector<std::string>& fixed) {
    const std::string file = ALERT_GOLDEN_DIR "/" + name + "_replays.txt";
    const auto all = play_all(name, settings, fixed);
    if (std::getenv("ALERT_RENEW_GOLDEN") != nullptr) {
        write(file, all);
    }
    compare(file, all);
}

}  // namespace

TEST_CASE("every scheme decides on the recorded images as it did before") {
    check("image", kOfImages,
          {"fixed:nested-4@60W", "fixed:nested-4/2@100W", "fixed:cnn-473k-flip@40W"});
}

TEST_CASE("every scheme decides on the recorded sentences as it did before") {
    check("sentence", kOfSentences, {"fixed:nested-3@60W", "fixed:lstm-128@100W"});
}
