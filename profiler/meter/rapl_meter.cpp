#include "profiler/meter/rapl_meter.h"

#include <algorithm>
#include <chrono>

#include "alert/error.h"

namespace alert {

namespace {

// More than any package draws. Half the time to a wrap at this power is short enough.
constexpr double kMostPower_w = 1000;
constexpr double kShortest_s = 0.1, kLongest_s = 30;

}  // namespace

RaplMeter::RaplMeter(std::span<const RaplPackage> packages) {
    double interval_s = kLongest_s;
    for (const RaplPackage& package : packages) {
        NumberFile file(package.energy_file);
        const std::uint64_t first_uj = file.read();
        const std::uint64_t range_uj = NumberFile(package.energy_range_file).read();
        interval_s = std::min(interval_s, 1e-6 * static_cast<double>(range_uj) / 2 / kMostPower_w);
        counters_.push_back({std::move(file), range_uj, first_uj});
    }
    reader_ = std::thread([this, interval_s] { keep_up(std::max(kShortest_s, interval_s)); });
}

RaplMeter::~RaplMeter() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    ends_.notify_all();
    reader_.join();
}

void RaplMeter::keep_up(double interval_s) {
    std::unique_lock lock(mutex_);
    while (!ends_.wait_for(lock, std::chrono::duration<double>(interval_s),
                           [this] { return ended_; })) {
        try {
            read_counters();
        } catch (const Error&) {
            continue;  // the next read_j() reports it
        }
    }
}

void RaplMeter::read_counters() {
    for (Counter& counter : counters_) {
        const std::uint64_t now_uj = counter.file.read();
        const std::uint64_t lap_uj = now_uj < counter.last_uj ? counter.range_uj : 0;
        total_uj_ += lap_uj + now_uj - counter.last_uj;
        counter.last_uj = now_uj;
    }
}

double RaplMeter::read_j(double /*now_s*/) {
    const std::lock_guard lock(mutex_);
    read_counters();
    return 1e-6 * static_cast<double>(total_uj_);
}

}  // namespace alert
