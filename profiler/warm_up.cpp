#include "profiler/warm_up.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/statistics.h"
#include "profiler/clock.h"

namespace alert {

namespace {
constexpr int kWindow = 5;
constexpr int kLeastRuns = 10;
constexpr int kMostRuns = 100;
constexpr double kSteady = 1.1;
}  // namespace

double run_once(Network& network, std::size_t n) {
    network.load_input(n);
    const double start_s = now_s();
    for (int stage = 0; stage < std::max(1, network.stages()); ++stage) {
        network.run_stage();
    }
    return now_s() - start_s;
}

double warm_up(Network& network, int runs) {
    double best_s = std::numeric_limits<double>::infinity();
    const int most = runs > 0 ? runs : kMostRuns;
    for (int done = 0;;) {
        std::vector<double> window;
        for (; std::ssize(window) < kWindow && done < most; ++done) {
            window.push_back(run_once(network, 0));
        }
        const double median_s = percentile(window, 0.5);
        // Neither slowed down by a disturbance nor still getting faster.
        const bool steady =
            done >= kLeastRuns && median_s <= kSteady * best_s && best_s <= kSteady * median_s;
        if (done == most || (runs == 0 && steady)) {
            return median_s;
        }
        best_s = std::min(best_s, median_s);
    }
}

}  // namespace alert
