#include "tests/power/powercap.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include "profiler/clock.h"
#include "profiler/power/sysfs.h"
#include "tests/power/kernel_text.h"

namespace alert::test {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kUnit_uw = 125'000;
constexpr std::uint64_t kLimitBits = 0x7fff;
constexpr double kStep_s = 1e-3;
constexpr double kMicro = 1e-6;
constexpr unsigned kSecret = 0400, kSetting = 0644;

std::uint64_t microwatts(double power_w) {
    return static_cast<std::uint64_t>(std::llround(power_w / kMicro));
}

std::string folder_of(const std::string& id) {
    return "class/powercap/" + id;
}

const Constraint* named(const Zone& zone, const std::string& name) {
    const auto found = std::find_if(zone.constraints.begin(), zone.constraints.end(),
                                    [&](const Constraint& c) { return c.name == name; });
    return found == zone.constraints.end() ? nullptr : &*found;
}

}  // namespace

Zone package(const std::string& name, double limit_w) {
    return {.name = name,
            .constraints = {{"long_term", microwatts(limit_w), 0},
                            {"short_term", microwatts(1.25 * limit_w), 0}}};
}

Zone other(const std::string& name) {
    return {.name = name, .constraints = {{"long_term", 0, 0}}, .enabled = false};
}

Powercap::Powercap() : files_(root_.path()) {
    setenv("ALERT_SYSFS_ROOT", root_.path().c_str(), 1);
    setenv("XDG_STATE_HOME", state_.path().c_str(), 1);
    setenv("ALERT_NVML_LIBRARY", "/nowhere/libnvidia-ml.so.1", 1);
    files_.add(folder_of("intel-rapl") + "/enabled", constant("1"));  // the control type
}

Powercap::~Powercap() {
    for (const char* name : {"ALERT_SYSFS_ROOT", "XDG_STATE_HOME", "ALERT_NVML_LIBRARY"}) {
        unsetenv(name);
    }
}

void Powercap::add(const std::string& id, Zone zone) {
    const std::size_t constraints = zone.constraints.size();
    {
        const auto lock = files_.still();
        counters_.try_emplace(zone.name, Counter{.counted_s = now_s()});
        zones_[id] = std::move(zone);
    }
    Zone& added = zones_[id];
    const std::string folder = folder_of(id) + '/';
    files_.add(folder + "name", constant(added.name));
    files_.add(folder + "energy_uj", {.mode = kSecret, .read = [this, &added] {
                                          return std::to_string(energy_uj(added));
                                      }});
    files_.add(folder + "max_energy_range_uj", constant(std::to_string(added.range_uj)));
    files_.add(folder + "enabled",
               {.mode = kSetting,
                .read = [&added] { return std::string(added.enabled ? "1" : "0"); },
                .write =
                    [this, &added](const std::string& text) {
                        if (const auto line = line_of(text); line != "0" && line != "1") {
                            throw Refusal{EINVAL};
                        }
                        if (added.locked) {
                            throw Refusal{ENOSYS};
                        }
                        count_all();
                        added.enabled = line_of(text) == "1";
                    }});
    for (std::size_t i = 0; i < constraints; ++i) {
        add_constraint(id, i);
    }
}

void Powercap::add_constraint(const std::string& id, std::size_t index) {
    Zone& zone = zones_[id];
    Constraint& constraint = zone.constraints[index];
    const std::string prefix = folder_of(id) + "/constraint_" + std::to_string(index) + '_';
    files_.add(prefix + "name", constant(constraint.name));
    files_.add(prefix + "power_limit_uw",
               {.mode = kSetting,
                .read = [&constraint] { return std::to_string(constraint.limit_uw); },
                .write = [this, &zone, &constraint](
                             const std::string& text) { set_limit(zone, constraint, text); }});
    if (constraint.max_uw) {
        files_.add(prefix + "max_power_uw", constant(std::to_string(*constraint.max_uw)));
    }
}

void Powercap::set_limit(Zone& zone, Constraint& constraint, const std::string& text) {
    const std::uint64_t wanted_uw = kernel_number(text);
    if (++zone.writes > zone.writes_taken || zone.locked) {
        throw Refusal{ENODATA};  // whatever the driver's reason was
    }
    if (zone.stuck) {
        return;
    }
    count_all();
    constraint.limit_uw = (wanted_uw / kUnit_uw & kLimitBits) * kUnit_uw;
    const Constraint* const long_term = named(zone, "long_term");
    const Constraint* const short_term = named(zone, "short_term");
    if (long_term != nullptr && short_term != nullptr) {
        zone.short_below_long |= short_term->limit_uw < long_term->limit_uw;
    }
}

void Powercap::remove(const std::string& id) {
    files_.remove_folder(folder_of(id));
    const auto lock = files_.still();
    zones_.erase(id);
}

void Powercap::demand(const std::string& name, double power_w) {
    const auto lock = files_.still();
    count_all();
    counters_.at(name).demand_w = power_w;
}

void Powercap::pass(double time_s) {
    const auto lock = files_.still();
    for (auto& [name, counter] : counters_) {
        counter.counted_s -= time_s;
    }
}

Zone Powercap::zone(const std::string& id) const {
    const auto lock = files_.still();
    return zones_.at(id);
}

std::string Powercap::limits() const {
    const auto lock = files_.still();
    std::string all;
    for (const auto& [id, zone] : zones_) {
        for (const Constraint& constraint : zone.constraints) {
            all += id + ' ' + constraint.name + ' ' + std::to_string(constraint.limit_uw) + '\n';
        }
    }
    return all;
}

double Powercap::power_w(const std::string& name) const {
    const auto lock = files_.still();
    return drawn_w(name);
}

double Powercap::drawn_w(const std::string& name) const {
    double least_w = counters_.at(name).demand_w;
    for (const auto& [id, zone] : zones_) {
        if (zone.name == name && zone.enabled) {
            for (const Constraint& constraint : zone.constraints) {
                least_w = std::min(least_w, kMicro * static_cast<double>(constraint.limit_uw));
            }
        }
    }
    return least_w;
}

// Whole steps only; what is left of the last one is counted with the next.
void Powercap::count_all() {
    const double now = now_s();
    for (auto& [name, counter] : counters_) {
        const double steps_s = kStep_s * std::floor((now - counter.counted_s) / kStep_s);
        counter.energy_j += drawn_w(name) * steps_s;
        counter.counted_s += steps_s;
    }
}

std::uint64_t Powercap::energy_uj(Zone& zone) {
    ++zone.energy_reads;
    if (zone.energy_fails) {
        throw Refusal{EINVAL};  // whatever the driver's reason was
    }
    count_all();
    return static_cast<std::uint64_t>(counters_.at(zone.name).energy_j / kMicro) % zone.range_uj;
}

fs::path Powercap::file(const std::string& id, const std::string& name) const {
    return root_.path() / folder_of(id) / name;
}

fs::path Powercap::limit_file(const std::string& id, const std::string& constraint) const {
    const Zone found = zone(id);
    for (std::size_t i = 0; i < found.constraints.size(); ++i) {
        if (found.constraints[i].name == constraint) {
            return file(id, "constraint_" + std::to_string(i) + "_power_limit_uw");
        }
    }
    throw std::runtime_error(id + " has no limit of the " + constraint);
}

void Powercap::move_limit(const std::string& id, const std::string& constraint,
                          double limit_w) const {
    const fs::path moved = limit_file(id, constraint);
    if (write_value(moved, std::to_string(microwatts(limit_w))) != 0) {
        throw std::runtime_error(moved.string() + ": cannot be moved");
    }
}

}  // namespace alert::test
