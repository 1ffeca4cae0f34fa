#include "profiler/meter/nvml_meter.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "alert/error.h"
#include "profiler/clock.h"

namespace alert {

namespace {

constexpr std::chrono::milliseconds kPeriod(20);  // drivers update the power every 20 to 100 ms

}  // namespace

NvmlMeter::NvmlMeter(NvmlGpu gpu) : gpu_(std::move(gpu)) {
    if (gpu_.energy_mj()) {
        return;
    }
    last_w_ = 1e-3 * gpu_.power_mw();
    last_s_ = now_s();
    sampler_ = std::thread([this] { keep_up(); });
}

NvmlMeter::~NvmlMeter() {
    if (!sampler_.joinable()) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    ends_.notify_all();
    sampler_.join();
}

void NvmlMeter::keep_up() {
    std::unique_lock lock(mutex_);
    while (!ends_.wait_for(lock, kPeriod, [this] { return ended_; })) {
        try {
            sample(now_s());
        } catch (const Error&) {
            continue;  // the next read_j() reports it
        }
    }
}

void NvmlMeter::sample(double now_s) {
    const double power_w = 1e-3 * gpu_.power_mw();
    const double from_s = std::exchange(last_s_, std::max(now_s, last_s_));
    sampled_j_ += (last_s_ - from_s) * (power_w + std::exchange(last_w_, power_w)) / 2;
}

double NvmlMeter::shown(double now_s) {
    return sampler_.joinable() ? 1e-3 * gpu_.power_mw() : read_j(now_s);
}

double NvmlMeter::read_j(double now_s) {
    if (!sampler_.joinable()) {
        const auto energy_mj = gpu_.energy_mj();
        if (!energy_mj) {
            throw Error(gpu_.name() + ": its energy counter has vanished; run again");
        }
        return 1e-3 * static_cast<double>(*energy_mj);
    }
    const std::lock_guard lock(mutex_);
    sample(now_s);
    return sampled_j_;
}

}  // namespace alert
