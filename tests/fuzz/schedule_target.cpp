// What stands behind --environment: a first byte says how many inputs, then the spec, or the text
// of a file.
#include <set>
#include <string>

#include "profiler/workload/schedule.h"
#include "tests/fuzz/targets.h"

namespace alert::fuzz {

namespace {

// Every input meets something, and what is said to occur does.
void check(const Schedule& schedule, std::size_t inputs) {
    std::set<Environment> met;
    for (std::size_t n = 0; n < inputs; ++n) {
        require(!to_string(schedule.at(n)).empty(), "an environment without a name");
        met.insert(schedule.at(n));
    }
    met.erase(Environment::kDefault);
    const auto used = schedule.used();
    require(std::set(used.begin(), used.end()) == met && used.size() == met.size(),
            "used() says otherwise");
}

}  // namespace

void schedule(std::string_view input) {
    std::string_view spec = input;
    const std::size_t inputs = take_byte(spec);
    if (const auto schedule = accepted(spec, [&] { return Schedule::parse(spec, inputs); })) {
        check(*schedule, inputs);
    }
}

void schedule_file(std::string_view input) {
    std::string_view text = input;
    const std::size_t inputs = take_byte(text);
    const std::string file = file_with(text, "schedule");
    const auto spec = accepted(text, [&] { return without_file(file); });
    if (!spec) {
        return;
    }
    const Schedule from_file = Schedule::parse(file, inputs);
    const Schedule from_spec = Schedule::parse(*spec, inputs);
    check(from_file, inputs);
    for (std::size_t n = 0; n < inputs; ++n) {
        require(from_file.at(n) == from_spec.at(n), "the parts are not what the file says");
    }
}

}  // namespace alert::fuzz
