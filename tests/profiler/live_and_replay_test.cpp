// The same inputs live and replayed: networks, knob and meter take what a trace says, on a clock on
// which nothing else takes any time. Whatever the run loop records, the replay says, too.
#include <memory>
#include <string>
#include <vector>

#include "core/evaluation/replay.h"
#include "core/evaluation/schemes.h"
#include "profiler/run_loop.h"
#include "tests/golden/recorded_family.h"
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"

using namespace alert;
using golden::RecordedFamily;

namespace {

constexpr double kIdlePower_w = 12;

/// What its parts share: a machine that does with every input what the trace says.
struct Machine {
    explicit Machine(const RecordedFamily& recorded) : family(recorded) {}

    std::size_t configuration_of(std::size_t model, int stage) const {
        const auto& all = family.profile.configurations;
        std::size_t c = 0;
        while (all[c].model != model || all[c].setting != setting || all[c].stage != stage) {
            ++c;
        }
        return c;
    }

    const RecordedFamily& family;
    FakeClock clock{0};
    std::size_t setting = 0;
    double power_w = 0;  // while inferring
};

class TracedNetwork final : public Network {
   public:
    TracedNetwork(Machine& machine, std::size_t model) : machine_(machine), model_(model) {
        for (const auto& configuration : machine.family.profile.configurations) {
            if (configuration.model == model) {
                stages_ = std::max(stages_, configuration.stage);
            }
        }
    }

    int stages() const override { return stages_; }
    void load_input(std::size_t n) override {
        n_ = n;
        stage_ = 0;
        elapsed_s_ = 0;
        machine_.power_w = trace().power_w[cell(stages_ > 0 ? 1 : 0)];
    }
    void run_stage() override {
        stage_ += stages_ > 0 ? 1 : 0;
        const double ends_s = trace().latency_s[cell(stage_)];
        machine_.clock.pass(ends_s - elapsed_s_);
        elapsed_s_ = ends_s;
    }
    bool ranks(std::int64_t, int) override { return trace().correct[cell(stage_)] != 0; }
    double log_loss(std::int64_t) override { return 0; }
    int classes() override { return 2; }

   private:
    const Trace& trace() const { return machine_.family.trace; }
    std::size_t cell(int stage) const {
        return trace().index(n_, machine_.configuration_of(model_, stage));
    }

    Machine& machine_;
    std::size_t model_, n_ = 0;
    int stages_ = 0, stage_ = 0;
    double elapsed_s_ = 0;
};

class TracedKnob final : public PowerKnob {
   public:
    explicit TracedKnob(Machine& machine) : machine_(machine) {
        for (const std::string& name : machine.family.profile.settings) {
            settings_.push_back({.name = name, .emulated = {}});
        }
    }

    std::string_view spec() const override { return "traced"; }
    std::span<const PowerSetting> settings() const override { return settings_; }
    void apply(std::size_t setting) override { machine_.setting = setting; }

   private:
    Machine& machine_;
    std::vector<PowerSetting> settings_;
};

class TracedMeter final : public EnergyMeter {
   public:
    explicit TracedMeter(Machine& machine) : machine_(machine) {}

    std::string_view source() const override { return "measured:trace"; }
    double read_j(double now_s) override {
        energy_j_ += (inferring_ ? machine_.power_w : kIdlePower_w) * (now_s - last_s_);
        last_s_ = now_s;
        return energy_j_;
    }
    void tell(Activity activity, double now_s) override {
        read_j(now_s);
        inferring_ = activity == Activity::kInferring;
    }

   private:
    Machine& machine_;
    bool inferring_ = false;
    double last_s_ = 0, energy_j_ = 0;
};

/// Keeps what another scheme is asked and told.
class Overheard final : public Scheme {
   public:
    explicit Overheard(std::unique_ptr<Scheme> scheme) : scheme_(std::move(scheme)) {}

    Decision next(const InputGoal& goal) override {
        goals.push_back(goal);
        return scheme_->next(goal);
    }
    void observe(const Outcome& outcome) override {
        outcomes.push_back(outcome);
        stages_s.emplace_back(outcome.stages_s.begin(), outcome.stages_s.end());
        scheme_->observe(outcome);
    }

    std::vector<InputGoal> goals;
    std::vector<Outcome> outcomes;
    std::vector<std::vector<double>> stages_s;

   private:
    std::unique_ptr<Scheme> scheme_;
};

std::vector<InputRecord> run_live(const RecordedFamily& family, const Workload& workload,
                                  Scheme& scheme) {
    Machine machine(family);
    std::vector<std::unique_ptr<Network>> networks;
    for (std::size_t model = 0; model < family.profile.models.size(); ++model) {
        networks.push_back(std::make_unique<TracedNetwork>(machine, model));
    }
    Platform platform;
    platform.knob = std::make_unique<TracedKnob>(machine);
    if (family.trace.has_power) {
        platform.meter = std::make_unique<TracedMeter>(machine);
    }
    std::vector<std::size_t> settings;
    while (settings.size() < family.profile.settings.size()) {
        settings.push_back(settings.size());
    }
    DataSet data{.size = family.trace.inputs, .labels = {}, .groups = {}};
    data.labels.resize(data.size);
    RunLoop loop(family.profile, networks, settings, data, platform, scheme,
                 {.goal = workload.goal,
                  .inputs = workload.inputs,
                  .period_s = workload.period_s,
                  .groups = workload.shared ? family.trace.groups : Groups(),
                  .window = workload.window},
                 machine.clock);
    std::vector<InputRecord> records;
    loop.run([&](const InputRecord& record) { records.push_back(record); }, [](std::size_t) {},
             false);
    return records;
}

// Sums of many short times differ in their last digits.
bool same(double a, double b) {
    return std::abs(a - b) <= 1e-9 * (1 + std::abs(b));
}

bool same(std::optional<double> a, std::optional<double> b) {
    return a.has_value() == b.has_value() && (!a || same(*a, *b));
}

void check_result(const InputResult& live, const InputResult& played) {
    CHECK(live.group == played.group);
    CHECK(live.decision.configuration == played.decision.configuration);
    CHECK(live.decision.feasible == played.decision.feasible);
    CHECK(live.decision.certain == played.decision.certain);
    // Estimates are single precision.
    CHECK(live.decision.deadline_probability ==
          Approx(played.decision.deadline_probability).margin(1e-5));
    CHECK(live.decision.accuracy == Approx(played.decision.accuracy).epsilon(1e-5));
    CHECK(live.decision.xi_mean == Approx(played.decision.xi_mean).epsilon(1e-5));
    CHECK(live.decision.idle_ratio == Approx(played.decision.idle_ratio).epsilon(1e-5));
    CHECK(live.configuration == played.configuration);
    CHECK(same(live.latency_s, played.latency_s));
    CHECK(same(live.response_s, played.response_s));
    CHECK(live.met_deadline == played.met_deadline);
}

// What it was asked shows what the window carried on and what a group left.
void check_schemes(const Overheard& live, const Overheard& played) {
    REQUIRE(live.goals.size() == played.goals.size());
    for (std::size_t n = 0; n < live.goals.size(); ++n) {
        INFO("goal " << n);
        const InputGoal &a = live.goals[n], &b = played.goals[n];
        CHECK(same(a.deadline_s, b.deadline_s));
        CHECK(same(a.accuracy, b.accuracy));
        CHECK(same(a.energy_j, b.energy_j));
        CHECK(same(a.stated_accuracy, b.stated_accuracy));
        CHECK(same(a.stated_energy_j, b.stated_energy_j));
        CHECK(same(a.period_s, b.period_s));
        CHECK(same(a.interval_s, b.interval_s));
        CHECK(a.others_share == b.others_share);
    }
    // A run ends with its last input, whose outcome is of no use any more.
    REQUIRE(live.outcomes.size() <= played.outcomes.size());
    REQUIRE(live.outcomes.size() + 1 >= played.outcomes.size());
    for (std::size_t i = 0; i < live.outcomes.size(); ++i) {
        INFO("outcome " << i);
        CHECK(live.outcomes[i].configuration == played.outcomes[i].configuration);
        CHECK(same(live.outcomes[i].latency_s, played.outcomes[i].latency_s));
        CHECK(same(live.outcomes[i].idle_power_w, played.outcomes[i].idle_power_w));
        REQUIRE(live.stages_s[i].size() == played.stages_s[i].size());
        for (std::size_t k = 0; k < live.stages_s[i].size(); ++k) {
            CHECK(same(live.stages_s[i][k], played.stages_s[i][k]));
        }
    }
}

struct Seen {
    std::size_t late = 0, never_ran = 0, stopped = 0;
};

Seen check_alike(const RecordedFamily& family, const Workload& workload, const std::string& name,
                 Estimator estimator) {
    INFO(name);
    const auto make = [&] {
        return make_scheme(name, family.profile, estimator, workload, &family.trace);
    };
    Overheard live(make()), played(make());
    const auto records = run_live(family, workload, live);
    Seen seen;
    std::size_t n = 0;
    replay(family.profile, family.trace, workload, played, [&](const PlayedInput& input) {
        INFO("input " << n);
        const InputRecord& record = records.at(n++);
        check_result(record, input);
        CHECK(record.correct == input.correct);
        CHECK(record.energy_j.has_value() == family.trace.has_power);
        CHECK(record.energy_j.has_value() == input.energy_j.has_value());
        CHECK(same(record.energy_j.value_or(0), input.energy_j.value_or(0)));
        seen.late += input.latency_s && !input.met_deadline ? 1 : 0;
        seen.never_ran += input.latency_s ? 0 : 1;
        seen.stopped += input.configuration != input.decision.configuration ? 1 : 0;
    });
    CHECK(n == records.size());
    check_schemes(live, played);
    return seen;
}

RecordedFamily recorded(const std::string& name) {
    RecordedFamily family = golden::recorded_family(name);
    for (double& power_w : family.trace.idle_power_w) {
        power_w = kIdlePower_w;  // an input that never starts is unknown to the meter
    }
    return family;
}

Workload workload_of(const RecordedFamily& family, Goal goal, double period_s) {
    goal.period_s = period_s;
    return {.goal = goal,
            .inputs = 2 * family.trace.inputs + 5,
            .period_s = period_s,
            .shared = family.trace.groups.shared()};
}

constexpr auto kEnergy = Objective::kMinimiseEnergy;
constexpr auto kAccuracy = Objective::kMaximiseAccuracy;
constexpr auto kLatency = Objective::kMinimiseLatency;

}  // namespace

TEST_CASE("images are decided, answered and charged live as they are replayed") {
    const RecordedFamily family = recorded("image");
    Seen seen;
    for (const Goal& goal : {Goal{kEnergy, 2.5e-3, 0.95}, Goal{kAccuracy, 2.5e-3, {}, 0.13},
                             Goal{kEnergy, 12e-3, 0.955, 0.2}, Goal{kLatency, {}, 0.95, 0.14},
                             Goal{kAccuracy, 1e-3}}) {
        for (const char* scheme : {"alert", "alert-any", "no-coord", "sys-only", "app-only",
                                   "fixed:nested-4@60W", "fixed:cnn-473k-flip@40W", "oracle"}) {
            const auto one = check_alike(family, workload_of(family, goal, 4e-3), scheme,
                                         Estimator::kCalibrated);
            seen.late += one.late;
            seen.never_ran += one.never_ran;
            seen.stopped += one.stopped;
        }
        check_alike(family, workload_of(family, goal, 4e-3), "alert", Estimator::kPaper);
    }
    CHECK(seen.late > 50);
    CHECK(seen.never_ran > 50);
    CHECK(seen.stopped > 50);
}

TEST_CASE("the words of sentences are decided, answered and charged live as they are replayed") {
    const RecordedFamily family = recorded("sentence");
    Seen seen;
    for (const Goal& goal : {Goal{kEnergy, 0.1, 0.42}, Goal{kAccuracy, 0.1, {}, 0.12},
                             Goal{kEnergy, 0.04, 0.39, 0.1}, Goal{kLatency, {}, 0.42, 0.2}}) {
        for (const char* scheme : {"alert", "alert-any", "no-coord", "fixed:nested-3@60W",
                                   "fixed:lstm-512@100W", "oracle"}) {
            const auto one =
                check_alike(family, workload_of(family, goal, 0.1), scheme, Estimator::kCalibrated);
            seen.late += one.late;
            seen.never_ran += one.never_ran;
            seen.stopped += one.stopped;
        }
        check_alike(family, workload_of(family, goal, 0.1), "alert", Estimator::kPaper);
    }
    CHECK(seen.late > 5);
    CHECK(seen.never_ran > 50);
    CHECK(seen.stopped > 50);
}

TEST_CASE("inputs without a meter are decided and answered live as they are replayed") {
    const RecordedFamily family = golden::without_power(recorded("image"));
    check_alike(family, workload_of(family, {kEnergy, 2.5e-3, 0.95}, 4e-3), "alert",
                Estimator::kCalibrated);
}
