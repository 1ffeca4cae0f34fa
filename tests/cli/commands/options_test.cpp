#include "cli/commands/options.h"

#include <sstream>

#include "alert/error.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;

namespace {

enum class Fruit { kApple, kPear };

struct Parsed {
    std::optional<double> deadline;
    double precision = 0.05;
    std::optional<std::int64_t> inputs;
    Fruit fruit = Fruit::kApple;
    Format format = Format::kTable;
};

Parsed parse(std::vector<std::string> words) {
    Parsed parsed;
    CLI::App app;
    add_quantity(&app, "-d,--deadline", parsed.deadline, Dimension::kDuration, "");
    add_quantity(&app, "--precision", parsed.precision, Dimension::kPercentage, "");
    add_count(&app, "--inputs", parsed.inputs, 2, "");
    add_choice<Fruit>(&app, "--fruit", parsed.fruit,
                      {{"apple", Fruit::kApple}, {"pear", Fruit::kPear}}, "");
    add_format(&app, parsed.format);
    std::reverse(words.begin(), words.end());
    app.parse(words);
    return parsed;
}

std::string refusal(const std::vector<std::string>& words) {
    try {
        parse(words);
    } catch (const RequestError& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("options fill their targets, and leave them alone when not given") {
    const Parsed nothing = parse({});
    CHECK_FALSE(nothing.deadline.has_value());
    CHECK(nothing.precision == 0.05);
    const Parsed all =
        parse({"--deadline", "50 ms", "--precision=2%", "--inputs", "12", "--fruit", "pear"});
    CHECK(all.deadline == 0.05);
    CHECK(all.precision == 0.02);
    CHECK(all.inputs == 12);
    CHECK(all.fruit == Fruit::kPear);
}

TEST_CASE("flag --json is short for --format json") {
    CHECK(parse({"--json"}).format == Format::kJson);
    CHECK(parse({"--format", "json"}).format == Format::kJson);
    CHECK(parse({"--format", "csv"}).format == Format::kCsv);
    CHECK_THROWS_AS(parse({"--json", "--format", "csv"}), CLI::ExcludesError);
}

TEST_CASE("errors name the long flag") {
    CHECK(refusal({"-d", "50"}) ==
          "--deadline 50: a unit is missing; write 50ms, 50us, 50s or 50min");
}

TEST_CASE("a negative value is a value, not a flag") {
    CHECK(refusal({"--deadline", "-5ms"}).find("--deadline -5ms: a time is above 0") == 0);
    CHECK(refusal({"--inputs", "-3"}) == "--inputs -3: must be at least 2");
}

TEST_CASE("counts are whole numbers of a least size") {
    CHECK(refusal({"--inputs", "1"}) == "--inputs 1: must be at least 2");
    for (const char* text : {"1.5", "ten", "10k", "", "1e3", " 5"}) {
        CAPTURE(text);
        CHECK(refusal({"--inputs", text}).find("not a whole number; write one like 100") !=
              std::string::npos);
    }
    CHECK(refusal({"--inputs", "99999999999999999999"}).find("must be at most") !=
          std::string::npos);
}

TEST_CASE("a wrong choice is refused with all of them and the nearest") {
    CHECK(refusal({"--fruit", "paer"}) ==
          "--fruit paer: not one of apple, pear (did you mean pear?)");
    CHECK(refusal({"--format", "xml"}) == "--format xml: not one of table, json, csv");
}
