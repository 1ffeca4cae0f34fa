#include "tests/e2e/session.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace alert::test {

Finished Session::operator()(const std::string& lines) const {
    const std::string at = folder_.path().string();
    return run("cd " + at + "\nexport ALERT_STORE=" + at + "/alert.db ZOO='" + ALERT_ZOO +
               "'\nalert() { \"$ALERT\" \"$@\"; }\n" + lines);
}

void Session::profile(const std::string& options) const {
    const Finished done = (*this)("alert profile -q " + options);
    INFO(done.err);
    REQUIRE(done.code == 0);
}

std::string Session::sql(const std::string& query) const {
    const Finished done = (*this)("sqlite3 -readonly \"$ALERT_STORE\" \"" + query + "\"");
    INFO(query << ": " << done.err);
    REQUIRE(done.code == 0);
    return done.out.substr(0, done.out.find_last_not_of('\n') + 1);
}

std::vector<nlohmann::json> Session::run_json(const std::string& options) const {
    const Finished done = (*this)("alert run -q --json " + options);
    INFO(done.err);
    REQUIRE(done.code == 0);
    std::vector<nlohmann::json> inputs;
    std::istringstream lines(done.out);
    for (std::string line; std::getline(lines, line);) {
        inputs.push_back(nlohmann::json::parse(line));
    }
    return inputs;
}

}  // namespace alert::test
