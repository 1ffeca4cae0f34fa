#include "profiler/inference.h"

#include <algorithm>

#include "profiler/power/emulated.h"
#include "profiler/warm_up.h"

namespace alert {

namespace {

// Where energy is measured, an inference is repeated until the meter has counted enough updates.
double metering_s(const Platform& platform, const PowerSetting& setting) {
    return platform.meter && !setting.emulated ? kEnoughUpdates * platform.meter->resolution_s()
                                               : 0;
}

}  // namespace

double measuring_s(double latency_s, const Platform& platform, const PowerSetting& setting) {
    return std::max(latency_s, metering_s(platform, setting));
}

std::vector<MeasuredOutput> measure_inference(Network& network, const DataSet& data,
                                              std::size_t input, Platform& platform,
                                              const PowerSetting& setting, Clock& clock,
                                              bool metered) {
    EnergyMeter* const meter = metered ? platform.meter.get() : nullptr;
    std::vector<MeasuredOutput> outputs;
    network.load_input(input);
    const double begin_s = clock.now_s();
    const double begin_j = meter ? meter->read_j(begin_s) : 0;
    double latency_s = 0;
    for (int stage = 1; stage <= std::max(1, network.stages()); ++stage) {
        const double start_s = clock.now_s();
        network.run_stage();
        latency_s += stretched_s(clock.now_s() - start_s, setting);
        const std::int64_t label = data.labels[input];
        outputs.push_back({.stage = network.stages() == 0 ? 0 : stage,
                           .latency_s = latency_s,
                           .power_w = {},
                           .correct = network.ranks(label, data.top),
                           .log_loss = {}});
        if (data.perplexity) {
            outputs.back().log_loss = network.log_loss(label);
        }
    }
    std::optional<double> power_w;
    if (setting.emulated) {
        power_w = setting.emulated->power_w;
    } else if (meter) {
        double end_s = clock.now_s();
        while (end_s - begin_s < metering_s(platform, setting)) {
            run_once(network, input, clock);
            end_s = clock.now_s();
        }
        power_w = (meter->read_j(end_s) - begin_j) / (end_s - begin_s);
    }
    for (MeasuredOutput& output : outputs) {
        output.power_w = power_w;
    }
    return outputs;
}

}  // namespace alert
