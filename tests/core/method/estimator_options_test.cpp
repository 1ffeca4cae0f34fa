#include "core/method/estimator_options.h"

#include <string>

#include "alert/error.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

std::string refusal_of(const char* name, const char* value) {
    EstimatorOptions options;
    try {
        set_option(options, name, value);
    } catch (const RequestError& error) {
        return error.what();
    }
    return "not refused";
}

}  // namespace

TEST_CASE("an option of the estimator is set by its name") {
    EstimatorOptions options;
    set_option(options, "share", "0.25");
    CHECK(options.share == 0.25F);
    set_option(options, "prior_weight", "2");
    CHECK(options.prior_weight == 2);
    set_option(options, "charge_overruns", "0");
    CHECK_FALSE(options.charge_overruns);
    set_option(options, "learnt_from", "last-stage");
    CHECK(options.learnt_from == LearntFrom::kLastStage);
    set_option(options, "memories", "0.5,1");
    REQUIRE(options.memories.size() == 2);
    CHECK(options.memories[0] == 0.5F);
    CHECK(options.memories[1] == 1);
}

TEST_CASE("every name that is listed is one that can be set") {
    for (const std::string& name : estimator_option_names()) {
        EstimatorOptions options;
        CHECK_NOTHROW(set_option(options, name,
                                 name == "learnt_from" ? "answer"
                                 : name == "bandwidth" ? "0.05"
                                                       : "1"));
    }
}

TEST_CASE("an option that is none, or a value that is none for it, is refused in one line") {
    CHECK(refusal_of("shares", "1").find("shares=1: no such option; write one of memories") == 0);
    CHECK(refusal_of("share", "much").find("share=much: give a number from 0") == 0);
    CHECK(refusal_of("share", "2").find("share=2: give a number") == 0);
    CHECK(refusal_of("share", "") != "not refused");
    CHECK(refusal_of("learnt_from", "all") ==
          "learnt_from=all: write every-stage, last-stage or answer");
    CHECK(refusal_of("memories", "0.5,,0.9") != "not refused");
    CHECK(refusal_of("memories", "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9") != "not refused");
}
