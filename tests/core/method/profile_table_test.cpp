#include "core/method/profile_table.h"

#include <random>
#include <set>
#include <stdexcept>

#include "alert/error.h"
#include "tests/core/reference.h"
#include "tests/support/catch.h"

using namespace alert;

namespace {

Profile two_models() {
    return {.models = {"fast", "nested"},
            .settings = {"40W"},
            .fail_accuracy = 0.1,
            .configurations = {
                {.model = 0, .latency_s = 0.01, .power_w = 40, .accuracy = 0.7},
                {.model = 1, .stage = 2, .latency_s = 0.05, .power_w = 40, .accuracy = 0.9},
                {.model = 1, .stage = 1, .latency_s = 0.02, .power_w = 40, .accuracy = 0.8}}};
}

}  // namespace

TEST_CASE("first outputs come before second stages, whatever order the profile has") {
    const ProfileTable table(two_models());
    REQUIRE(table.size() == 3);
    REQUIRE(table.levels() == 2);
    CHECK(table.level_begin(0) == 0);
    CHECK(table.level_begin(1) == 2);
    CHECK(table.level_begin(2) == 3);
    CHECK(table.configuration_of(0) == 2);  // the longer chain leads its level
    CHECK(table.configuration_of(1) == 0);
    CHECK(table.configuration_of(2) == 1);
    CHECK(table.slot_of(1) == 2);
    CHECK(table.latency_s()[2] == 0.05F);
}

TEST_CASE("an output counts what it adds to the accuracy of the one before it") {
    const ProfileTable table(two_models());
    CHECK(table.accuracy_step()[0] == Approx(0.7));  // 0.8 - q_fail
    CHECK(table.accuracy_step()[1] == Approx(0.6));
    CHECK(table.accuracy_step()[2] == Approx(0.1));
    CHECK(table.best_accuracy() == 0.9);
    CHECK(table.fail_accuracy() == 0.1);
}

TEST_CASE("a profile has power when all its configurations do") {
    Profile profile = two_models();
    CHECK(ProfileTable(profile).has_power());
    CHECK(ProfileTable(profile).power_w()[0] == 40);
    profile.configurations[1].power_w.reset();
    CHECK_FALSE(ProfileTable(profile).has_power());
    CHECK(ProfileTable(profile).power_w()[0] == 1);
}

TEST_CASE("a profile that cannot be scored is refused") {
    CHECK_THROWS_AS(ProfileTable(Profile{}), RequestError);
    Profile profile = two_models();
    SECTION("a latency of zero") {
        profile.configurations[0].latency_s = 0;
    }
    SECTION("a negative latency") {
        profile.configurations[0].latency_s = -1;
    }
    SECTION("a latency that is no number") {
        profile.configurations[0].latency_s = NAN;
    }
    SECTION("a first stage that is missing") {
        profile.configurations.pop_back();
    }
    SECTION("a stage that is missing in between") {
        profile.configurations[1].stage = 3;
    }
    SECTION("a stage that is there twice") {
        profile.configurations[1].stage = 1;
    }
    SECTION("a traditional model that is there twice") {
        profile.configurations.push_back(profile.configurations[0]);
    }
    SECTION("a model both traditional and anytime") {
        profile.configurations[0].model = 1;
    }
    CHECK_THROWS_AS(ProfileTable(profile), RequestError);
}

TEST_CASE("in any profile a slot continues the same slot of the level before") {
    std::mt19937_64 random(3);
    for (int trial = 0; trial < 300; ++trial) {
        const Profile profile = reference::random_profile(random, true, false);
        const ProfileTable table(profile);
        REQUIRE(table.size() == profile.configurations.size());
        std::set<std::size_t> seen;
        for (std::size_t level = 0; level < table.levels(); ++level) {
            for (std::size_t s = table.level_begin(level); s < table.level_begin(level + 1); ++s) {
                const std::size_t c = table.configuration_of(s);
                CHECK(seen.insert(c).second);
                CHECK(table.slot_of(c) == s);
                if (level == 0) {
                    CHECK(profile.configurations[c].stage <= 1);
                    continue;
                }
                const std::size_t row = s - table.level_begin(level);
                const auto& before =
                    profile
                        .configurations[table.configuration_of(table.level_begin(level - 1) + row)];
                const auto& here = profile.configurations[c];
                CHECK(before.model == here.model);
                CHECK(before.setting == here.setting);
                CHECK(before.stage + 1 == here.stage);
            }
        }
    }
}
