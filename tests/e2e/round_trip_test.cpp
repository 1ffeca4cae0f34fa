#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using nlohmann::json;

/// E4 with the paper's constants, written again from its definition.
struct Slowdown {
    double mean = 1, std = 0.1, gain = 0.5, noise = 0.1, innovation = 0;

    void observe(double ratio) {
        noise = std::max(0.1, 0.3 * noise + 0.7 * std::pow(gain * innovation, 2));
        std = (1 - gain) * std + noise;
        gain = std / (std + 0.001);
        innovation = ratio - mean;
        mean += gain * innovation;
    }
};

double normal_cdf(double x) {
    return std::erfc(-x / std::sqrt(2.0)) / 2;
}

double profiled_mean(const Session& session, const json& input) {
    const std::string model = input.at("model"), setting = input.at("power_setting");
    return std::stod(session.sql("SELECT latency_mean_s FROM profile_summary WHERE model = '" +
                                 model + "' AND power_setting = '" + setting + "'"));
}

std::set<std::string> keys(const json& object) {
    std::set<std::string> names;
    for (const auto& [name, value] : object.items()) {
        names.insert(name);
    }
    return names;
}

TEST_CASE("what a run states of each input follows from the profile and the inputs before") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 40");
    const auto inputs =
        session.run_json("--deadline 2ms --accuracy 50% --inputs 40 --seed 3 --estimator paper");
    REQUIRE(inputs.size() == 40);
    std::map<std::string, double> means;
    Slowdown slowdown;
    for (std::size_t n = 0; n < inputs.size(); ++n) {
        const json& input = inputs[n];
        INFO(input.dump());
        CHECK(input.at("n") == n);
        CHECK(input.at("stage").is_null());
        CHECK(input.at("xi_mean").get<double>() == Approx(slowdown.mean).epsilon(1e-9));
        CHECK(input.at("xi_std").get<double>() == Approx(slowdown.std).epsilon(1e-9));
        const std::string configuration =
            input.at("model").get<std::string>() + input.at("power_setting").get<std::string>();
        if (!means.contains(configuration)) {
            means[configuration] = profiled_mean(session, input);
        }
        const double profiled = means[configuration];
        if (input.at("latency_s").is_null()) {
            CHECK(input.at("met_deadline") == 0);
            CHECK(input.at("response_s").is_null());
            continue;
        }
        const double latency = input.at("latency_s"), response = input.at("response_s");
        const double deadline = input.at("deadline_s");
        CHECK(latency > 0);
        CHECK(response >= latency);
        CHECK(input.at("met_deadline") == (response <= deadline ? 1 : 0));
        // The input may have waited, and the decision's worst case is set aside: both shorten the
        // deadline of E6 by what can be told here only within bounds.
        const double waited = response - latency;
        const auto probability = [&](double left) {
            return normal_cdf((left / profiled - slowdown.mean) / slowdown.std);
        };
        const double stated = input.at("deadline_probability");
        CHECK(stated <= probability(deadline) + 1e-3);
        CHECK(stated >= probability(deadline - waited - 0.1 * deadline) - 1e-3);
        slowdown.observe(latency / profiled);
    }
}

TEST_CASE("JSON lines have the promised keys and say what the store says") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    const auto inputs = session.run_json("--deadline 5ms --energy 2J --inputs 6");
    REQUIRE(inputs.size() == 6);
    const std::set<std::string> promised = {"n",
                                            "model",
                                            "stage",
                                            "power_setting",
                                            "deadline_s",
                                            "latency_s",
                                            "response_s",
                                            "energy_j",
                                            "accuracy_expected",
                                            "deadline_probability",
                                            "correct",
                                            "met_deadline",
                                            "xi_mean",
                                            "xi_std",
                                            "idle_ratio",
                                            "decision_s"};
    for (const json& input : inputs) {
        const auto given = keys(input);
        CHECK(std::includes(given.begin(), given.end(), promised.begin(), promised.end()));
    }
    const json stored =
        json::parse(session("sqlite3 -json alert.db 'SELECT * FROM run_input'").out);
    REQUIRE(stored.size() == inputs.size());
    for (std::size_t n = 0; n < inputs.size(); ++n) {
        for (const std::string& key : promised) {
            INFO(n << " " << key);
            if (inputs[n].at(key).is_number_float()) {
                CHECK(stored[n].at(key).get<double>() ==
                      Approx(inputs[n].at(key).get<double>()).epsilon(1e-6));
            } else {
                CHECK(stored[n].at(key) == inputs[n].at(key));
            }
        }
    }
    CHECK(session.sql("SELECT run, profile, scheme, objective, deadline_s, accuracy_goal, "
                      "energy_goal_j, inputs, kind, trace, environment, label FROM run_summary") ==
          "1|default|alert|accuracy|0.005||2.0|6|live||default|run");
}

TEST_CASE("profile_summary has a row per configuration, energy is power times time") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    CHECK(session.sql("SELECT model, stage, power_setting, power_w, energy_source, samples "
                      "FROM profile_summary") ==
          "cnn-1k||40W|40.0|modelled:server|20\ncnn-1k||100W|100.0|modelled:server|20\n"
          "cnn-4k||40W|40.0|modelled:server|20\ncnn-4k||100W|100.0|modelled:server|20");
    CHECK(session.sql("SELECT min(abs(energy_j / (power_w * latency_mean_s) - 1) < 1e-9 AND "
                      "accuracy BETWEEN 0 AND 1 AND abs(fail_accuracy - 0.1) < 1e-9 AND "
                      "latency_std_s > 0) FROM profile_summary") == "1");
    // (85 / 25) ^ (1 / 2.2): how much slower a server under 40W is than under 100W.
    CHECK(std::stod(
              session.sql("SELECT max(latency_mean_s) / min(latency_mean_s) FROM profile_summary "
                          "WHERE model = 'cnn-1k'")) == Approx(std::pow(85.0 / 25.0, 1 / 2.2)));
}

TEST_CASE("a report tells of a run, and of a profile when asked") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20 --label quiet");
    session.run_json("--deadline 5ms --inputs 6 --label short");
    using Catch::Matchers::Contains;
    CHECK_THAT(session("alert report").out, Contains("\"short\""));
    CHECK_THAT(session("alert report run --label short").out, Contains("\"short\""));
    CHECK_THAT(session("alert report profile").out, Contains("Profile \"quiet\""));
    for (const char* what : {"run", "profile"}) {
        const Finished done = session(std::string("alert report ") + what + " --json");
        INFO(done.err);
        REQUIRE(done.code == 0);
        CHECK(json::parse(done.out).is_object());
    }
    const Finished file = session("alert report --json --output report.json && cat report.json");
    CHECK(file.code == 0);
    CHECK(json::accept(file.out));
}

TEST_CASE("a check of a violated goal exits with 3, of a kept one with 0") {
    const Session session;
    session.profile(std::string(kTwoModels) + " --inputs 20");
    const Finished missed = session("alert run --deadline 1us --inputs 10 --check");
    INFO(missed.err);
    CHECK(missed.code == 3);
    CHECK(session("alert report --check").code == 3);
    CHECK(session("alert run --deadline 1us --inputs 10").code == 0);
    const Finished kept = session("alert run --deadline 5s --period 20ms --inputs 5 --check");
    INFO(kept.err);
    CHECK(kept.code == 0);
    CHECK(session("alert report --check").code == 0);
    CHECK(session.sql("SELECT violated FROM run_summary") == "1\n1\n0");
}

TEST_CASE("a run that fails while running exits with 1") {
    const Session session;
    session.profile("--models $ZOO/cnn-1k.pt --data $ZOO/data/test.pt --power none --inputs 5");
    const Finished full = session("alert report > /dev/full");
    INFO(full.err);
    CHECK(full.code == 1);
    CHECK_FALSE(full.err.empty());
}

}  // namespace
}  // namespace alert::test
