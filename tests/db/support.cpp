#include "support.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "alert/error.h"
#include "tests/support/catch.h"

namespace alert::db::test {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
    std::string name = (fs::temp_directory_path() / "alert-db-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    fs::permissions(path_, fs::perms::all);
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    fs::permissions(path_, fs::perms::all, ignored);
    fs::remove_all(path_, ignored);
}

ProfileRow a_profile(const std::string& label) {
    ProfileRow profile;
    profile.label = label;
    profile.created_at = "2026-01-02T03:04:05Z";
    profile.machine = {.hostname = "host",
                       .cpu = "cpu",
                       .kernel = "6.1",
                       .libtorch_version = "1.13.1",
                       .alert_version = "0.1.0",
                       .cores = 2,
                       .memory_bytes = 8'000'000'000,
                       .system_id = "cc"};
    profile.task = "image classification";
    profile.data_file = "test.pt";
    profile.data_hash = "dd";
    profile.models_path = "zoo/image";
    profile.power_spec = "emulated:server";
    profile.platform_json = R"({"name": "server"})";
    profile.energy_source = "modelled:server";
    profile.idle_power_w = 12;
    profile.device = "cpu";
    profile.inputs = 3;
    profile.precision = 0.05;
    profile.fail_accuracy = 0.1;
    profile.models = {{.name = "small", .title = "Small", .file = "small.pt", .file_hash = "aa"},
                      {.name = "nested",
                       .title = "Nested",
                       .file = "nested.pt",
                       .file_hash = "bb",
                       .stages = 2,
                       .form = "optimised",
                       .position = 1}};
    profile.settings = {
        {.name = "40W", .position = 0, .stretch = 2, .power_w = 40, .sampled = false},
        {.name = "100W", .position = 1, .stretch = 1, .power_w = 100, .sampled = true}};
    return profile;
}

RunRow a_run(const std::string& profile) {
    RunRow run;
    run.label = "first";
    run.created_at = "2026-01-02T04:00:00Z";
    run.profile = profile;
    run.scheme = "alert";
    run.estimator = "paper";
    run.machine = a_profile().machine;
    run.energy_source = "modelled:server";
    run.data_file = "test.pt";
    run.data_hash = "dd";
    run.inputs_planned = 20;
    return run;
}

RunInput an_input(std::int64_t n) {
    RunInput input;
    input.n = n;
    input.model = "small";
    input.power_setting = "100W";
    input.latency_s = 0.01;
    input.response_s = 0.011;
    input.met_deadline = true;
    input.energy_j = 1;
    input.accuracy_expected = 0.9;
    input.correct = true;
    return input;
}

void fill(Store& store) {
    const ProfileRow profile = store.add_profile(a_profile());
    std::vector<Sample> samples;
    for (const ModelRow& model : profile.models) {
        for (std::int64_t round = 0; round < 3; ++round) {
            for (int stage = model.stages == 0 ? 0 : 1; stage <= model.stages; ++stage) {
                samples.push_back({.model_id = model.id,
                                   .setting_id = profile.settings[1].id,
                                   .round = round,
                                   .stage = stage,
                                   .input = round,
                                   .latency_s = 0.01 * (1 + stage) + 0.001 * double(round),
                                   .power_w = {},
                                   .correct = round != 0 || stage == 2});
            }
        }
    }
    store.add_samples(samples);
    RunRow run = a_run();
    run.deadline_s = 0.05;
    run.energy_goal_j = 2;
    const std::int64_t id = store.add_run(run).id;
    std::vector<RunInput> inputs;
    for (std::int64_t n = 0; n < 20; ++n) {
        inputs.push_back(an_input(n));
        inputs.back().met_deadline = n != 7;
        inputs.back().environment = n < 10 ? "default" : "compute";
    }
    store.add_inputs(id, inputs);
    store.finish_run(id, {});
}

TraceRow a_trace(const std::string& label) {
    const ProfileRow profile = a_profile();
    TraceRow trace;
    trace.label = label;
    trace.created_at = "2026-01-02T05:00:00Z";
    trace.machine = profile.machine;
    trace.task = profile.task;
    trace.data_file = profile.data_file;
    trace.data_hash = profile.data_hash;
    trace.models_path = profile.models_path;
    trace.power_spec = profile.power_spec;
    trace.platform_json = profile.platform_json;
    trace.energy_source = profile.energy_source;
    trace.idle_power_w = profile.idle_power_w;
    trace.device = profile.device;
    trace.threads = 2;
    trace.inputs = 4;
    trace.environment = "compute@50%-100%";
    trace.seed = 7;
    trace.rest_s = 0.002;
    trace.fail_accuracy = profile.fail_accuracy;
    trace.models = profile.models;
    trace.settings = profile.settings;
    trace.contention = {{.environment = "compute", .workers = 3, .slowdown = 2.1}};
    trace.warnings = {"one", "two"};
    return trace;
}

std::vector<TraceSample> samples_of_input(const TraceRow& trace, std::int64_t n) {
    std::vector<TraceSample> samples;
    for (const ModelRow& model : trace.models) {
        for (int stage = model.stages == 0 ? 0 : 1; stage <= model.stages; ++stage) {
            samples.push_back({.model_id = model.id,
                               .setting_id = trace.settings[1].id,
                               .n = n,
                               .stage = stage,
                               .latency_s = 0.01 * (1 << stage) + 0.001 * double(n),
                               .correct = n % 2 == 0 || stage == 2,
                               .environment = n < 2 ? "default" : "compute"});
        }
    }
    return samples;
}

RunResult a_replay() {
    RunResult replay;
    replay.run = a_run();
    replay.run.label = "replay";
    replay.run.kind = "replay";
    replay.run.trace = "default";
    replay.run.environment = "compute@50%-100%";
    replay.run.deadline_s = 0.05;
    replay.inputs = 4;
    replay.deadline_misses = 1;
    replay.accuracy = 0.775;
    replay.accuracy_error = 0.2;
    replay.energy_j = 1.5;
    replay.energy_over = 0.25;
    replay.latency_mean_s = 0.012;
    replay.latency_p50_s = 0.011;
    replay.latency_p95_s = 0.019;
    replay.latency_p99_s = 0.021;
    replay.violated = replay.violated_strict = true;
    replay.run.miss_limit = 0.05;
    return replay;
}

void fill_trace(Store& store) {
    const TraceRow trace = store.add_trace(a_trace());
    for (std::int64_t n = 0; n < 4; ++n) {
        store.add_trace_samples(samples_of_input(trace, n));
    }
    const RunResult replay = a_replay();
    store.add_replays({&replay, 1});
}

std::string failure_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const RequestError& error) {
        return std::string("RequestError: ") + error.what();
    } catch (const Error& error) {
        return std::string("Error: ") + error.what();
    }
    return {};
}

std::string in_child(const std::function<std::string()>& work) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        std::string answer;
        const std::string failure = failure_of([&] { answer = work(); });
        if (!failure.empty()) {
            answer = failure;
        }
        const ssize_t written = ::write(ends[1], answer.data(), answer.size());
        ::_exit(written == static_cast<ssize_t>(answer.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string answer;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
        answer.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    return answer;
}

void become_ordinary_user() {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
        throw Error("cannot become an ordinary user");
    }
}

bool mount_tmpfs(const fs::path& folder, const std::string& options) {
    return ::unshare(CLONE_NEWNS) == 0 &&
           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("tmpfs", folder.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

RawConnection::RawConnection(const fs::path& file) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(handle_));
    }
}

RawConnection::~RawConnection() {
    sqlite3_close(handle_);
}

std::vector<std::vector<std::string>> RawConnection::rows(const std::string& sql) const {
    std::vector<std::vector<std::string>> result;
    const auto collect = [](void* out, int count, char** values, char**) {
        auto& row = static_cast<std::vector<std::vector<std::string>>*>(out)->emplace_back();
        for (int i = 0; i < count; ++i) {
            row.emplace_back(values[i] == nullptr ? "null" : values[i]);
        }
        return 0;
    };
    if (sqlite3_exec(handle_, sql.c_str(), collect, &result, nullptr) != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(handle_));
    }
    return result;
}

std::string RawConnection::value(const std::string& sql) const {
    return rows(sql).at(0).at(0);
}

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

void write_text(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

}  // namespace alert::db::test
