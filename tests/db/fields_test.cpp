#include "db/fields.h"

#include <algorithm>
#include <sstream>

#include "support.h"
#include "tests/support/catch.h"

using namespace alert::db;
using namespace alert::db::test;
using Names = std::vector<std::string>;

namespace {

Names split(const std::string& list) {
    Names names;
    std::istringstream text(list);
    for (std::string name; std::getline(text >> std::ws, name, ',');) {
        names.push_back(name);
    }
    return names;
}

Names sorted(Names names) {
    std::sort(names.begin(), names.end());
    return names;
}

/// The columns of a table or view of a new store, in its order.
Names columns_of(const std::string& table) {
    const TempFolder folder;
    const Store store(folder / "a.db");
    const RawConnection raw(folder / "a.db");
    Names names;
    for (const auto& row : raw.rows("SELECT name FROM pragma_table_info('" + table + "')")) {
        names.push_back(row[0]);
    }
    return names;
}

Names with(Names names, const Names& others) {
    names.insert(names.end(), others.begin(), others.end());
    return names;
}

}  // namespace

TEST_CASE("a list of fields has the columns of its view, in their order") {
    CHECK(split(columns<ProfileSummaryRow>()) == columns_of("profile_summary"));
    CHECK(split(columns<RunSummaryRow>()) == columns_of("run_summary"));
    CHECK(with({"run", "label"}, split(columns<RunInput>())) == columns_of("run_input"));
}

TEST_CASE("a list of fields has every column of its table but keys and what other lists have") {
    const auto check = [](const std::string& table, const Names& listed, const Names& others) {
        INFO(table);
        CHECK(sorted(with(listed, others)) == sorted(columns_of(table)));
    };
    check("machine", split(columns<Machine>()), {"id"});
    check("profile", split(columns<ProfileRow>()), {"id", "machine_id"});
    check("model", split(columns<ModelRow>()), {"id", "profile_id", "trace_id"});
    check("power_setting", split(columns<PowerSettingRow>()), {"id", "profile_id", "trace_id"});
    check("sample", split(columns<Sample>()), {});
    check("run", split(columns<RunRow>()), {"id", "profile_id", "machine_id", "deadline_per"});
    check("input", split(table_columns<RunInput>()), {"run_id"});
    check("run_figures", split(columns<alert::RunFigures>()), {"run_id"});
    check("trace", split(columns<TraceRow>()), {"id", "machine_id"});
    check("trace_contention", split(columns<TraceContention>()), {"trace_id"});
    check("trace_sample", split(columns<TraceSample>()), {});
}
