// The cost of a knob and a meter per input, with a stand-in for powercap: plain files laid out like
// the kernel's, for two packages.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/engine/engine.h"
#include "profiler/meter/rapl_meter.h"
#include "profiler/power/joined_knob.h"
#include "profiler/power/rapl.h"

namespace {

using namespace alert;
namespace fs = std::filesystem;

class Powercap {
   public:
    Powercap() {
        // In memory, like sysfs.
        const fs::path folder = fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
        std::string name = (folder / "alert-bench-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            std::abort();
        }
        root_ = name;
        setenv("XDG_STATE_HOME", root_.c_str(), 1);
        for (const std::string package : {"0", "1"}) {
            const fs::path zone = root_ / "class/powercap" / ("intel-rapl:" + package);
            fs::create_directories(zone);
            const auto set = [&](const char* file, const std::string& value) {
                std::ofstream(zone / file) << value << '\n';
            };
            set("name", "package-" + package);
            set("constraint_0_name", "long_term");
            set("constraint_0_power_limit_uw", "45000000");
            set("constraint_1_name", "short_term");
            set("constraint_1_power_limit_uw", "60000000");
            set("energy_uj", "123456789");
            set("max_energy_range_uj", "262143328850");
        }
    }
    ~Powercap() { fs::remove_all(root_); }
    Powercap(const Powercap&) = delete;
    Powercap& operator=(const Powercap&) = delete;

    std::vector<RaplPackage> packages() const { return find_rapl_packages(root_); }

   private:
    fs::path root_;
};

void current_setting(benchmark::State& state) {
    const Powercap machine;
    RaplKnob knob(machine.packages(), std::vector<double>{40});
    knob.apply(0);
    for ([[maybe_unused]] auto _ : state) {
        knob.apply(0);
    }
}

void changed_setting(benchmark::State& state) {
    const Powercap machine;
    RaplKnob knob(machine.packages(), std::vector<double>{20, 40});
    std::size_t setting = 0;
    for ([[maybe_unused]] auto _ : state) {
        knob.apply(setting);
        setting = 1 - setting;
    }
}

// Changes both parts of a pair: the caps of the packages and the threads of a real engine.
void changed_pair(benchmark::State& state) {
    const Powercap machine;
    std::unique_ptr<Engine> engine;
    try {
        engine = open_engine({});
    } catch (const Error& error) {
        state.SkipWithError(error.what());
        return;
    }
    JoinedKnob knob(std::make_unique<RaplKnob>(machine.packages(), std::vector<double>{20, 40}),
                    {1, 2}, *engine);
    std::size_t setting = 0;
    for ([[maybe_unused]] auto _ : state) {
        knob.apply(setting);
        setting = 3 - setting;
    }
}

void energy_read(benchmark::State& state) {
    const Powercap machine;
    RaplMeter meter(machine.packages());
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(meter.read_j(now_s()));
    }
}

}  // namespace

BENCHMARK(current_setting)->Unit(benchmark::kMicrosecond);
BENCHMARK(changed_setting)->Unit(benchmark::kMicrosecond);
BENCHMARK(changed_pair)->Unit(benchmark::kMicrosecond);
BENCHMARK(energy_read)->Unit(benchmark::kMicrosecond);

BENCHMARK_MAIN();
