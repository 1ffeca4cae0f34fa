#include "cli/jobs/origin.h"

#include <functional>
#include <string>
#include <vector>

#include "alert/error.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;

namespace {

db::Machine a_machine() {
    return {.hostname = "host",
            .cpu = "Xeon",
            .kernel = "Linux 6.1",
            .libtorch_version = "1.13.1",
            .alert_version = "0.1.0",
            .cores = 8,
            .memory_bytes = 16'000'000'000,
            .system_id = "aa"};
}

db::Machine changed(const std::function<void(db::Machine&)>& change) {
    db::Machine machine = a_machine();
    change(machine);
    return machine;
}

}  // namespace

TEST_CASE("a machine stays the same under another name, kernel or version of the programs") {
    CHECK_FALSE(other_machine(a_machine(), a_machine()));
    const db::Machine later = changed([](db::Machine& machine) {
        machine.hostname = "renamed";
        machine.kernel = "Linux 6.12";
        machine.alert_version = "0.2.0";
        machine.libtorch_version = "2.6.0";
        machine.memory_bytes = 15'700'000'000;  // as a later kernel leaves
    });
    CHECK_FALSE(other_machine(a_machine(), later));
    CHECK_FALSE(other_machine(later, a_machine()));
}

TEST_CASE("another processor, memory or system is another machine, and it is said which") {
    using Change = std::function<void(db::Machine&)>;
    const std::vector<std::pair<Change, std::string>> changes = {
        {[](auto& m) { m.cpu = "EPYC"; }, "its processor is Xeon, not EPYC"},
        {[](auto& m) { m.cores = 1; }, "it has 8 cores, not 1"},
        {[](auto& m) { m.memory_bytes = 8'000'000'000; }, "its memory is 16.0 GB, not 8.00 GB"},
        {[](auto& m) { m.system_id = "bb"; }, "its /etc/machine-id is different"},
    };
    std::string all;
    const db::Machine other = changed([&](db::Machine& machine) {
        for (const auto& [change, told] : changes) {
            CHECK(other_machine(a_machine(), changed(change)) == told);
            change(machine);
            all += (all.empty() ? "" : ", ") + told;
        }
    });
    CHECK(other_machine(a_machine(), other) == all);
}

TEST_CASE("where the system has no id, the rest decides") {
    const db::Machine container = changed([](db::Machine& machine) { machine.system_id = ""; });
    CHECK_FALSE(other_machine(a_machine(), container));
    CHECK_FALSE(other_machine(container, a_machine()));
    const db::Machine larger = changed([](db::Machine& machine) {
        machine.system_id = "";
        machine.cores = 16;
    });
    CHECK(other_machine(a_machine(), larger) == "it has 8 cores, not 16");
}

TEST_CASE("another LibTorch is one of another release") {
    const auto with = [](const std::string& version) {
        return changed([&](db::Machine& machine) { machine.libtorch_version = version; });
    };
    CHECK_FALSE(other_libtorch(with("2.6.0"), with("2.6.1+cu124")));
    CHECK_FALSE(other_libtorch(with("2.6.0+cpu"), with("2.6.0")));
    CHECK(other_libtorch(with("2.6.0"), with("2.60.0")) == "LibTorch was 2.6.0, and is 2.60.0");
    CHECK(other_libtorch(with("1.13.1"), with("2.6.0")) == "LibTorch was 1.13.1, and is 2.6.0");
}

TEST_CASE("what is measured elsewhere or with another LibTorch is warned of, each in a line") {
    CHECK(machine_warnings("profile 'a'", a_machine(), a_machine()).empty());
    const auto warnings = machine_warnings("profile 'a'", a_machine(), changed([](auto& machine) {
                                               machine.cpu = "EPYC";
                                               machine.libtorch_version = "2.6.0";
                                           }));
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].starts_with("profile 'a' was measured on another machine (its processor is"));
    CHECK(warnings[1].starts_with("profile 'a' was measured with another LibTorch (LibTorch was"));
}

TEST_CASE("other data is told apart by its content, not by its name") {
    CHECK_NOTHROW(require_same_data("profile 'a'", "/a.pt", "11", "/b.pt", "11"));
    CHECK_THROWS_AS(require_same_data("profile 'a'", "/a.pt", "11", "/a.pt", "22"), RequestError);
    CHECK_THROWS_WITH(require_same_data("profile 'a'", "/a.pt", "11", "/a.pt", "22"),
                      "--data /a.pt: its content has changed since profile 'a' was measured on it; "
                      "put the old file back, name another --label, or start over with --fresh");
    CHECK_THROWS_WITH(
        require_same_data("profile 'a'", "/a.pt", "11", "/b.pt", "22"),
        "--data /b.pt: profile 'a' was measured on /a.pt, whose content is different; "
        "name another --label, or start over with --fresh");
}
