#include <sys/stat.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "tests/cli/commands/reporting.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;

TEST_CASE_METHOD(SampleStore, "reports of a run are as they were") {
    const std::vector<std::string> run = {"run", "--label", "adaptive", "--format"};
    const auto as = [&](const std::string& format) {
        std::vector<std::string> arguments = run;
        arguments.push_back(format);
        return rounded(report(file, arguments).out);
    };
    CHECK(as("table") == golden("run.txt"));
    CHECK(as("json") == rounded(golden("run.json")));
    CHECK(as("csv") == rounded(golden("run.csv")));
}

TEST_CASE_METHOD(SampleStore, "a report of inputs that share deadlines tells of their groups") {
    db::RunRow run = test::adaptive_run();
    run.label = "sentences";
    run.shared = true;
    run.deadline_s = run.period_s = 0.05;
    std::vector<db::RunInput> inputs = test::adaptive_inputs();
    // Sentences of six, three and one word; the last two were not answered in time.
    for (db::RunInput& input : inputs) {
        input.group_id = input.n < 6 ? 0 : input.n < 9 ? 1 : 2;
        input.deadline_s = run.deadline_s;
    }
    db::Store store(file);
    store.add_inputs(store.add_run(run).id, inputs);
    CHECK(report(file, {"run", "--label", "sentences"}).out == golden("run_groups.txt"));
    const std::string json = report(file, {"run", "--label", "sentences", "--json"}).out;
    const auto parsed = nlohmann::json::parse(json);
    CHECK(parsed["deadline_per"] == "group");
    CHECK(parsed["groups"]["groups"] == 3);
    CHECK(parsed["groups"]["late"] == 2);
    CHECK(parsed["groups"]["inputs_mean"] == Approx(10.0 / 3));
    CHECK(parsed["groups"]["answered_mean"] == Approx((1 + 2.0 / 3 + 0) / 3));
    // A missed word counts 10 %.
    CHECK(parsed["groups"]["accuracy_mean"] == Approx((1 + 2.1 / 3 + 0.1) / 3));
    const std::string csv = report(file, {"run", "--label", "sentences", "--format", "csv"}).out;
    CHECK(holds(csv,
                ",groups,groups_late,miss_limit,violated_strict,group_inputs_mean,"
                "group_answered_mean,group_accuracy_mean,energy_error_j\n"));
    CHECK(holds(csv, ",3,2,0.1,1,3.3333333333333335,"));
}

TEST_CASE("a report of a family with a perplexity has it beside the accuracy") {
    const Folder folder;
    db::ProfileRow profile = test::quiet_profile();
    profile.top = 5;
    {
        db::Store store(folder / "alert.db");
        profile = store.add_profile(profile);
        std::vector<db::Sample> samples;
        for (std::int64_t i = 0; i < 2; ++i) {  // of log losses 2 and 4
            samples.push_back({.model_id = profile.models[0].id,
                               .setting_id = profile.settings[1].id,
                               .round = i,
                               .input = i,
                               .latency_s = 1e-3,
                               .correct = i == 0,
                               .log_loss = 2.0 + 2.0 * static_cast<double>(i)});
        }
        store.add_samples(samples);
    }
    const std::string text = report(folder / "alert.db", {"profile"}).out;
    CHECK(holds(text, "right answer   the label is among the 5 best\n"));
    CHECK(holds(text, "accuracy  perplexity  front"));
    CHECK(holds(text, "  50.0 %        20.1  "));
    const auto json = nlohmann::json::parse(report(folder / "alert.db", {"--json"}).out);
    CHECK(json["top"] == 5);
    CHECK(json["configurations"][0]["perplexity"] == Approx(std::exp(3)));
}

TEST_CASE("a perplexity that is infinite is infinite everywhere, with the number of inputs") {
    const Folder folder;
    db::ProfileRow profile = test::quiet_profile();
    {
        db::Store store(folder / "alert.db");
        profile = store.add_profile(profile);
        std::vector<db::Sample> samples;
        for (std::int64_t i = 0; i < 3; ++i) {
            samples.push_back({.model_id = profile.models[0].id,
                               .setting_id = profile.settings[1].id,
                               .round = i,
                               .input = i,
                               .latency_s = 1e-3,
                               .log_loss = i == 0 ? 1 : std::numeric_limits<double>::infinity()});
        }
        store.add_samples(samples);
    }
    const std::string name = profile.models[0].name;
    const std::string text = report(folder / "alert.db", {"profile"}).out;
    CHECK(holds(text, "0.0 %           ∞  "));
    CHECK(holds(text,
                "perplexity ∞: the label of some inputs has a score of -inf (" + name + ": 2)"));
    CHECK(holds(report(folder / "alert.db", {"profile", "--format", "html"}).out, "∞"));
    const auto json = nlohmann::json::parse(report(folder / "alert.db", {"--json"}).out);
    CHECK(json["configurations"][0]["perplexity"] == "Infinity");
    CHECK(json["configurations"][0]["infinite_losses"] == 2);
    const std::string csv = report(folder / "alert.db", {"profile", "--format", "csv"}).out;
    CHECK(holds(csv, ",Infinity,,2,,\n"));
}

TEST_CASE_METHOD(SampleStore, "beside the energy of a meter stands its error") {
    db::RunRow run = test::adaptive_run();
    run.label = "metered";
    run.energy_source = "measured:rapl";
    run.energy_resolution_s = 1e-3;
    db::Store store(file);
    store.add_inputs(store.add_run(run).id, test::adaptive_inputs());
    // 200 mJ six times, 600 mJ twice, 700 mJ and 100 mJ: sqrt(0.436 / 9 / 10) J.
    CHECK(holds(report(file, {"run", "--label", "metered"}).out, "320 mJ ± 69.6 mJ per input"));
}

TEST_CASE_METHOD(SampleStore, "reports of a profile are as they were") {
    CHECK(report(file, {"profile"}).out == golden("profile.txt"));
    CHECK(report(file, {"profile", "--full"}).out == golden("profile_full.txt"));
    CHECK(report(file, {"profile", "--json"}).out == golden("profile.json"));
    CHECK(report(file, {"profile", "--format", "csv"}).out == golden("profile.csv"));
}

TEST_CASE_METHOD(SampleStore, "the newest run is reported unless told otherwise") {
    CHECK(holds(report(file, {}).out, "Run 3 \"nothing\""));
    CHECK(report(file, {}).out == report(file, {"run", "--last"}).out);
    CHECK(holds(report(file, {"profile", "--last"}).out, "Profile \"quiet\""));
    CHECK(holds(report(file, {"--label", "quiet"}).out, "Profile \"quiet\""));
}

TEST_CASE("a store without runs reports its newest profile") {
    const Folder folder;
    db::Store(folder / "alert.db").add_profile(test::quiet_profile());
    const Result result = report(folder / "alert.db", {});
    CHECK(holds(result.out, "Profile \"quiet\""));
    CHECK(holds(result.out, "Nothing was measured yet"));
    CHECK(holds(refusal(folder / "alert.db", {"run"}), "no run is stored yet"));
}

TEST_CASE("an empty store is refused with the way on") {
    const Folder folder;
    db::Store(folder / "alert.db");
    CHECK(holds(refusal(folder / "alert.db", {}), "nothing is stored yet; begin with"));
    CHECK_FALSE(refusal(folder / "missing.db", {}).empty());
    CHECK_FALSE(fs::exists(folder / "missing.db"));
}

TEST_CASE_METHOD(SampleStore, "an unknown label is refused with those that there are") {
    CHECK(refusal(file, {"--label", "adaptiv"}) ==
          "--label adaptiv: not in the store (did you mean adaptive?); runs: adaptive, calm, "
          "nothing; profiles: quiet");
    CHECK(refusal(file, {"profile", "--label", "adaptive"}) ==
          "--label adaptive: not in the store; profiles: quiet");
    CHECK(holds(refusal(file, {"prfile"}), "did you mean profile?"));
}

TEST_CASE_METHOD(SampleStore, "several labels give several reports") {
    const std::vector<std::string> both = {"--label", "calm", "--label", "adaptive"};
    auto with = [&](std::vector<std::string> more) {
        more.insert(more.end(), both.begin(), both.end());
        return report(file, more).out;
    };
    const std::string text = with({});
    CHECK(text.find("\"calm\"") < text.find("\"adaptive\""));
    const auto json = nlohmann::json::parse(with({"--json"}));
    REQUIRE(json.size() == 2);
    CHECK(json[1]["label"] == "adaptive");
    const std::string csv = with({"--format", "csv"});
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 3);
    CHECK(holds(refusal(file, {"--format", "csv", "--label", "calm", "--label", "quiet"}),
                "different columns"));
}

TEST_CASE_METHOD(SampleStore, "flag --check tells by the exit code that a goal was violated") {
    CHECK(report(file, {"--label", "adaptive"}).code == kDone);
    CHECK(report(file, {"--label", "calm", "--check"}).code == kDone);
    const Result result = report(file, {"--label", "calm", "--label", "adaptive", "--check"});
    CHECK(result.code == kConstraintViolated);
    CHECK(holds(result.out, "violated"));
}

TEST_CASE_METHOD(SampleStore, "flag --miss-limit judges a run anew, and changes nothing stored") {
    // 2 of 10 inputs were late, and one second in ten of energy is above its goal: without that
    // goal the deadline alone decides.
    db::RunRow run = test::adaptive_run();
    run.label = "late";
    run.accuracy_goal.reset();
    run.energy_goal_j.reset();
    {
        db::Store store(file);
        run = store.add_run(run);
        store.add_inputs(run.id, test::adaptive_inputs());
        store.finish_run(run.id, {});
    }
    const auto judged = [&](std::vector<std::string> flags) {
        flags.insert(flags.begin(), {"run", "--label", "late", "--json"});
        return nlohmann::json::parse(report(file, flags).out);
    };
    const auto own = judged({});
    CHECK(own["miss_limit"] == 0.1);
    CHECK(own["violated"] == 1);
    CHECK(own["violated_strict"] == 1);
    CHECK(own["goals"]["deadline"]["kept"] == false);
    const auto lax = judged({"--miss-limit", "20%"});
    CHECK(lax["miss_limit"] == 0.2);
    CHECK(lax["violated"] == 0);
    CHECK(lax["violated_strict"] == 1);
    CHECK(lax["goals"]["deadline"]["kept"] == true);
    CHECK(lax["goals"]["deadline"]["miss_limits"].size() == 3);
    const std::vector<std::string> check = {"run", "--label", "late", "--check", "--miss-limit"};
    const auto code = [&](const std::string& limit) {
        std::vector<std::string> flags = check;
        flags.push_back(limit);
        return report(file, flags).code;
    };
    CHECK(code("20%") == kDone);
    CHECK(code("19%") == kConstraintViolated);
    CHECK(judged({})["violated"] == 1);
    CHECK(holds(report(file, {"run", "--label", "late", "--format", "csv"}).out, ",0.1,1,"));
}

TEST_CASE_METHOD(SampleStore, "flag --miss-limit judges every run of a comparison anew") {
    const auto violated = [&](std::vector<std::string> flags) {
        flags.insert(flags.begin(), {"compare", "--label", "calm", "--json"});
        return nlohmann::json::parse(report(file, flags).out)["schemes"][0];
    };
    CHECK(violated({})["miss_limit"] == 0.1);
    CHECK(violated({"--miss-limit", "5%"})["miss_limit"] == 0.05);
    CHECK(holds(report(file, {"compare", "--label", "calm", "--miss-limit", "5%"}).out,
                "more than 5 %"));
    CHECK(refusal(file, {"profile", "--miss-limit", "5%"}) ==
          "--miss-limit is only for `alert report run` and `alert report compare`");
    CHECK(holds(refusal(file, {"--miss-limit", "5"}), "percent sign is missing"));
}

TEST_CASE_METHOD(SampleStore, "what was not measured is null, and no column for people") {
    const auto json = nlohmann::json::parse(report(file, {"--label", "calm", "--json"}).out);
    CHECK(json["energy_j"].is_null());
    CHECK(json["accuracy"].is_null());
    CHECK(json["goals"]["energy"].is_null());
    CHECK(json["goals"]["deadline"]["kept"] == true);
    CHECK(json["violated"] == 0);
    const std::string text = report(file, {"--label", "calm"}).out;
    CHECK(holds(text, "no source: energy was not measured"));
    CHECK_FALSE(holds(text, "modelled"));
    CHECK_FALSE(holds(text, "  accuracy"));  // as a fact or a column
}

TEST_CASE_METHOD(SampleStore, "a run without inputs is reported") {
    const std::string text = report(file, {"--label", "nothing"}).out;
    CHECK(holds(text, "0 of 2"));
    CHECK(holds(text, "not measured"));
    CHECK(holds(report(file, {"--label", "nothing", "--format", "html"}).out, "</html>"));
    const auto json = nlohmann::json::parse(report(file, {"--label", "nothing", "--json"}).out);
    CHECK(json["latency"].is_null());
    CHECK(json["parts"].empty());
}

TEST_CASE("reports of long names fit 80 columns") {
    const Folder folder;
    const std::string name(70, 'n');
    db::ProfileRow profile = test::quiet_profile();
    profile.label = std::string(100, 'l');
    profile.models[1].name = name;
    profile.data_file = "/" + std::string(120, 'd') + "/test.pt";
    {
        db::Store store(folder / "alert.db");
        profile = store.add_profile(profile);
        std::vector<db::Sample> samples;
        for (std::int64_t i = 0; i < 3; ++i) {
            for (int stage = 1; stage < 3; ++stage) {
                samples.push_back({.model_id = profile.models[1].id,
                                   .setting_id = profile.settings[1].id,
                                   .round = i,
                                   .stage = stage,
                                   .input = i,
                                   .latency_s = 11.3e-3 * stage,
                                   .power_w = 100,
                                   .correct = true,
                                   .log_loss = 9.0});  // of 8,000 words a guess
            }
        }
        store.add_samples(samples);
        db::RunRow run = test::adaptive_run();
        run.profile = profile.label;
        run.environment = std::string(90, 'e');
        run = store.add_run(run);
        std::vector<db::RunInput> inputs = test::adaptive_inputs();
        for (db::RunInput& input : inputs) {
            input.model = name;
            input.environment = "default, compute, memory";
        }
        store.add_inputs(run.id, inputs);
    }
    CHECK(width_of(report(folder / "alert.db", {"run"}).out) <= 80);
    CHECK(width_of(report(folder / "alert.db", {"profile"}).out) <= 80);
    CHECK(width_of(report(folder / "alert.db", {"profile", "--full"}).out) <= 80);
}

TEST_CASE_METHOD(SampleStore,
                 "flag --output replaces the file as a whole and leaves nothing beside it") {
    const fs::path page = folder / "page.html";
    std::ofstream(page) << "older";
    chmod(page.c_str(), 0600);
    const Result result =
        report(file, {"--label", "adaptive", "--format", "html", "--output", page.string()});
    CHECK(result.out.empty());
    CHECK(holds(result.err, "wrote " + page.string()));
    CHECK(holds(test::read_file(page), "<svg"));
    CHECK((fs::status(page).permissions() & fs::perms::all) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    const auto files = std::distance(fs::directory_iterator(page.parent_path()), {});
    CHECK(files == 2 + (fs::exists(folder / "alert.db-wal") ? 2 : 0));
}

TEST_CASE_METHOD(SampleStore, "profile and run print the report of what they stored") {
    std::ostringstream out, err;
    Reporter reporter(err, false, false);
    Context context{.out = out, .reporter = reporter, .style = {}, .store = file, .command = {}};
    report_profile(context, "quiet", Format::kCsv);
    CHECK(out.str() == golden("profile.csv"));
    out.str("");
    report_run(context, 1);
    CHECK(out.str() == golden("run.txt"));
}
