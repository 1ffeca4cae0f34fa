#pragma once

#include <algorithm>
#include <functional>
#include <map>

#include "profiler/clock.h"

/// A clock on which time passes only while something waits for it, or says that it takes a while.
class FakeClock final : public alert::Clock {
   public:
    explicit FakeClock(double now_s = 1000) : now_s_(now_s) {}

    double now_s() override { return now_s_; }
    void sleep_until(double at_s) override {
        if (at_s > now_s_) {
            pass_until(at_s + oversleeps_s);
        }
    }
    void spin_until(double at_s) override { pass_until(at_s); }

    void pass(double seconds) { pass_until(now_s_ + seconds); }

    /// Something happens elsewhere at that moment, once.
    void at(double at_s, std::function<void()> happens) {
        later_.emplace(at_s, std::move(happens));
    }

    double oversleeps_s = 0;  ///< how late who sleeps wakes

   private:
    void pass_until(double at_s) {
        while (!later_.empty() && later_.begin()->first <= at_s) {
            const auto next = later_.extract(later_.begin());
            now_s_ = std::max(now_s_, next.key());
            next.mapped()();
        }
        now_s_ = std::max(now_s_, at_s);
    }

    double now_s_;
    std::multimap<double, std::function<void()>> later_;
};
