#include "cli/report/render/table.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "alert/error.h"
#include "cli/report/render/csv.h"
#include "cli/report/render/json.h"
#include "cli/report/render/write_records.h"
#include "cli/text/printable.h"
#include "tests/cli/program.h"
#include "tests/support/catch.h"

using namespace alert::cli;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string golden(const std::string& name) {
    return alert::test::read_file(std::string(ALERT_GOLDEN) + "/" + name);
}

Records sample() {
    Records records;
    records.columns = {
        {"model", "model", Show::kText, true}, {"stage", "stage", Show::kCount},
        {"power_setting", "setting"},          {"latency_mean_s", "latency", Show::kDuration},
        {"energy_j", "energy", Show::kEnergy}, {"accuracy", "accuracy", Show::kAccuracy},
        {"samples", "samples", Show::kCount},  {"front", "best", Show::kYesNo},
        {"threads", "", Show::kCount}};
    const std::optional<int> no_stage;
    const std::optional<double> not_measured;
    records.rows = {
        {"tiny", no_stage, "40W", 0.000081234567890123, 0.00325, 0.8213, 12345, true, 1},
        {"résumé-网络", 3, "100W", 0.0043, not_measured, 0.921, 200, false, 2},
        {"a \"quoted\", name", no_stage, "", kNan, 0.43, 1.0, 0, true, 1},
    };
    return records;
}

std::string as_table(const Records& records, const TableStyle& style = {}) {
    std::ostringstream out;
    write_table(out, records, style);
    return out.str();
}

int widest_line(const std::string& text) {
    int widest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        widest = std::max(widest, display_width(line));
    }
    return widest;
}

}  // namespace

TEST_CASE("a table has a header, a rule and aligned rows") {
    CHECK(as_table(sample()) == golden("table.txt"));
}

TEST_CASE("CSV is quoted where needed and empty where nothing was measured") {
    std::ostringstream out;
    write_csv(out, sample());
    CHECK(out.str() == golden("table.csv"));
}

TEST_CASE("JSON keeps full precision, and null for what was not measured") {
    std::ostringstream out;
    write_json(out, to_json(sample()));
    CHECK(out.str() == golden("table.json"));
    const auto read = nlohmann::json::parse(out.str());
    CHECK(read[0]["latency_mean_s"].get<double>() == 0.000081234567890123);
    CHECK(read[0]["stage"].is_null());
    CHECK(read[2]["latency_mean_s"].is_null());
}

TEST_CASE("a stream is one JSON object a line") {
    std::ostringstream out;
    const Records records = sample();
    RecordStream stream(out, Format::kJson, records.columns);
    for (const Row& row : records.rows) {
        stream.write(row);
    }
    CHECK(out.str() == golden("stream.jsonl"));
}

TEST_CASE("a stream of CSV begins with its header, and a stream of tables is refused") {
    std::ostringstream out;
    RecordStream stream(out, Format::kCsv, {{"n", "n", Show::kCount}, {"xi", "xi", Show::kNumber}});
    CHECK(out.str() == "n,xi\n");
    stream.write({0, 1.25});
    CHECK(out.str() == "n,xi\n0,1.25\n");
    CHECK_THROWS_AS(RecordStream(out, Format::kTable, {}), alert::Error);
}

TEST_CASE("a table that is too wide is cut in its shrinkable column") {
    Records records = sample();
    records.rows[0][0] = std::string(200, 'x');
    const std::string text = as_table(records);
    CHECK(widest_line(text) == 80);
    CHECK(text.find("xxx…  ") != std::string::npos);
    CHECK(widest_line(as_table(records, {.width = 120, .colour = false})) == 120);
}

TEST_CASE("a column that is empty in every row is left out of tables only") {
    Records records;
    records.columns = {{"model", "model"}, {"energy_j", "energy", Show::kEnergy}};
    records.rows = {{"a", {}}, {"b", {}}};
    CHECK(as_table(records) == "model\n─────\na\nb\n");
    std::ostringstream out;
    write_csv(out, records);
    CHECK(out.str() == "model,energy_j\na,\nb,\n");
}

TEST_CASE("a table without rows still has its header") {
    Records records;
    records.columns = {{"model", "model"}, {"energy_j", "energy", Show::kEnergy}};
    CHECK(as_table(records) == "model  energy\n─────────────\n");
}

TEST_CASE("colours appear only when they are asked for, and never pad a line") {
    Records records;
    records.columns = {{"deadline", "deadline"}, {"n", "n", Show::kCount}};
    records.rows = {{Cell("missed").toned(Tone::kBad), 1}, {Cell("kept").toned(Tone::kGood), 2}};
    CHECK(as_table(records).find('\x1b') == std::string::npos);
    const std::string coloured = as_table(records, {.width = 80, .colour = true});
    CHECK(coloured.find("\x1b[31mmissed\x1b[0m") != std::string::npos);
    CHECK(coloured.find("\x1b[32mkept\x1b[0m") != std::string::npos);
}

TEST_CASE("control characters in a value cannot tear a table") {
    Records records;
    records.columns = {{"name", "name"}};
    records.rows = {{"two\nlines\x1b[31m"}};
    CHECK(as_table(records) == "name\n──────────────────\ntwo\\nlines\\x1b[31m\n");
    std::ostringstream facts;
    write_facts(facts, records.columns, records.rows[0], {});
    CHECK(facts.str() == "name  two\\nlines\\x1b[31m\n");
    std::ostringstream heading;
    write_heading(heading, "a\nb", {});
    CHECK(heading.str() == "a\\nb\n");
}

TEST_CASE("a record of CSV is one line of UTF-8 whatever its texts hold") {
    std::ostringstream out;
    const std::vector<Column> columns = {{"name", "name"}, {"n", "n", Show::kCount}};
    write_csv_row(out, columns, {"two\nlines, \"quoted\"\r\x1b\xff", 7});
    CHECK(out.str() == "\"two\\nlines, \"\"quoted\"\"\\r\\x1b\\xff\",7\n");
}

TEST_CASE("wide and combining characters keep the columns of a table in line") {
    Records records;
    records.columns = {{"model", "model"}, {"n", "n", Show::kCount}};
    records.rows = {{"网络", 1}, {"e\u0301te\u0301", 22}, {"🚀", 3}, {"plain", 4}};
    CHECK(as_table(records) ==
          "model   n\n"
          "─────────\n"
          "网络    1\n"
          "e\u0301te\u0301    22\n"
          "🚀      3\n"
          "plain   4\n");
}

TEST_CASE("facts are name and value, without those that are empty") {
    std::ostringstream out;
    const std::vector<Column> columns = {{"deadline_s", "deadline", Show::kDuration},
                                         {"energy_j", "energy", Show::kEnergy},
                                         {"misses", "missed", Show::kCount},
                                         {"id", "", Show::kCount}};
    write_facts(out, columns, {0.05, {}, 12, 7}, {});
    CHECK(out.str() == "deadline  50.0 ms\nmissed    12\n");
}

TEST_CASE("text that is no UTF-8 still makes valid JSON") {
    std::ostringstream out;
    const std::vector<Column> columns = {{"file", "file"}};
    const Row row = {"\xff.pt"};
    write_json(out, to_json(columns, row));
    CHECK(nlohmann::json::accept(out.str()));
}

TEST_CASE("JSON holds no control character that a terminal would obey") {
    std::ostringstream out;
    const std::vector<Column> columns = {{"name", "name"}};
    const Row row = {"\x1b[31m\x7f\xc2\x9b网\u202e"};
    write_json(out, to_json(columns, row));
    CHECK(out.str() == "{\n  \"name\": \"\\u001b[31m\\u007f\\u009b网\\u202e\"\n}\n");
    CHECK(nlohmann::json::parse(out.str())["name"] == std::get<std::string>(row[0].value));
}
