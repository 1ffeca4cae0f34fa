#include <cmath>
#include <vector>

#include "tests/profiler/scripted_run.h"
#include "tests/support/catch.h"

using namespace scripted;

namespace {

/// Shows what another meter reads every `step_s` only, as it did then.
class SteppingMeter final : public EnergyMeter {
   public:
    SteppingMeter(std::unique_ptr<EnergyMeter> exact, double step_s)
        : exact_(std::move(exact)), step_s_(step_s) {}

    std::string_view source() const override { return "measured:steps"; }
    double resolution_s() const override { return step_s_; }
    void tell(Activity activity, double now_s) override { exact_->tell(activity, now_s); }
    double read_j(double now_s) override {
        const double exact_j = exact_->read_j(now_s);
        const double step = std::floor(now_s / step_s_);
        if (step != step_) {
            step_ = step;
            shown_j_ = exact_j;
        }
        readings_j.push_back(shown_j_);
        return shown_j_;
    }

    std::vector<double> readings_j;

   private:
    std::unique_ptr<EnergyMeter> exact_;
    double step_s_, step_ = 0, shown_j_ = 0;
};

/// A run whose meter moves every `step_s`.
struct SteppingRun : Run {
    explicit SteppingRun(double step_s) {
        auto stepping = std::make_unique<SteppingMeter>(std::move(platform.meter), step_s);
        meter = stepping.get();
        platform.meter = std::move(stepping);
        options.inputs = 20;
        options.period_s = 5e-3;
    }

    SteppingMeter* meter = nullptr;
};

/// Takes a while to say what another meter reads, as the energy counter of a GPU does.
class SlowMeter final : public EnergyMeter {
   public:
    SlowMeter(std::unique_ptr<EnergyMeter> quick, FakeClock& clock)
        : quick_(std::move(quick)), clock_(clock) {}

    std::string_view source() const override { return "measured:slowly"; }
    void tell(Activity activity, double now_s) override { quick_->tell(activity, now_s); }
    double read_j(double now_s) override {
        const double energy_j = quick_->read_j(now_s);
        clock_.pass(3e-3);
        return energy_j;
    }

   private:
    std::unique_ptr<EnergyMeter> quick_;
    FakeClock& clock_;
};

}  // namespace

TEST_CASE("inputs that are shorter than the meter's step share what it brought") {
    SteppingRun bench(40e-3);
    bench.run();
    REQUIRE(bench.records.size() == 20);
    double sum_j = 0;
    for (std::size_t n = 0; n < bench.records.size(); ++n) {
        CHECK(bench.records[n].n == static_cast<std::int64_t>(n));
        REQUIRE(bench.records[n].energy_j);
        // Of 1 ms at 100 W and 4 ms at 10 W; by the readings most would have none.
        CHECK(*bench.records[n].energy_j > 0.02);
        sum_j += *bench.records[n].energy_j;
    }
    const double counted_j = bench.meter->readings_j.back() - bench.meter->readings_j.front();
    CHECK(sum_j <= counted_j + 1e-9);
    CHECK(sum_j >= 0.5 * counted_j);  // the rest was spent after the last input
}

TEST_CASE("a rest of few of the meter's steps says nothing of the idle power") {
    SteppingRun bench(2e-3);
    bench.run();
    for (const Outcome& outcome : bench.scheme.outcomes) {
        CHECK_FALSE(outcome.idle_power_w);
    }
}

TEST_CASE("what is answered while the meter stands is recorded when the run fails") {
    SteppingRun bench(10);
    bench.plain([](std::size_t n) -> double {
        if (n == 3) {
            throw std::runtime_error("no memory left");
        }
        return 1e-3;
    });
    CHECK_THROWS_WITH(bench.run(), "no memory left");
    REQUIRE(bench.records.size() == 3);
    CHECK(bench.records[2].latency_s);
    CHECK_FALSE(bench.records[2].energy_j);
}

TEST_CASE("a meter that is slow to read is read before the next input arrives") {
    Run bench;
    bench.platform.meter =
        std::make_unique<SlowMeter>(std::move(bench.platform.meter), bench.clock);
    bench.options.inputs = 20;
    bench.run();
    REQUIRE(bench.records.size() == 20);
    for (const InputRecord& record : bench.records) {
        CHECK(*record.response_s == Approx(1e-3));  // the reading alone would be 3 ms
    }
    // 1 ms at 100 W, 29 ms at 10 W, from reading to reading.
    CHECK(*bench.records[10].energy_j == Approx(0.39));
}
