// The controller with a profile that `alert profile` measured: alert::store reads it, and needs
// SQLite. Networks are not run here: their latencies are as profiled, and twice as long in the
// second half, as on a machine that got slower.
//
//     embed_store STORE [PROFILE]

#include <alert/controller.h>
#include <alert/error.h>
#include <alert/store.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>

namespace {

std::string name_of(const alert::Profile& profile, std::size_t configuration) {
    const alert::ProfiledConfiguration& c = profile.configurations[configuration];
    const std::string stage = c.stage > 0 ? "/" + std::to_string(c.stage) : "";
    return profile.models[c.model] + stage + "@" + profile.settings[c.setting];
}

void run(const alert::StoredProfile& stored) {
    const alert::Profile& profile = stored.profile;
    std::printf("profile %s: %zu models, %zu settings of %s\n", stored.label.c_str(),
                profile.models.size(), profile.settings.size(), stored.power_spec.c_str());

    // Nearly as accurate as the best network, in twice the time of the slowest: the least energy.
    double slowest_s = 0;
    for (const alert::ProfiledConfiguration& configuration : profile.configurations) {
        slowest_s = std::max(slowest_s, configuration.latency_s);
    }
    const alert::Goal goal{.deadline_s = 2 * slowest_s, .accuracy = 0.95 * profile.best_accuracy()};

    alert::Controller controller(profile);
    for (const double slowdown : {1.0, 2.0}) {
        alert::Decision decision;
        for (int n = 0; n < 300; ++n) {
            decision = controller.next(goal);
            const double profiled_s = profile.configurations[decision.configuration].latency_s;
            controller.observe(
                {.configuration = decision.configuration, .latency_s = slowdown * profiled_s});
        }
        std::printf("slowdown %.0f: believed %.0f, runs %s\n", slowdown, decision.xi_mean,
                    name_of(profile, decision.configuration).c_str());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: embed_store STORE [PROFILE]\n");
        return 2;
    }
    try {
        run(alert::load_profile(argv[1], argc > 2 ? argv[2] : ""));
    } catch (const alert::Error& error) {
        std::fprintf(stderr, "embed_store: %s\n", error.what());
        return 1;
    }
}
