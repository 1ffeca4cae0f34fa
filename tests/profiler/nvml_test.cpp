#include "profiler/power/nvml.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/meter/find_meter.h"
#include "profiler/meter/nvml_meter.h"
#include "profiler/power/journal.h"
#include "profiler/power/platform.h"
#include "profiler/power/sysfs.h"
#include "tests/profiler/fake_nvml_state.h"
#include "tests/profiler/processes.h"
#include "tests/profiler/temporary_folder.h"
#include "tests/support/catch.h"

using namespace alert;
using Catch::Matchers::Contains;
using nlohmann::json;
using processes::becomes_true;
namespace fs = std::filesystem;

namespace {

/// The fake library (100W to 350W, at 300W), with a sysfs that has nothing.
struct Gpus {
    TemporaryFolder folder;
    FakeNvmlState state{folder.path() / "gpus.json"};

    explicit Gpus(int count = 1) {
        json all;
        for (int i = 0; i < count; ++i) {
            const std::string uuid = std::string("GPU-") + std::to_string(i + 1) + "00-abc";
            all["gpus"].push_back({{"uuid", uuid},
                                   {"name", "Fake 1000"},
                                   {"limit_mw", 300'000},
                                   {"default_mw", 350'000},
                                   {"least_mw", 100'000},
                                   {"most_mw", 350'000}});
        }
        state.write(all);
        unsetenv("CUDA_VISIBLE_DEVICES");
        unsetenv("CUDA_DEVICE_ORDER");
        setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
        setenv("ALERT_SYSFS_ROOT", folder.path().c_str(), 1);
        setenv("ALERT_NVML_LIBRARY", ALERT_FAKE_NVML, 1);
        setenv("ALERT_FAKE_NVML_STATE", (folder.path() / "gpus.json").c_str(), 1);
    }
    ~Gpus() {
        for (const char* name : {"ALERT_SYSFS_ROOT", "ALERT_NVML_LIBRARY", "ALERT_FAKE_NVML_STATE",
                                 "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"}) {
            unsetenv(name);
        }
    }
    Gpus(const Gpus&) = delete;
    Gpus& operator=(const Gpus&) = delete;

    void set(const char* key, const json& value, std::size_t gpu = 0) const {
        state.change([&](json& all) { all["gpus"][gpu][key] = value; });
    }
    int value(const char* key, std::size_t gpu = 0) const {
        return state.read()["gpus"][gpu].value(key, 0);
    }
    void add_package() const {
        const fs::path zone = folder.path() / "class/powercap/intel-rapl:0";
        fs::create_directories(zone);
        std::ofstream(zone / "name") << "package-0";
        std::ofstream(zone / "energy_uj") << 5'000'000;
        std::ofstream(zone / "max_energy_range_uj") << 900'000'000;
    }
    std::string uuid_of(const char* visible, std::string_view device = "cuda") const {
        setenv("CUDA_VISIBLE_DEVICES", visible, 1);
        return nvml_gpu(device).uuid();
    }
};

Platform open_nvml(std::vector<double> values = {150, 250}) {
    return open_platform(
        "nvml", SettingsSelection{SettingsSelection::Unit::kWatts, std::move(values), "150W,250W"},
        "cuda");
}

/// The built program, in a process group of its own.
pid_t start_alert(const char* option, const char* value) {
    const pid_t process = fork();
    if (process == 0) {
        setpgid(0, 0);
        execl(ALERT_PROGRAM, "alert", "devices", option, value, nullptr);
        _exit(127);
    }
    setpgid(process, process);
    return process;
}

}  // namespace

TEST_CASE("GPU limits over the whole range are offered, the most among them") {
    const Gpus gpus;
    const Platform platform = open_platform("nvml", {}, "cuda");
    std::string names;
    for (const PowerSetting& setting : platform.knob->settings()) {
        names += setting.name + " ";
    }
    // Steps of 250 / 7, in whole watts up: 36.
    CHECK(names == "134W 170W 206W 242W 278W 314W 350W ");
    CHECK(platform.knob->spec() == "nvml");
    CHECK_THAT(platform.description_json, Contains("GPU-100-abc") && Contains("Fake 1000"));
}

TEST_CASE("a GPU limit is set, read back, and restored") {
    const Gpus gpus;
    {
        const Platform platform = open_nvml();
        for (const std::size_t setting : {0, 1, 0}) {
            platform.knob->apply(setting);
            CHECK(gpus.value("limit_mw") == (setting == 0 ? 150'000 : 250'000));
        }
        CHECK(platform.knob->current_setting() == "150W");
    }
    CHECK(gpus.value("limit_mw") == 300'000);
    CHECK_FALSE(fs::exists(journal_file(state_folder())));
}

TEST_CASE("no GPU limit is written that is in force already") {
    const Gpus gpus;
    gpus.set("whole_watts", true);
    const Platform platform = open_nvml({150.4, 250});
    platform.knob->apply(0);
    CHECK(gpus.value("limit_mw") == 150'000);
    const int sets = gpus.value("sets");
    platform.knob->apply(0);
    CHECK(gpus.value("sets") == sets);
    CHECK(!platform.knob->external_change());
    platform.knob->apply(1);
    CHECK(gpus.value("sets") == sets + 1);
}

TEST_CASE("a GPU limit that another program changes is reported once and set again") {
    const Gpus gpus;
    const Platform platform = open_nvml();
    platform.knob->apply(0);
    gpus.set("limit_mw", 200'000);
    platform.knob->apply(0);
    CHECK_THAT(platform.knob->external_change().value_or(""),
               Contains("Fake 1000 from 150W to 200W"));
    CHECK(!platform.knob->external_change());
    CHECK(gpus.value("limit_mw") == 150'000);
}

TEST_CASE("a GPU that refuses limits is told before anything is changed, with the remedy") {
    const Gpus gpus;
    const auto refused = [](const auto& message) {
        CHECK_THROWS_AS(open_nvml(), RequestError);
        CHECK_THROWS_WITH(open_nvml(), message);
    };
    gpus.set("refuse", 4);
    refused(
        Contains("--power nvml: Fake 1000, power limit of 300W: Insufficient Permissions; run "
                 "as root"));
    gpus.set("refuse", 0);
    gpus.set("no_limit", true);
    refused(Contains("Not Supported; laptop GPUs"));
    gpus.set("no_limit", false);
    gpus.set("mig", true);
    refused(Contains("slices (MIG)") && Contains("nvidia-smi -i GPU-100-abc -mig 0"));
    gpus.set("mig", false);
    CHECK_THROWS_WITH(open_nvml({90}), Contains("90W is outside") && Contains("100W to 350W"));
    CHECK(gpus.value("sets") == 0);
    CHECK_FALSE(fs::exists(journal_file(state_folder())));
}

TEST_CASE("a GPU limit that does not take, or is lost in the middle, is an error") {
    const Gpus gpus;
    {
        const Platform platform = open_nvml();
        gpus.set("ignore", true);
        CHECK_THROWS_WITH(platform.knob->apply(0),
                          Contains("150W did not take") && Contains("300W"));
        gpus.set("ignore", false);
        platform.knob->apply(0);
        gpus.set("lost", true);
        CHECK_THROWS_WITH(platform.knob->apply(1),
                          Contains("Fake 1000") && Contains("GPU is lost"));
        CHECK(platform.knob->restore() ==
              std::vector<std::string>{"nvidia-smi -i GPU-100-abc -pl 300"});
    }
    gpus.set("lost", false);
    CHECK(restore_left_behind().failures.empty());
    CHECK(gpus.value("limit_mw") == 300'000);
}

// $ALERT_TEST_KILLS: how often, ten times where it is not set.
TEST_CASE("after kill -9 the guardian has the program put the GPU's limit back") {
    const char* const wanted = std::getenv("ALERT_TEST_KILLS");
    const int kills = wanted == nullptr ? 10 : std::atoi(wanted);
    const Gpus gpus;
    gpus.set("set_ms", 20);  // as long as real drivers take
    std::minstd_rand random(7);
    for (int i = 0; i < kills; ++i) {
        const pid_t process = start_alert("--test", "nvml");
        REQUIRE(becomes_true([&] { return gpus.value("limit_mw") != 300'000; }));
        wait_until(now_s() + 1e-3 * static_cast<double>(random() % 100));
        kill(i % 2 == 0 ? process : -process, SIGKILL);
        const double killed_s = now_s();
        waitpid(process, nullptr, 0);
        const auto as_found = [&] {
            return gpus.value("limit_mw") == 300'000 && !fs::exists(journal_file(state_folder()));
        };
        CHECK(becomes_true(as_found));
        CHECK(now_s() - killed_s < 2);
    }
}

TEST_CASE("who comes after a kill waits until the GPU's limit is restored") {
    const Gpus gpus;
    gpus.set("set_ms", 100);
    const pid_t process = start_alert("--test", "nvml");
    REQUIRE(becomes_true([&] { return gpus.value("limit_mw") != 300'000; }));
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
    const HolderLock lock(state_folder(), "test");
    CHECK(gpus.value("limit_mw") == 300'000);
    CHECK_FALSE(left_journal(state_folder()));
}

TEST_CASE("what else was changed is restored too, beside a GPU's limit") {
    const Gpus gpus;
    const fs::path file = gpus.folder.path() / "speed";
    std::ofstream(file) << "100";
    const std::vector<RestoreAction> actions = {{file.string(), "100"},
                                                {"nvml:GPU-100-abc", "300000"}};
    write_journal(state_folder(), {boot_id(), "test", 1, actions});
    std::ofstream(file) << "50";
    gpus.set("limit_mw", 150'000);
    const pid_t process = start_alert("--restore", nullptr);
    int status = 0;
    waitpid(process, &status, 0);
    CHECK(status == 0);
    CHECK(read_value(file) == "100");
    CHECK(gpus.value("limit_mw") == 300'000);
}

TEST_CASE("the GPU that CUDA shows first is meant") {
    const Gpus gpus(3);
    CHECK(nvml_gpu("cuda").uuid() == "GPU-100-abc");
    CHECK(nvml_gpu("cuda:2").uuid() == "GPU-300-abc");
    CHECK(gpus.uuid_of("1,0") == "GPU-200-abc");
    CHECK(gpus.uuid_of("2,1", "cuda:1") == "GPU-200-abc");
    CHECK(gpus.uuid_of("GPU-300") == "GPU-300-abc");
    for (const char* none : {"", "-1", "-1,0", "7", "GPU-9"}) {
        CHECK_THROWS_WITH(gpus.uuid_of(none), Contains("no GPU 0 is visible to CUDA") &&
                                                  Contains("CUDA_VISIBLE_DEVICES="));
    }
    CHECK_THROWS_WITH(gpus.uuid_of("0", "cuda:1"), Contains("no GPU 1 is visible"));
    CHECK_THROWS_WITH(gpus.uuid_of("MIG-GPU-100-abc/1/0"), Contains("slice of a GPU (MIG)"));
    gpus.set("name", "Fake 2000", 2);
    CHECK_THROWS_WITH(gpus.uuid_of("1"), Contains("CUDA_DEVICE_ORDER=PCI_BUS_ID"));
    setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 1);
    CHECK(gpus.uuid_of("1") == "GPU-200-abc");
}

TEST_CASE("without NVIDIA's library, or its driver, the remedy is named") {
    const Gpus gpus;
    unsetenv("ALERT_FAKE_NVML_STATE");
    CHECK_THROWS_WITH(nvml_gpu("cuda"), Contains("Driver Not Loaded; load the driver"));
    setenv("ALERT_NVML_LIBRARY", "/nowhere/libnvidia-ml.so.1", 1);
    CHECK_THROWS_WITH(nvml_gpu("cuda"), Contains("/nowhere/libnvidia-ml.so.1: cannot open") &&
                                            Contains("install NVIDIA's driver"));
    setenv("ALERT_NVML_LIBRARY", "libm.so.6", 1);
    CHECK_THROWS_WITH(nvml_gpu("cuda"), Contains("libm.so.6: has no nvmlInit_v2"));
}

TEST_CASE("a GPU's energy is its power times the time, counted or integrated") {
    const Gpus gpus;
    gpus.set("no_counter", GENERATE(false, true));
    NvmlMeter meter(nvml_gpu("cuda"));
    CHECK(meter.source() == "measured:nvml");
    const double start_s = now_s();
    const double start_j = meter.read_j(start_s);
    wait_until(start_s + 0.4);
    const double end_s = now_s();
    const double spent_j = meter.read_j(end_s) - start_j;
    CHECK(spent_j == Approx(300 * (end_s - start_s)).epsilon(0.03));
    gpus.set("lost", true);
    CHECK_THROWS_WITH(meter.read_j(now_s()), Contains("GPU is lost"));
}

TEST_CASE("power of the moment is preferred to the driver's average") {
    const Gpus gpus;
    gpus.set("average_mw", 120'000);
    CHECK(nvml_gpu("cuda").power_mw() == 300'000);
    gpus.set("no_instant", true);
    CHECK(nvml_gpu("cuda").power_mw() == 120'000);
}

TEST_CASE("for networks on a GPU its energy and that of the packages are added up") {
    const Gpus gpus;
    CHECK(first_meter("cpu") == nullptr);
    CHECK(first_meter("cuda")->source() == "measured:nvml");
    const fs::path sensor = gpus.folder.path() / "class/hwmon/hwmon0";
    fs::create_directories(sensor);
    std::ofstream(sensor / "power1_input") << 5'000'000;
    CHECK(first_meter("cuda")->source() == "measured:nvml");  // the sensor may be the GPU's
    gpus.add_package();
    CHECK(first_meter("cpu")->source() == "measured:rapl");
    const auto both = first_meter("cuda:0");
    CHECK(both->source() == "measured:nvml+rapl");
    CHECK(both->resolution_s() == Approx(0.1));
    const double gpu_j = NvmlMeter(nvml_gpu("cuda")).read_j(now_s());
    const double before_j = both->read_j(now_s());
    CHECK(before_j >= gpu_j);
    std::ofstream(gpus.folder.path() / "class/powercap/intel-rapl:0/energy_uj") << 805'000'000;
    CHECK(both->read_j(now_s()) - before_j == Approx(800).epsilon(0.05));
    CHECK(find_meters().back().source == "measured:nvml");
    CHECK(find_meters().back().remedy.empty());
}

TEST_CASE("auto takes nvml for networks on a GPU, and only for them") {
    const Gpus gpus;
    {
        const Platform platform = open_platform("auto", {}, "cuda");
        CHECK(platform.knob->spec() == "nvml");
        CHECK_THAT(platform.why, Contains("chose nvml") && Contains("measured:nvml"));
    }
    CHECK(open_platform("auto", {}, "cpu").knob->spec() != "nvml");
    gpus.set("refuse", 4);
    const Platform platform = open_platform("auto", {}, "cuda");
    CHECK(platform.knob->spec() == "emulated:server");
    CHECK_THAT(platform.why, Contains("tried nvml"));
}
