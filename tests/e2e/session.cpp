#include "tests/e2e/session.h"

#include <algorithm>
#include <sstream>

#include "tests/support/catch.h"

namespace alert::test {

Finished Session::operator()(const std::string& lines) const {
    const std::string at = folder_.path().string();
    return run("cd " + at + "\nexport ALERT_STORE=" + at + "/alert.db ZOO='" + ALERT_ZOO +
               "'\nalert() { \"$ALERT\" \"$@\"; }\n" + lines);
}

std::string Session::must(const std::string& lines) const {
    const Finished done = (*this)(lines);
    INFO(lines << "\n" << done.err);
    REQUIRE(done.code == 0);
    return done.out;
}

void Session::profile(const std::string& options) const {
    must("alert profile -q " + options);
}

std::string Session::sql(const std::string& query) const {
    const std::string answer = must("sqlite3 -readonly \"$ALERT_STORE\" \"" + query + "\"");
    return answer.substr(0, answer.find_last_not_of('\n') + 1);
}

std::vector<nlohmann::json> Session::run_json(const std::string& options) const {
    std::vector<nlohmann::json> inputs;
    std::istringstream lines(must("alert run -q --json " + options));
    for (std::string line; std::getline(lines, line);) {
        inputs.push_back(nlohmann::json::parse(line));
    }
    return inputs;
}

void check_refused(const Session& session, const std::string& lines, const std::string& words) {
    const Finished done = session(lines);
    INFO(lines << "\n" << done.out << done.err);
    CHECK(done.code == 2);
    CHECK(done.out.empty());
    CHECK_THAT(done.err, Catch::Matchers::Contains(words));
    CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 1);
}

}  // namespace alert::test
