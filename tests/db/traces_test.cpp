
#include "support.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::db;
using namespace alert::db::test;
using Catch::Matchers::Contains;

namespace {

/// A store with the trace of fill_trace, for each case to go on with.
struct Traced {
    TempFolder folder;
    Store store{folder / "a.db"};
    TraceRow trace;

    Traced() {
        store.add_profile(a_profile());
        fill_trace(store);
        trace = *store.find_trace("default");
    }

    std::string value(const std::string& sql) const {
        return RawConnection(folder / "a.db").value(sql);
    }
};

/// The profile's models and settings in an order of their own.
Profile a_core_profile() {
    Profile profile;
    profile.models = {"nested", "small"};
    profile.settings = {"40W", "100W"};
    profile.configurations = {{.model = 0, .setting = 0, .stage = 2},
                              {.model = 1, .setting = 1},
                              {.model = 0, .setting = 1, .stage = 1},
                              {.model = 1, .setting = 0}};
    return profile;
}

/// Values of one configuration over the inputs.
template <typename T>
std::vector<T> of_configuration(const Trace& trace, const std::vector<T>& values, std::size_t c) {
    std::vector<T> found;
    for (std::size_t n = 0; n < trace.inputs; ++n) {
        found.push_back(values.at(trace.index(n, c)));
    }
    return found;
}

void check_close(const std::vector<double>& values, const std::vector<double>& expected) {
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(values[i] == Approx(expected[i]));
    }
}

}  // namespace

TEST_CASE("a trace comes back as it was stored") {
    const Traced t;
    const TraceRow expected = a_trace();
    CHECK(t.trace.label == "default");
    CHECK(t.trace.created_at == expected.created_at);
    CHECK(t.trace.machine.cpu == "cpu");
    CHECK(t.trace.machine.memory_bytes == 8'000'000'000);
    CHECK(t.trace.machine.system_id == "cc");
    CHECK(t.trace.task == expected.task);
    CHECK(t.trace.data_file == expected.data_file);
    CHECK(t.trace.data_hash == "dd");
    CHECK(t.trace.models_path == expected.models_path);
    CHECK(t.trace.power_spec == expected.power_spec);
    CHECK(t.trace.platform_json == expected.platform_json);
    CHECK(t.trace.energy_source == expected.energy_source);
    CHECK(t.trace.idle_power_w == expected.idle_power_w);
    CHECK(t.trace.device == "cpu");
    CHECK(t.trace.threads == 2);
    CHECK(t.trace.inputs == 4);
    CHECK(t.trace.environment == "compute@50%-100%");
    CHECK(t.trace.seed == 7);
    CHECK(t.trace.rest_s == 0.002);
    CHECK(t.trace.fail_accuracy == 0.1);
    CHECK_FALSE(t.trace.complete);
    CHECK(t.trace.models.at(1).name == "nested");
    CHECK(t.trace.models.at(1).stages == 2);
    CHECK(t.trace.models.at(1).form == "optimised");
    CHECK(t.trace.settings.at(0).stretch == 2);
    CHECK_FALSE(t.trace.settings.at(0).sampled);
    CHECK(t.trace.contention.at(0).environment == "compute");
    CHECK(t.trace.contention.at(0).workers == 3);
    CHECK(t.trace.contention.at(0).slowdown == 2.1);
    CHECK(t.trace.warnings == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a trace is updated in what becomes known while it is recorded") {
    Traced t;
    t.trace.complete = true;
    t.trace.warnings = {"three"};
    t.trace.contention = {{.environment = "memory", .workers = 1, .slowdown = 1.1}};
    t.store.update_trace(t.trace);
    const TraceRow found = t.store.find_trace("default").value();
    CHECK(found.complete);
    CHECK(found.warnings == std::vector<std::string>{"three"});
    REQUIRE(found.contention.size() == 1);
    CHECK(found.contention[0].environment == "memory");
}

TEST_CASE("trace labels are unique, and a retired trace keeps its replays") {
    Traced t;
    CHECK_THAT(failure_of([&] { t.store.add_trace(a_trace()); }),
               Contains("RequestError: trace default: already in store"));
    CHECK(t.store.retire_trace("default") == "default~1");
    t.store.add_trace(a_trace());
    CHECK(t.store.traces().size() == 2);
    CHECK(t.store.trace_inputs("default") == 0);
    CHECK(t.store.trace_inputs("default~1") == 4);
    CHECK(t.store.results("replay").at(0).run.trace == "default~1");
}

TEST_CASE("a trace that is not there is named with those that are") {
    const Traced t;
    CHECK_FALSE(t.store.find_trace("other"));
    CHECK_THAT(failure_of([&] { t.store.load_trace("other", a_core_profile()); }),
               Contains("no trace other in store") && Contains("it has: default"));
    const Store empty(t.folder / "b.db");
    CHECK_THAT(failure_of([&] { empty.trace_inputs("other"); }), Contains("run `alert trace`"));
}

TEST_CASE("an input whose samples are not all accepted leaves none") {
    Traced t;
    auto samples = samples_of_input(t.trace, 4);
    samples.back().environment = "elsewhere";
    CHECK_FALSE(failure_of([&] { t.store.add_trace_samples(samples); }).empty());
    CHECK(t.store.trace_inputs("default") == 4);
}

TEST_CASE("trace_input has a row for every input and configuration, derived ones stretched") {
    const Traced t;
    CHECK(t.value("SELECT count(*) FROM trace_input") == "24");  // 4 inputs, 3 outputs, 2 settings
    CHECK(t.value("SELECT group_concat(name) FROM pragma_table_info('trace_input')") ==
          "trace,n,model,stage,power_setting,latency_s,power_w,idle_power_w,energy_source,correct,"
          "environment");
    const auto rows = RawConnection(t.folder / "a.db")
                          .rows(
                              "SELECT trace, n, model, stage, power_setting, "
                              "round(1000 * latency_s, 6), power_w, idle_power_w, "
                              "energy_source, correct, environment FROM trace_input "
                              "WHERE n = 3 ORDER BY model, stage, latency_s");
    using Rows = std::vector<std::vector<std::string>>;
    CHECK(rows == Rows{{"default", "3", "nested", "1", "100W", "23.0", "100.0", "12.0",
                        "modelled:server", "0", "compute"},
                       {"default", "3", "nested", "1", "40W", "46.0", "40.0", "12.0",
                        "modelled:server", "0", "compute"},
                       {"default", "3", "nested", "2", "100W", "43.0", "100.0", "12.0",
                        "modelled:server", "1", "compute"},
                       {"default", "3", "nested", "2", "40W", "86.0", "40.0", "12.0",
                        "modelled:server", "1", "compute"},
                       {"default", "3", "small", "null", "100W", "13.0", "100.0", "12.0",
                        "modelled:server", "0", "compute"},
                       {"default", "3", "small", "null", "40W", "26.0", "40.0", "12.0",
                        "modelled:server", "0", "compute"}});
}

TEST_CASE("what a sample measured stands over what a setting models") {
    Traced t;
    auto samples = samples_of_input(t.trace, 4);
    samples[0].power_w = 70;
    samples[0].idle_power_w = 20;
    t.store.add_trace_samples(samples);
    const std::string of_small =
        " FROM trace_input WHERE n = 4 AND model = 'small' AND "
        "power_setting = ";
    CHECK(t.value("SELECT power_w || ', ' || idle_power_w" + of_small + "'100W'") == "70.0, 20.0");
    CHECK(t.value("SELECT power_w || ', ' || idle_power_w" + of_small + "'40W'") == "40.0, 20.0");
    const Trace trace = t.store.load_trace("default", a_core_profile());
    CHECK(trace.power_w[trace.index(4, 1)] == 70);
    CHECK(trace.idle_power_w[trace.index(4, 1)] == 20);
    CHECK(trace.power_w[trace.index(4, 3)] == 40);
}

TEST_CASE("a trace is loaded in the order of the profile's configurations") {
    const Traced t;
    const Trace trace = t.store.load_trace("default", a_core_profile());
    CHECK(trace.inputs == 4);
    CHECK(trace.configurations == 4);
    CHECK(trace.has_power);
    CHECK(trace.environment == std::vector<int>{0, 0, 1, 1});
    // nested/2 at 40W: twice 40 + n ms
    check_close(of_configuration(trace, trace.latency_s, 0), {0.080, 0.082, 0.084, 0.086});
    check_close(of_configuration(trace, trace.latency_s, 1), {0.010, 0.011, 0.012, 0.013});
    check_close(of_configuration(trace, trace.latency_s, 2), {0.020, 0.021, 0.022, 0.023});
    check_close(of_configuration(trace, trace.latency_s, 3), {0.020, 0.022, 0.024, 0.026});
    check_close(of_configuration(trace, trace.power_w, 0), {40, 40, 40, 40});
    check_close(of_configuration(trace, trace.idle_power_w, 1), {12, 12, 12, 12});
    CHECK(of_configuration(trace, trace.correct, 0) == std::vector<std::uint8_t>{1, 1, 1, 1});
    CHECK(of_configuration(trace, trace.correct, 3) == std::vector<std::uint8_t>{1, 0, 1, 0});
}

TEST_CASE("a configuration that the trace lacks is named") {
    const Traced t;
    Profile profile = a_core_profile();
    const auto refusal = [&] {
        return failure_of([&] { t.store.load_trace("default", profile); });
    };
    profile.configurations[0].stage = 3;
    CHECK_THAT(refusal(), Contains("RequestError: trace default lacks nested/3 at 40W"));
    profile = a_core_profile();
    profile.models[1] = "large";
    CHECK_THAT(refusal(), Contains("lacks large at 100W"));
    profile = a_core_profile();
    profile.settings[0] = "60W";
    CHECK_THAT(refusal(), Contains("lacks nested/2 at 60W"));
}

TEST_CASE("a trace without inputs says how to go on") {
    Traced t;
    t.store.add_trace(a_trace("bare"));
    CHECK_THAT(failure_of([&] { t.store.load_trace("bare", a_core_profile()); }),
               Contains("trace bare holds no input yet"));
}

TEST_CASE("without an energy source a trace has no power") {
    Traced t;
    TraceRow bare = a_trace("bare");
    bare.energy_source.reset();
    bare.idle_power_w.reset();
    for (PowerSettingRow& setting : bare.settings) {
        setting.power_w.reset();
    }
    bare = t.store.add_trace(bare);
    t.store.add_trace_samples(samples_of_input(bare, 0));
    const Trace trace = t.store.load_trace("bare", a_core_profile());
    CHECK_FALSE(trace.has_power);
    CHECK(trace.power_w.empty());
    CHECK(trace.idle_power_w.empty());
    CHECK(t.value("SELECT count(*) FROM trace_input WHERE trace = 'bare' AND power_w IS NULL AND "
                  "idle_power_w IS NULL") == "6");
}

TEST_CASE("the summary of a trace has a mean for every output in every environment") {
    const Traced t;
    const auto rows = t.store.trace_summary("default");
    REQUIRE(rows.size() == 6);
    CHECK(rows[0].model == "small");
    CHECK_FALSE(rows[0].stage);
    CHECK(rows[0].power_setting == "100W");
    CHECK(rows[0].environment == "default");
    CHECK(rows[0].inputs == 2);
    CHECK(rows[0].latency_mean_s == Approx(0.0105));
    CHECK(rows[0].accuracy == Approx(0.5));
    CHECK(rows[1].environment == "compute");
    CHECK(rows[1].latency_mean_s == Approx(0.0125));
    CHECK(rows[5].stage == 2);
    CHECK(rows[5].accuracy == 1);
}

TEST_CASE("a trace of 143 configurations and 1000 inputs is loaded whole") {
    const TempFolder folder;
    Store store(folder / "a.db");
    TraceRow trace = a_trace();
    trace.models.clear();
    trace.settings.clear();
    Profile profile;
    for (int m = 0; m < 13; ++m) {
        profile.models.push_back("m" + std::to_string(m));
        trace.models.push_back({.name = profile.models.back(), .position = m});
    }
    for (int s = 0; s < 11; ++s) {
        profile.settings.push_back("s" + std::to_string(s));
        trace.settings.push_back({.name = profile.settings.back(),
                                  .position = s,
                                  .stretch = 11 - s + 0.0,
                                  .power_w = s + 1,
                                  .sampled = s == 10});
        for (std::size_t m = 0; m < 13; ++m) {
            profile.configurations.push_back({.model = m, .setting = std::size_t(s)});
        }
    }
    trace = store.add_trace(trace);
    std::vector<TraceSample> samples;
    for (std::int64_t n = 0; n < 1000; ++n) {
        for (const ModelRow& model : trace.models) {
            samples.push_back({.model_id = model.id,
                               .setting_id = trace.settings[10].id,
                               .n = n,
                               .latency_s = 0.001 * (double(n) + model.position)});
        }
    }
    store.add_trace_samples(samples);
    const Trace loaded = store.load_trace("default", profile);
    CHECK(loaded.inputs == 1000);
    CHECK(loaded.latency_s.size() == 143000);
    const std::size_t c = 3 * 13 + 5;  // model 5 at setting 3: 8 times 5 + n ms
    CHECK(loaded.latency_s[loaded.index(999, c)] == Approx(8 * 1.004));
    CHECK(loaded.power_w[loaded.index(0, c)] == 4);
}
