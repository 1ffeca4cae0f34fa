#include "profiler/meter/find_meter.h"

#include <fmt/format.h>

#include <utility>

#include "core/error.h"
#include "profiler/meter/perf_meter.h"
#include "profiler/meter/rapl_meter.h"
#include "profiler/meter/sensor_meter.h"
#include "profiler/power/sysfs.h"

namespace alert {

namespace {

template <class Open>
MeterOffer offered(std::string source, std::string covers, Open open) {
    MeterOffer offer{std::move(source), std::move(covers), "", nullptr};
    try {
        offer.meter = open();
    } catch (const Error& error) {
        offer.mend = error.what();
    }
    return offer;
}

std::unique_ptr<EnergyMeter> open_rapl_meter(std::span<const RaplPackage> packages) {
    if (packages.empty()) {
        throw Error(fmt::format("no RAPL package in {}; load the kernel module intel_rapl_msr",
                                (sysfs_root() / "class/powercap").string()));
    }
    return std::make_unique<RaplMeter>(packages);
}

}  // namespace

std::vector<MeterOffer> find_meters() {
    const auto packages = find_rapl_packages(sysfs_root());
    std::string zones;
    for (const RaplPackage& package : packages) {
        zones += fmt::format("{}{} ({})", zones.empty() ? "" : ", ", package.name,
                             package.folder.filename().string());
    }
    std::vector<MeterOffer> offers;
    offers.push_back(offered("measured:rapl", zones, [&] { return open_rapl_meter(packages); }));
    offers.push_back(offered("measured:perf", "processor packages",
                             [] { return std::make_unique<PerfMeter>(sysfs_root()); }));
    offers.push_back(offered("measured:hwmon", "one sensor", [] {
        return std::make_unique<SensorMeter>(SensorMeter::hwmon(sysfs_root()));
    }));
    offers.push_back(offered("measured:battery", "the whole machine", [] {
        return std::make_unique<SensorMeter>(SensorMeter::battery(sysfs_root()));
    }));
    return offers;
}

std::unique_ptr<EnergyMeter> first_meter() {
    for (MeterOffer& offer : find_meters()) {
        if (offer.meter) {
            return std::move(offer.meter);
        }
    }
    return nullptr;
}

}  // namespace alert
