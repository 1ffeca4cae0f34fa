#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "alert/controller.h"

namespace alert {

/// The outputs of an inference that the slowdown is learnt from.
enum class LearntFrom {
    kEveryStage,
    kLastStage,  ///< that was run
    kAnswer,
};

/// Forgetting factors, one for each memory; no more than kMost of them.
class Memories {
   public:
    static constexpr std::size_t kMost = 8;

    Memories(std::initializer_list<float> factors) {
        for (const float factor : factors) {
            add(factor);
        }
    }

    void add(float factor) { factors_[size_++] = factor; }
    std::size_t size() const { return size_; }
    float operator[](std::size_t e) const { return factors_[e]; }

   private:
    std::array<float, kMost> factors_{};
    std::size_t size_ = 0;
};

/// A stage of an anytime network is tried from this probability on that it fits. If it does not,
/// little is lost: the stage before has answered.
inline constexpr float kChanceOfStage = 0.1F;

/// An estimator with its constants: one set for all families. Others are for experiments.
struct EstimatorOptions {
    /// An estimator stands for itself with the constants below.
    EstimatorOptions(Estimator which = Estimator::kCalibrated) : estimator(which) {}  // NOLINT

    Estimator estimator;

    // The distribution of the slowdown (E15).
    Memories memories = {0.7F, 0.9F, 0.98F};  ///< f_e, an input
    float share = 0.1F;                       ///< a, that weights share anew
    float pooling = 0.5F;       ///< s: what an observation counts for each octave away
    float bandwidth = 0.03F;    ///< b of the kernel h, in log x
    float prior_weight = 0.1F;  ///< n0
    float prior_width = 0.67F;  ///< b0, the bandwidth of the prior G

    bool charge_overruns = true;  ///< E17
    float chance_of_stage = kChanceOfStage;
    LearntFrom learnt_from = LearntFrom::kEveryStage;
};

/// The names of all of them but the estimator: their members' names.
std::vector<std::string> estimator_option_names();

/// Sets the option of this name. Values are numbers, for `memories` a list ("0.7,0.9,0.98"), for
/// `charge_overruns` 0 or 1, for `learnt_from` every-stage, last-stage or answer. Throws
/// RequestError where there is no such option, or the value is none for it.
void set_option(EstimatorOptions& options, std::string_view name, std::string_view value);

}  // namespace alert
