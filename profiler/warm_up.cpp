#include "profiler/warm_up.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/evaluation/statistics.h"
#include "profiler/stop.h"

namespace alert {

namespace {

constexpr int kWindow = 5;
constexpr int kLeastRuns = 10;
constexpr int kMostRuns = 100;
constexpr double kMost_s = 2;
constexpr double kSteady = 1.1;

const std::atomic<bool> never_stopped{false};

double timed_run(Network& network, std::size_t n, const std::atomic<bool>& stop, Clock& clock) {
    network.load_input(n);
    const double start_s = clock.now_s();
    for (int stage = 0; stage < std::max(1, network.stages()); ++stage) {
        heed(stop);
        network.run_stage();
    }
    return clock.now_s() - start_s;
}

}  // namespace

double run_once(Network& network, std::size_t n, Clock& clock) {
    return timed_run(network, n, never_stopped, clock);
}

double warm_up(Network& network, int runs, const std::atomic<bool>& stop, Clock& clock) {
    const double enough_s = clock.now_s() + kMost_s;
    const int most = runs > 0 ? runs : kMostRuns;
    double best_s = std::numeric_limits<double>::infinity();
    for (int done = 0;;) {
        bool last = false;
        std::vector<double> window;
        while (std::ssize(window) < kWindow && !last) {
            window.push_back(timed_run(network, 0, stop, clock));
            ++done;
            last = done == most || (runs == 0 && clock.now_s() > enough_s);
        }
        const double median_s = percentile(window, 0.5);
        // Neither disturbed nor still getting faster.
        const bool steady =
            done >= kLeastRuns && median_s <= kSteady * best_s && best_s <= kSteady * median_s;
        if (last || (runs == 0 && steady)) {
            return median_s;
        }
        best_s = std::min(best_s, median_s);
    }
}

}  // namespace alert
