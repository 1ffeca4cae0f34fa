#include "profiler/engine/torch_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/stop.h"

namespace alert {
namespace {

bool alike(const std::vector<float>& a, const std::vector<float>& b) {
    double scale = 0;
    for (const float score : a) {
        if (std::isfinite(score)) {
            scale = std::max<double>(scale, std::abs(score));
        }
    }
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](double x, double y) {
        return x == y || std::abs(x - y) <= 1e-4 * scale + 1e-3 * std::abs(y);
    });
}

}  // namespace

Answer answer(TorchNetwork& network, std::size_t input, const std::atomic<bool>& stop) {
    Answer answer;
    network.load_input(input);
    double ran_s = 0;
    for (int stage = 0; stage < std::max(network.stages(), 1); ++stage) {
        heed(stop);
        // CPU time, so that the choice does not depend on other programs.
        const double start_s = thread_s();
        network.run_stage();
        ran_s += thread_s() - start_s;
        answer.ends_s.push_back(ran_s);
        network.ranks(0, 1);  // throws for NaN
        answer.scores.push_back(network.scores());
    }
    return answer;
}

Answer first_answer(TorchNetwork& network, const std::filesystem::path& file, const TorchData& data,
                    const std::atomic<bool>& stop) {
    const auto refuse = [&](const std::string& what) {
        throw RequestError(fmt::format("{}: {}", file.string(), what));
    };
    Answer first;
    try {
        first = answer(network, 0, stop);
    } catch (const Error& error) {
        refuse(fmt::format("does not fit {} ({} of shape {}): {}", data.file.string(),
                           c10::toString(data.inputs.scalar_type()),
                           c10::str(data.inputs.sizes().slice(1)), error.what()));
    }
    const auto greatest = *std::max_element(data.labels.begin(), data.labels.end());
    if (greatest >= network.classes()) {
        refuse(fmt::format("has {} classes, but {} has labels up to {}", network.classes(),
                           data.file.string(), greatest));
    }
    return first;
}

bool alike(const Answer& a, const Answer& b) {
    return std::equal(a.scores.begin(), a.scores.end(), b.scores.begin(), b.scores.end(),
                      [](const auto& x, const auto& y) { return alike(x, y); });
}

}  // namespace alert
