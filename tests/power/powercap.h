#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/power/live_files.h"
#include "tests/profiler/temporary_folder.h"

namespace alert::test {

/// A power limit of a zone.
struct Constraint {
    std::string name;  ///< "long_term"
    std::uint64_t limit_uw = 0;
    std::optional<std::uint64_t> max_uw = 0;  ///< empty: the file is not there
};

/// A zone, and what is wrong with it.
struct Zone {
    std::string name;  ///< "package-0"
    std::vector<Constraint> constraints;
    std::uint64_t range_uj = 262'143'328'850;
    bool enabled = true;
    bool locked = false;           ///< by the firmware
    bool stuck = false;            ///< limits are accepted and not taken
    int writes_taken = 1'000'000;  ///< those after them are refused
    bool energy_fails = false;     ///< a read of energy_uj is refused
    int writes = 0;                ///< of a limit, refused ones included
    int energy_reads = 0;
    bool short_below_long = false;  ///< whether the short term's limit ever stood below the other
};

/// A processor package: long and short term, the short one's limit a quarter above.
Zone package(const std::string& name, double limit_w);

/// Part of one, or around all, without limits that matter: "core", "dram", "psys".
Zone other(const std::string& name);

/// A powercap that behaves like the kernel's, over imagined hardware, below $ALERT_SYSFS_ROOT.
/// Everything of one name draws what it demands where no limit of its zones forbids it, and counts
/// it in steps of 1 ms. Limits are kept in 15 bits of 1/8 W.
class Powercap {
   public:
    Powercap();
    ~Powercap();
    Powercap(const Powercap&) = delete;
    Powercap& operator=(const Powercap&) = delete;

    /// `id`: "intel-rapl:0".
    void add(const std::string& id, Zone zone);
    /// Its driver is unloaded.
    void remove(const std::string& id);

    template <class Change>
    void change(const std::string& id, Change change) {
        const auto lock = files_.still();
        count_all();
        change(zones_.at(id));
    }
    void demand(const std::string& name, double power_w);
    /// Counts what is drawn as if so much more time had gone by.
    void pass(double time_s);

    Zone zone(const std::string& id) const;
    /// The limits of all zones, as text to compare.
    std::string limits() const;
    /// Drawn by everything of this name, now.
    double power_w(const std::string& name) const;

    std::filesystem::path file(const std::string& id, const std::string& name) const;
    std::filesystem::path limit_file(const std::string& id, const std::string& constraint) const;
    /// As another program does it.
    void move_limit(const std::string& id, const std::string& constraint, double limit_w) const;

    LiveFiles& files() { return files_; }
    const std::filesystem::path& state_folder() const { return state_.path(); }

   private:
    struct Counter {
        double demand_w = 65, energy_j = 0, counted_s = 0;
    };

    void add_constraint(const std::string& id, std::size_t index);
    void set_limit(Zone& zone, Constraint& constraint, const std::string& text);
    double drawn_w(const std::string& name) const;
    void count_all();
    std::uint64_t energy_uj(Zone& zone);

    ::TemporaryFolder root_, state_;
    std::map<std::string, Zone> zones_;
    std::map<std::string, Counter> counters_;  // by name: twins count the same energy
    LiveFiles files_;
};

}  // namespace alert::test
