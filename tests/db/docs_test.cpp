#include <sstream>

#include "support.h"
#include "tests/support/catch.h"

using namespace alert::db;
using namespace alert::db::test;

namespace {

const std::string kPage = std::string(ALERT_SOURCE_DIR) + "/docs/store.md";

/// The ```sql blocks of the page.
std::vector<std::string> queries() {
    std::istringstream page(text_of(kPage));
    std::vector<std::string> blocks;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line == "```sql") {
            inside = true;
            blocks.emplace_back();
        } else if (line == "```") {
            inside = false;
        } else if (inside) {
            blocks.back() += line + "\n";
        }
    }
    return blocks;
}

}  // namespace

TEST_CASE("the queries of docs/store.md answer on a filled store") {
    const TempFolder folder;
    Store store(folder / "a.db");
    fill(store);
    fill_trace(store);
    const RawConnection raw(folder / "a.db");
    const std::vector<std::string> blocks = queries();
    REQUIRE(blocks.size() == 8);
    for (const std::string& query : blocks) {
        INFO(query);
        CHECK_FALSE(raw.rows(query).empty());
    }
}

TEST_CASE("docs/store.md names every table, view and column") {
    const TempFolder folder;
    const Store store(folder / "a.db");
    const RawConnection raw(folder / "a.db");
    const std::string page = text_of(kPage);
    for (const auto& row : raw.rows("SELECT name, type FROM sqlite_schema WHERE type IN "
                                    "('table', 'view')")) {
        const std::size_t start = page.find("### " + row[0] + "\n");
        INFO(row[1] << " " << row[0]);
        REQUIRE(start != std::string::npos);
        const std::string section = page.substr(start, page.find("\n##", start + 1) - start);
        for (const auto& column :
             raw.rows("SELECT name FROM pragma_table_info('" + row[0] + "')")) {
            INFO(column[0]);
            CHECK(section.find("`" + column[0] + "`") != std::string::npos);
        }
    }
}
