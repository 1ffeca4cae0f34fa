#include "profiler/power/cpufreq.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "core/error.h"
#include "profiler/clock.h"
#include "tests/profiler/processes.h"
#include "tests/profiler/temporary_folder.h"

using namespace alert;
using processes::becomes_true;
namespace fs = std::filesystem;

namespace {

const fs::path kReal = "/sys/devices/system/cpu";

/// Replaces what the file holds, but for its length in one step, as a reader sees it.
void put(const fs::path& file, const std::string& text) {
    const std::string line = text + "\n";
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    const bool written =
        pwrite(fd, line.data(), line.size(), 0) == static_cast<ssize_t>(line.size()) &&
        ftruncate(fd, static_cast<off_t>(line.size())) == 0;
    close(fd);
    if (!written) {
        throw Error("cannot write " + file.string());
    }
}

/// A tree laid out as the kernel lays out cpufreq. All its frequencies have seven digits and its
/// governors nine letters, since libcpufreq does not truncate what it overwrites.
struct Tree {
    TemporaryFolder folder;

    Tree() { setenv("XDG_STATE_HOME", folder.path().c_str(), 1); }

    fs::path root() const { return folder.path() / "cpu"; }
    fs::path policy(int first) const {
        return root() / "cpufreq" / ("policy" + std::to_string(first));
    }
    std::string value(int first, const char* file) const {
        return read_value(policy(first) / file).value_or("nothing");
    }
    void set(int first, const char* file, const std::string& text) const {
        put(policy(first) / file, text);
    }
    void add(const std::vector<int>& cpus, const char* driver, const char* governors) const {
        const fs::path folder_of_policy = policy(cpus.front());
        fs::create_directories(folder_of_policy);
        std::string related;
        for (const int cpu : cpus) {
            related += (related.empty() ? "" : " ") + std::to_string(cpu);
            const fs::path own = root() / ("cpu" + std::to_string(cpu));
            fs::create_directories(own);
            fs::create_directory_symlink("../cpufreq/policy" + std::to_string(cpus.front()),
                                         own / "cpufreq");
        }
        set(cpus.front(), "related_cpus", related);
        set(cpus.front(), "affected_cpus", related);
        set(cpus.front(), "scaling_driver", driver);
        set(cpus.front(), "scaling_available_governors", governors);
        set(cpus.front(), "scaling_governor", "schedutil");
        set(cpus.front(), "cpuinfo_min_freq", "1000000");
        set(cpus.front(), "cpuinfo_max_freq", "3000000");
        set(cpus.front(), "scaling_min_freq", "1000000");
        set(cpus.front(), "scaling_max_freq", "3000000");
        set(cpus.front(), "scaling_setspeed", "<unsupported>");
    }
    /// As acpi-cpufreq: steps, and every governor.
    void add_table(const std::vector<int>& cpus,
                   const char* steps = "3000000 2400000 1600000 1000000 ") const {
        add(cpus, "acpi-cpufreq", "userspace schedutil powersave ");
        set(cpus.front(), "scaling_available_frequencies", steps);
        set(cpus.front(), "cpuinfo_cur_freq", "3000000");
    }
    /// As intel_pstate: no steps, no userspace.
    void add_pstate(const std::vector<int>& cpus) const {
        add(cpus, "intel_pstate", "schedutil powersave ");
    }
};

/// The kernel's part for policies with a table: answers what is written to scaling_setspeed.
class Kernel {
   public:
    Kernel(const Tree& tree, std::vector<int> policies)
        : tree_(tree), policies_(std::move(policies)), serving_([this] { serve(); }) {}
    ~Kernel() {
        stop_ = true;
        serving_.join();
    }
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;

    std::atomic<bool> stuck = false;  // speeds are accepted and not taken

   private:
    void serve() {
        while (!stop_) {
            for (const int policy : policies_) {
                const std::string speed = tree_.value(policy, "scaling_setspeed");
                if (tree_.value(policy, "scaling_governor") != "userspace") {
                    if (speed != "<unsupported>") {
                        tree_.set(policy, "scaling_setspeed", "<unsupported>");
                    }
                } else if (speed == "<unsupported>") {
                    tree_.set(policy, "scaling_setspeed", tree_.value(policy, "cpuinfo_cur_freq"));
                } else if (speed.size() >= 7) {
                    const std::string khz = speed.substr(0, 7);
                    if (speed != khz) {
                        tree_.set(policy, "scaling_setspeed", khz);
                    }
                    if (!stuck && tree_.value(policy, "cpuinfo_cur_freq") != khz) {
                        tree_.set(policy, "cpuinfo_cur_freq", khz);
                    }
                }
            }
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    }

    const Tree& tree_;
    std::vector<int> policies_;
    std::atomic<bool> stop_ = false;
    std::thread serving_;
};

bool enter_tree(const Tree& tree) {
    return unshare(CLONE_NEWNS) == 0 &&
           mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount(tree.root().c_str(), kReal.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

/// Checks inside the child: what fails is told with its line.
struct Failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};
#define EXPECT(...)                                                               \
    do {                                                                          \
        if (!(__VA_ARGS__)) {                                                     \
            throw Failed("line " + std::to_string(__LINE__) + ": " #__VA_ARGS__); \
        }                                                                         \
    } while (false)
#define EXPECT_EQUAL(is, should)                                                         \
    do {                                                                                 \
        if (const auto value_ = (is); value_ != (should)) {                              \
            throw Failed("line " + std::to_string(__LINE__) + ": " #is " is " + value_); \
        }                                                                                \
    } while (false)

template <class Call>
std::string error_of(Call call) {
    try {
        call();
    } catch (const RequestError& error) {
        return std::string("request: ") + error.what();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

constexpr int kNotPermitted = 77;

/// Runs `work` in a process that sees the tree in place of /sys/devices/system/cpu. Returns what
/// failed there, "" when nothing did. `pid` is told before the work begins.
std::string inside(const Tree& tree, const std::function<void()>& work) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        int code = 0;
        std::string text;
        if (!enter_tree(tree)) {
            code = kNotPermitted;
        } else {
            try {
                work();
            } catch (const std::exception& error) {
                text = error.what();
                code = 1;
            }
        }
        const bool told = write(ends[1], text.data(), text.size()) >= 0;
        _exit(told ? code : 2);
    }
    close(ends[1]);
    std::string text;
    char part[256];
    for (ssize_t size = 0; (size = read(ends[0], part, sizeof part)) > 0;) {
        text.append(part, static_cast<std::size_t>(size));
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == kNotPermitted) {
        return "not permitted";
    }
    const bool fine = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return fine ? "" : "failed: " + text;
}

/// Skips the test, saying why, where the library or the name space is missing.
#define INSIDE(tree, ...)                                                               \
    do {                                                                                \
        if (!cpufreq_available()) {                                                     \
            WARN("skipped: this build has no libcpufreq");                              \
            return;                                                                     \
        }                                                                               \
        const std::string failure_ = inside(tree, __VA_ARGS__);                         \
        if (failure_ == "not permitted") {                                              \
            WARN("skipped: this process may not make a mount name space (needs root)"); \
            return;                                                                     \
        }                                                                               \
        CHECK(failure_ == "");                                                          \
    } while (false)

CpufreqKnob open_knob(const std::vector<CpufreqPolicy>& policies, std::vector<double> ghz) {
    for (double& each : ghz) {
        each *= 1e9;
    }
    return CpufreqKnob(policies, ghz);
}

CpufreqPolicy policy_with(unsigned long least, unsigned long most,
                          std::vector<unsigned long> steps) {
    CpufreqPolicy policy;
    policy.cpus = {0};
    policy.least_khz = least;
    policy.most_khz = most;
    policy.steps_khz = std::move(steps);
    return policy;
}

}  // namespace

TEST_CASE("frequencies are written as in flags") {
    CHECK(frequency_text(2.4e9) == "2.4GHz");
    CHECK(frequency_text(1.2e9) == "1.2GHz");
    CHECK(frequency_text(800e6) == "800MHz");
    CHECK(frequency_text(2.401e9) == "2.401GHz");
}

TEST_CASE("a sweep has the steps, thinned, or eight even ones in whole 100 MHz") {
    const CpufreqRange few{1e9, 3e9, {1e9, 2e9, 3e9}};
    CHECK(cpufreq_sweep_hz(few) == few.steps_hz);

    CpufreqRange many{1e9, 2.4e9, {}};
    for (int i = 0; i < 15; ++i) {
        many.steps_hz.push_back(1e9 + i * 1e8);
    }
    const std::vector<double> thinned = cpufreq_sweep_hz(many);
    CHECK(thinned.size() == 8);
    CHECK(thinned.front() == 1e9);
    CHECK(thinned[1] == 1.2e9);  // every second of the fifteen
    CHECK(thinned.back() == 2.4e9);

    // (3 - 0.8) / 7 = 0.314 GHz apart.
    const CpufreqRange bounds{0.8e9, 3e9, {}};
    const std::vector<double> even = cpufreq_sweep_hz(bounds);
    const double expected[] = {0.8e9, 1.1e9, 1.4e9, 1.7e9, 2.1e9, 2.4e9, 2.7e9, 3e9};
    REQUIRE(even.size() == 8);
    for (std::size_t i = 0; i < even.size(); ++i) {
        CHECK(even[i] == Approx(expected[i]));
    }
}

TEST_CASE("settings that the processor does not have are refused with those it has") {
    const CpufreqRange table{1e9, 3e9, {1e9, 2e9, 3e9}};
    const double between[] = {1.5e9};
    CHECK_THROWS_WITH(check_cpufreq_values(table, between, "1.5GHz"),
                      Catch::Contains("no step") && Catch::Contains("1GHz,2GHz,3GHz"));
    const double above[] = {3.5e9};
    CHECK_THROWS_WITH(check_cpufreq_values(table, above, "3.5GHz"),
                      Catch::Contains("outside") && Catch::Contains("1GHz to 3GHz"));
    const CpufreqRange bounds{1e9, 3e9, {}};
    CHECK_NOTHROW(check_cpufreq_values(bounds, between, "1.5GHz"));
}

TEST_CASE("small cores take what they can of a setting made for the large ones") {
    const CpufreqPolicy large = policy_with(1000000, 2000000, {1000000, 1500000, 2000000});
    const CpufreqPolicy small = policy_with(400000, 1400000, {400000, 900000, 1400000});
    CHECK(large.target_khz(2e9) == 2000000);
    CHECK(small.target_khz(2e9) == 1400000);
    CHECK(small.target_khz(1e9) == 900000);
    CHECK(small.target_khz(0.1e9) == 400000);
    CHECK(policy_with(800000, 3000000, {}).target_khz(2.35e9) == 2350000);
    const CpufreqPolicy both[] = {small, large};
    if (cpufreq_available()) {
        CHECK(cpufreq_range(both).steps_hz == std::vector<double>{1e9, 1.5e9, 2e9});
    }
}

TEST_CASE("a machine without cpufreq is told that virtual machines have none") {
    const Tree tree;
    fs::create_directories(tree.root() / "cpu0");
    INSIDE(tree, [] {
        EXPECT(find_cpufreq_policies().empty());
        const std::string error = error_of([] { cpufreq_range({}); });
        EXPECT(contains(error, "request: ") && contains(error, "virtual machines and containers"));
    });
}

TEST_CASE("with a table and userspace the speed is set, and everything is put back") {
    const Tree tree;
    tree.add_table({0, 1});
    put(tree.root() / "cpufreq/boost", "1");
    tree.set(0, "scaling_max_freq", "2400000");
    INSIDE(tree, [&] {
        const Kernel kernel(tree, {0});
        const auto policies = find_cpufreq_policies();
        EXPECT(policies.size() == 1);
        EXPECT(policies[0].cpus == std::vector<unsigned>{0, 1});
        EXPECT(policies[0].sets_speed);
        EXPECT_EQUAL(policies[0].folder.string(), kReal / "cpufreq/policy0");
        check_cpufreq_permission(policies);
        const auto described = nlohmann::json::parse(cpufreq_description(policies));
        EXPECT(described.at("boost") == true);
        EXPECT(described.at("policies").at(0).at("sets") == "speed");
        const std::vector<double> sweep = cpufreq_sweep_hz(cpufreq_range(policies));
        EXPECT(sweep == std::vector<double>{1e9, 1.6e9, 2.4e9, 3e9});
        CpufreqKnob knob(policies, sweep);
        EXPECT_EQUAL(knob.settings()[1].name, "1.6GHz");
        knob.apply(1);
        EXPECT_EQUAL(tree.value(0, "scaling_governor"), "userspace");
        EXPECT_EQUAL(tree.value(0, "cpuinfo_cur_freq"), "1600000");
        EXPECT_EQUAL(tree.value(0, "scaling_max_freq"), "3000000");  // it would stand in the way
        EXPECT_EQUAL(knob.standing(), "1.6GHz");
        knob.apply(3);
        EXPECT_EQUAL(tree.value(0, "cpuinfo_cur_freq"), "3000000");
        EXPECT(knob.restore().empty());
        EXPECT_EQUAL(tree.value(0, "scaling_governor"), "schedutil");
        EXPECT_EQUAL(tree.value(0, "scaling_min_freq"), "1000000");
        EXPECT_EQUAL(tree.value(0, "scaling_max_freq"), "2400000");
    });
}

TEST_CASE("a speed that was set under userspace is put back after its governor") {
    const Tree tree;
    tree.add_table({0});
    tree.set(0, "scaling_governor", "userspace");
    tree.set(0, "scaling_setspeed", "2400000");
    INSIDE(tree, [&] {
        const Kernel kernel(tree, {0});
        {
            CpufreqKnob knob = open_knob(find_cpufreq_policies(), {1});
            knob.apply(0);
            EXPECT_EQUAL(tree.value(0, "scaling_setspeed"), "1000000");
        }
        EXPECT_EQUAL(tree.value(0, "scaling_setspeed"), "2400000");
        EXPECT_EQUAL(tree.value(0, "scaling_governor"), "userspace");
    });
}

TEST_CASE("without a table the bounds are drawn together, whichever way they go") {
    const Tree tree;
    tree.add_pstate({0});
    tree.set(0, "scaling_min_freq", "2000000");
    fs::create_directories(tree.root() / "intel_pstate");
    put(tree.root() / "intel_pstate/no_turbo", "1");
    INSIDE(tree, [&] {
        const auto policies = find_cpufreq_policies();
        EXPECT(!policies.at(0).sets_speed);
        EXPECT(boost_is_on() == false);
        CpufreqKnob knob = open_knob(policies, {1, 1.5, 3});
        for (const std::size_t setting : {0, 2, 1, 0}) {
            const std::string khz[] = {"1000000", "1500000", "3000000"};
            knob.apply(setting);
            EXPECT_EQUAL(tree.value(0, "scaling_min_freq"), khz[setting]);
            EXPECT_EQUAL(tree.value(0, "scaling_max_freq"), khz[setting]);
        }
        EXPECT_EQUAL(tree.value(0, "scaling_governor"), "schedutil");
        EXPECT_EQUAL(knob.standing(), "1GHz");
        EXPECT(knob.restore().empty());
        EXPECT_EQUAL(tree.value(0, "scaling_min_freq"), "2000000");
        EXPECT_EQUAL(tree.value(0, "scaling_max_freq"), "3000000");
    });
}

TEST_CASE("no bound crosses the other while they are put back") {
    const Tree tree;
    tree.add_pstate({0});
    tree.set(0, "scaling_min_freq", "2000000");
    tree.set(0, "scaling_max_freq", "2500000");
    INSIDE(tree, [&] {
        CpufreqKnob knob = open_knob(find_cpufreq_policies(), {1, 3});
        for (const std::size_t setting : {0, 1}) {
            knob.apply(setting);
            const auto journal = left_journal(state_folder());
            EXPECT(journal.has_value());
            unsigned long least = std::stoul(tree.value(0, "scaling_min_freq"));
            unsigned long most = std::stoul(tree.value(0, "scaling_max_freq"));
            for (const RestoreAction& action : journal->actions) {
                (contains(action.path, "min") ? least : most) = std::stoul(*action.value);
                EXPECT(least <= most);
            }
            EXPECT(least == 2000000 && most == 2500000);
        }
    });
}

TEST_CASE("each policy is set, read back and put back on its own") {
    const Tree tree;
    tree.add_table({0, 2});
    tree.add_pstate({1, 3});
    tree.set(1, "cpuinfo_max_freq", "2000000");
    tree.set(1, "scaling_max_freq", "1900000");
    INSIDE(tree, [&] {
        const Kernel kernel(tree, {0});
        const auto policies = find_cpufreq_policies();
        EXPECT(policies.size() == 2);
        EXPECT(policies[1].cpus == std::vector<unsigned>{1, 3});
        CpufreqKnob knob = open_knob(policies, {1, 3});
        knob.apply(1);
        EXPECT_EQUAL(tree.value(0, "cpuinfo_cur_freq"), "3000000");
        EXPECT_EQUAL(tree.value(1, "scaling_max_freq"), "2000000");  // its fastest
        EXPECT_EQUAL(knob.standing(), "3GHz,2GHz");
        EXPECT(knob.restore().empty());
        EXPECT_EQUAL(tree.value(0, "scaling_governor"), "schedutil");
        EXPECT_EQUAL(tree.value(1, "scaling_max_freq"), "1900000");
        EXPECT_EQUAL(tree.value(1, "scaling_min_freq"), "1000000");
    });
}

TEST_CASE("a speed that the hardware ignores did not take, and what stands is named") {
    const Tree tree;
    tree.add_table({0});
    INSIDE(tree, [&] {
        Kernel kernel(tree, {0});
        kernel.stuck = true;
        CpufreqKnob knob = open_knob(find_cpufreq_policies(), {1.6});
        const std::string error = error_of([&] { knob.apply(0); });
        EXPECT(contains(error, "1.6GHz did not take"));
        EXPECT(contains(error, "the hardware at 3GHz"));
        kernel.stuck = false;
        EXPECT_EQUAL(error_of([&] { knob.apply(0); }), "");
    });
}

TEST_CASE("bounds that read back as something else did not take") {
    const Tree tree;
    tree.add_pstate({0});
    // The eighth digit stays when seven are written: the kernel's own idea of the bound.
    std::ofstream(tree.policy(0) / "scaling_max_freq") << "30000001";
    INSIDE(tree, [&] {
        CpufreqKnob knob = open_knob(find_cpufreq_policies(), {1.5});
        const std::string error = error_of([&] { knob.apply(0); });
        EXPECT(contains(error, "1.5GHz did not take"));
        EXPECT(contains(error, "bounds of 1.5GHz to 15.000001GHz"));
    });
}

TEST_CASE("a setting that stands is not written, and a foreign change is told once") {
    const Tree tree;
    tree.add_pstate({0});
    INSIDE(tree, [&] {
        CpufreqKnob knob = open_knob(find_cpufreq_policies(), {1, 1.5});
        knob.apply(0);
        const auto written = fs::last_write_time(tree.policy(0) / "scaling_max_freq");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        knob.apply(0);
        EXPECT(fs::last_write_time(tree.policy(0) / "scaling_max_freq") == written);
        EXPECT(!knob.drift());
        tree.set(0, "scaling_max_freq", "2000000");
        const std::string drift = knob.drift().value_or("");
        EXPECT(contains(drift, "policy0 from 1GHz to 1GHz to 2GHz"));
        EXPECT(!knob.drift());
        knob.apply(0);
        EXPECT_EQUAL(tree.value(0, "scaling_max_freq"), "1000000");
    });
}

TEST_CASE("a governor that another program chose is told and taken back") {
    const Tree tree;
    tree.add_table({0});
    INSIDE(tree, [&] {
        const Kernel kernel(tree, {0});
        CpufreqKnob knob = open_knob(find_cpufreq_policies(), {1.6});
        knob.apply(0);
        tree.set(0, "scaling_governor", "powersave");
        EXPECT(becomes_true([&] { return tree.value(0, "scaling_setspeed") == "<unsupported>"; }));
        EXPECT(contains(knob.drift().value_or(""), "the governor powersave"));
        knob.apply(0);
        EXPECT_EQUAL(tree.value(0, "scaling_governor"), "userspace");
        EXPECT_EQUAL(tree.value(0, "cpuinfo_cur_freq"), "1600000");
    });
}

TEST_CASE("without permission the mend is named") {
    const Tree tree;
    tree.add_pstate({0});
    fs::permissions(tree.folder.path(), fs::perms::all);
    INSIDE(tree, [&] {
        const auto policies = find_cpufreq_policies();
        check_cpufreq_permission(policies);
        EXPECT(setuid(65534) == 0);
        const std::string error = error_of([&] { check_cpufreq_permission(policies); });
        EXPECT(contains(error, "request: ") && contains(error, "Permission denied"));
        EXPECT(contains(error, "run as root") && contains(error, "alert-cpufreq.conf"));
    });
}

TEST_CASE("a read-only /sys is told as a container's") {
    const Tree tree;
    tree.add_pstate({0});
    INSIDE(tree, [&] {
        const auto policies = find_cpufreq_policies();
        EXPECT(mount(nullptr, kReal.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) ==
               0);
        const std::string error = error_of([&] { check_cpufreq_permission(policies); });
        EXPECT(contains(error, "Read-only") && contains(error, "container"));
        CpufreqKnob knob = open_knob(policies, {1.5});
        EXPECT(contains(error_of([&] { knob.apply(0); }), "1.5GHz"));
    });
}

TEST_CASE("kill -9 at any moment of a sweep puts every control back") {
    const Tree tree;
    tree.add_table({0});
    tree.add_pstate({1});
    tree.set(1, "scaling_min_freq", "1400000");
    const Kernel kernel(tree, {0});
    std::mt19937 random(5);
    for (int i = 0; i < 10; ++i) {
        const auto delay = std::chrono::microseconds(2000 + random() % 30'000);
        INSIDE(tree, [&] {
            int ends[2];
            EXPECT(pipe(ends) == 0);
            const pid_t sweep = fork();
            if (sweep == 0) {
                setpgid(0, 0);
                CpufreqKnob knob = open_knob(find_cpufreq_policies(), {1, 1.6, 2.4, 3});
                if (write(ends[1], "r", 1) != 1) {
                    _exit(1);
                }
                for (std::size_t setting = 0;; setting = (setting + 3) % 4) {
                    knob.apply(setting);
                }
            }
            char word = 0;
            close(ends[1]);
            EXPECT(read(ends[0], &word, 1) == 1);
            std::this_thread::sleep_for(delay);
            kill(i % 2 == 0 ? sweep : -sweep, SIGKILL);
            waitpid(sweep, nullptr, 0);
            EXPECT(becomes_true([] { return error_of([] { restore_left_behind(); }).empty(); }));
            EXPECT_EQUAL(tree.value(0, "scaling_governor"), "schedutil");
            EXPECT_EQUAL(tree.value(0, "scaling_min_freq"), "1000000");
            EXPECT_EQUAL(tree.value(0, "scaling_max_freq"), "3000000");
            EXPECT_EQUAL(tree.value(1, "scaling_min_freq"), "1400000");
            EXPECT_EQUAL(tree.value(1, "scaling_max_freq"), "3000000");
        });
    }
}
