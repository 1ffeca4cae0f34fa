#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/power/live_files.h"
#include "tests/profiler/temporary_folder.h"

namespace alert::test {

/// CPUs that share one speed, and what is wrong with their driver. Frequencies in kHz.
struct Policy {
    std::vector<int> cpus;
    std::vector<std::uint64_t> table;  ///< ascending; empty: as under intel_pstate
    std::string governor = "powersave";
    std::uint64_t least = 1'000'000, most = 3'000'000;  ///< allowed
    std::uint64_t speed = 1'000'000;                    ///< of the hardware
    std::uint64_t limit = 3'000'000;                    ///< the most that the driver allows
    bool stuck = false;                                 ///< speeds are accepted and not taken
    int refused = 0;                                    ///< writes so far
};

/// The kernel's cpufreq over imagined hardware from 1 to 3 GHz, where libcpufreq looks for it:
/// over /sys/devices/system/cpu, for this process and its children alone.
class Cpus {
   public:
    explicit Cpus(std::vector<Policy> policies);
    ~Cpus();
    Cpus(const Cpus&) = delete;
    Cpus& operator=(const Cpus&) = delete;

    template <class Change>
    void change(std::size_t policy, Change change) {
        const auto lock = files_.still();
        change(policies_.at(policy));
    }
    Policy policy(std::size_t policy) const;
    /// Governor, bounds and speed set of all policies, as text to compare.
    std::string settings() const;

    std::filesystem::path file(int cpu, const std::string& name) const;
    LiveFiles& files() { return files_; }

   private:
    void add(const Policy& policy, int cpu);

    ::TemporaryFolder state_;
    std::vector<Policy> policies_;
    LiveFiles files_;
};

}  // namespace alert::test
