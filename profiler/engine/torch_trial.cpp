#include "profiler/engine/torch_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <string>
#include <vector>

#include "alert/error.h"
#include "profiler/clock.h"
#include "profiler/engine/torch_answer.h"
#include "profiler/engine/torch_error.h"
#include "profiler/engine/torch_library.h"
#include "profiler/engine/torch_module.h"
#include "profiler/engine/torch_network.h"

namespace alert {
namespace {

using Kind = TrialMessage::Kind;

// The fastest of several runs counts, as others may be disturbed: as many pairs of runs as fit.
constexpr int kLeastPairs = 2, kEnoughPairs = 10, kMostPairs = 35;
constexpr double kEnough_s = 0.4, kMost_s = 1.5;
// The minimum number of inferences in the trial of a form, and how long they may take.
constexpr int kRuns = kSpecialisingRuns + 2 * 2 + 2 * kLeastPairs;
constexpr double kTrial_s = 5;

// The other end terminates this process.
const std::atomic<bool> never_stopped{false};

void keep_least(std::vector<double>& least, const std::vector<double>& taken) {
    for (std::size_t i = 0; i < least.size(); ++i) {
        least[i] = std::min(least[i], taken[i]);
    }
}

// The time of `changed` relative to that of `plain`; for an anytime network the mean over the ends
// of its stages, so that a slower first stage weighs as little as it lasts.
double relative_time(TorchNetwork& plain, TorchNetwork& changed) {
    std::vector<double> plain_s = answer(plain, 0, never_stopped).ends_s;
    std::vector<double> changed_s = answer(changed, 0, never_stopped).ends_s;
    const double start_s = thread_s();
    for (int pairs = 1; pairs < kMostPairs; ++pairs) {
        const double took_s = thread_s() - start_s;
        if ((pairs >= kEnoughPairs && took_s > kEnough_s) ||
            (pairs >= kLeastPairs && took_s > kMost_s)) {
            break;
        }
        keep_least(plain_s, answer(plain, 0, never_stopped).ends_s);
        keep_least(changed_s, answer(changed, 0, never_stopped).ends_s);
    }
    return std::accumulate(changed_s.begin(), changed_s.end(), 0.0) /
           std::accumulate(plain_s.begin(), plain_s.end(), 0.0);
}

class Trial {
   public:
    Trial(const std::filesystem::path& file, const std::shared_ptr<const TorchData>& data)
        : file_(file), data_(data), plain_(load({})) {}

    /// Crashes and hangs happen in the first two runs, as LibTorch specialises the graph after the
    /// first. Returns the seconds of the second.
    double run_plain(const std::function<void(const TrialMessage&)>& tell) {
        first_answer(plain_, file_, *data_, never_stopped);
        tell({.kind = Kind::kBegins});
        const double start_s = now_s();
        ran_s_ = answer(plain_, 0, never_stopped).ends_s.back();
        return now_s() - start_s;
    }

    /// Whether there is time for another form, judging by the undisturbed time of the plain one.
    bool has_time() const { return kRuns * ran_s_ <= kTrial_s; }

    TrialMessage try_form(NetworkForm form) {
        TrialMessage result{.kind = Kind::kNotTaken, .form = form};
        try {
            TorchNetwork changed = load(form);
            specialise(changed, form);
            for (const std::size_t input : {0, 1}) {
                if (!alike(answer(plain_, input, never_stopped),
                           answer(changed, input, never_stopped))) {
                    result.text = "gives different scores";
                    return result;
                }
            }
            result.value = relative_time(plain_, changed);
            result.kind = Kind::kTook;
        } catch (const std::exception& error) {
            result.text = one_line(error);
        }
        return result;
    }

   private:
    TorchNetwork load(NetworkForm form) const {
        return {file_.filename().string(), in_form(read_module(file_, at::kCPU), form), at::kCPU,
                data_};
    }

    static void specialise(TorchNetwork& network, NetworkForm form) {
        const Fusing fusing(form.fused);
        for (int run = 0; run < kSpecialisingRuns; ++run) {
            answer(network, 0, never_stopped);
        }
    }

    const std::filesystem::path& file_;
    const std::shared_ptr<const TorchData>& data_;
    TorchNetwork plain_;
    double ran_s_ = 0;  ///< plain_, seconds of this thread
};

}  // namespace

void try_network(const std::filesystem::path& file, const std::shared_ptr<const TorchData>& data,
                 bool may_fuse, const std::function<void(const TrialMessage&)>& tell) {
    try {
        tell({.kind = Kind::kBegins});
        Trial trial(file, data);
        tell({.kind = Kind::kTook, .value = trial.run_plain(tell)});
        std::vector<NetworkForm> forms{{.optimised = true}};
        if (may_fuse) {
            forms.push_back({.fused = true});
            forms.push_back({.optimised = true, .fused = true});
        }
        for (const NetworkForm form : forms) {
            if (!trial.has_time()) {
                tell({.kind = Kind::kNotTaken, .form = form, .text = "would take too long to try"});
                continue;
            }
            tell({.kind = Kind::kBegins, .form = form});
            tell(trial.try_form(form));
        }
        tell({.kind = Kind::kDone});
    } catch (const RequestError& error) {
        tell({.kind = Kind::kRefused, .text = error.what()});
    } catch (const std::exception& error) {
        tell({.kind = Kind::kRefused,
              .text = fmt::format("{}: {}", file.string(), one_line(error))});
    }
}

}  // namespace alert
