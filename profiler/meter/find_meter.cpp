#include "profiler/meter/find_meter.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <utility>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/meter/nvml_meter.h"
#include "profiler/meter/perf_meter.h"
#include "profiler/meter/rapl_meter.h"
#include "profiler/meter/sensor_meter.h"
#include "profiler/meter/sum_meter.h"
#include "profiler/power/sysfs.h"

namespace alert {

namespace {

struct Kind {
    std::string source, covers;
    bool packages_only;  ///< covers only the processor packages
    std::function<std::unique_ptr<EnergyMeter>()> open;
};

std::unique_ptr<EnergyMeter> open_rapl_meter(std::span<const RaplPackage> packages) {
    if (packages.empty()) {
        throw Error(no_rapl_package(sysfs_root()));
    }
    return std::make_unique<RaplMeter>(packages);
}

std::array<Kind, 4> kinds() {
    const auto packages = find_rapl_packages(sysfs_root());
    return {{{"measured:rapl", describe(packages), true,
              [packages] { return open_rapl_meter(packages); }},
             {"measured:perf", "processor packages", true,
              [] { return std::make_unique<PerfMeter>(sysfs_root()); }},
             {"measured:hwmon", "one sensor", false,
              [] { return std::make_unique<SensorMeter>(SensorMeter::hwmon(sysfs_root())); }},
             {"measured:battery", "the whole machine", false,
              [] { return std::make_unique<SensorMeter>(SensorMeter::battery(sysfs_root())); }}}};
}

Kind nvml_kind(std::string_view device) {
    return {"measured:nvml", "one NVIDIA GPU", false, [gpu = std::string(device)] {
                return std::make_unique<NvmlMeter>(NvmlGpu::of_device(gpu));
            }};
}

MeterOffer offered(const Kind& kind) {
    MeterOffer offer{kind.source, kind.covers, "", nullptr};
    try {
        offer.meter = kind.open();
    } catch (const Error& error) {
        offer.remedy = error.what();
    }
    return offer;
}

}  // namespace

std::vector<MeterOffer> find_meters() {
    std::vector<MeterOffer> offers;
    const auto all = kinds();
    offers.reserve(all.size());
    for (const Kind& kind : all) {
        offers.push_back(offered(kind));
    }
    offers.push_back(offered(nvml_kind("cuda")));
    return offers;
}

std::optional<double> seen_resolution_s(EnergyMeter& meter, double most_s) {
    constexpr double kLook_s = 1e-4;
    constexpr std::size_t kEnough = 10;
    std::vector<double> steps_s;
    std::optional<double> moved_s;
    const double begin_s = now_s();
    double shown = meter.shown(begin_s);
    for (double at_s = begin_s; at_s < begin_s + most_s && steps_s.size() < kEnough;
         at_s = now_s()) {
        if (const double now = meter.shown(at_s); now != shown) {
            shown = now;
            if (moved_s) {
                steps_s.push_back(at_s - *moved_s);
            }
            moved_s = at_s;
        }
        wait_until(at_s + kLook_s);
    }
    if (steps_s.empty()) {
        return std::nullopt;
    }
    std::sort(steps_s.begin(), steps_s.end());
    return steps_s[steps_s.size() / 2];
}

std::unique_ptr<EnergyMeter> first_meter(std::string_view device) {
    std::unique_ptr<EnergyMeter> gpu;
    if (device.starts_with("cuda")) {
        gpu = offered(nvml_kind(device)).meter;
    }
    for (const Kind& kind : kinds()) {
        if (gpu && !kind.packages_only) {
            continue;  // a board sensor or a battery may include the GPU
        }
        MeterOffer offer = offered(kind);
        if (offer.meter && gpu) {
            return std::make_unique<SumMeter>(std::move(gpu), std::move(offer.meter));
        }
        if (offer.meter) {
            return std::move(offer.meter);
        }
    }
    return gpu;
}

}  // namespace alert
