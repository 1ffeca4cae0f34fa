#include <algorithm>

#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;

/// More rows than a pipe of 64 KiB holds.
constexpr auto kRun = "alert run --json --deadline 20ms --no-pace --inputs 400 ";

class Profiled : public Session {
   public:
    // So short a rest that runs without one are not warned of, nor paced ones.
    Profiled() { profile(std::string(kTwoModels) + " --inputs 20 --rest 5ms"); }
    /// What is stored of the newest run.
    std::string stored() const {
        return sql(
            "SELECT finished, count(*) FROM input JOIN run ON run.id = run_id "
            "WHERE run_id = (SELECT max(id) FROM run)");
    }
};

std::ptrdiff_t lines_in(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
}

TEST_CASE_METHOD(Profiled, "a run whose reader went away goes on to its end and stores all") {
    const Finished done = (*this)(std::string(kRun) + "| head -n 2 > rows; echo ${PIPESTATUS[0]}");
    CHECK(done.out == "0\n");
    CHECK(lines_in(read_file(path("rows"))) == 2);
    CHECK(stored() == "1|400");
    CHECK(done.err == "the reader of stdout has closed it; nothing more is written there\n");
    // The exit code still tells of the goals.
    const Finished checked = (*this)(
        "alert run -q --json --deadline 1us --no-pace --inputs 400 --check | true; echo "
        "${PIPESTATUS[0]}");
    CHECK(checked.out == "3\n");
    CHECK(checked.err.empty());
}

TEST_CASE_METHOD(Profiled,
                 "a run whose stdout is full goes on to its end, stores all, ends with 1") {
    for (const std::string format : {"json", "csv", "table"}) {
        const Finished done = (*this)("alert run --deadline 20ms --no-pace --inputs 400 --format " +
                                      format + " > /dev/full");
        CHECK(done.code == 1);
        CHECK(stored() == "1|400");
        CHECK(done.err ==
              "alert: error: stdout: No space left on device; the results were not "
              "written in full\n");
    }
}

TEST_CASE_METHOD(Profiled, "what a run has answered is stored while its reader takes his time") {
    // Nothing is read before all is stored; a pipe holds less than all.
    const Finished done = (*this)(std::string(kRun) + R"sh(-q | {
        for i in $(seq 300); do
            state=$(sqlite3 -readonly alert.db 'SELECT count(*), finished FROM input, run')
            [ "$state" = '400|1' ] && break
            sleep 0.1
        done
        echo "$state"
        cat > rows
    }; echo ${PIPESTATUS[0]})sh");
    CHECK(done.out == "400|1\n0\n");
    CHECK(lines_in(read_file(path("rows"))) == 400);
}

TEST_CASE_METHOD(Profiled, "reports and readers of the store do not end a run") {
    const Finished done = (*this)(std::string(kRun) + R"sh(-q > rows & run=$!
        while kill -0 $run 2> /dev/null; do
            alert report run -q > /dev/null; alert report --format html --output page.html -q
            sqlite3 alert.db 'SELECT count(*) FROM run_input' > /dev/null
        done
        wait $run)sh");
    CHECK(done.code == 0);
    CHECK(stored() == "1|400");
    CHECK(lines_in(read_file(path("rows"))) == 400);
}

TEST_CASE_METHOD(Profiled, "a store that another program holds for long does not end a run") {
    const Finished done = (*this)(R"sh(
        alert run -q --json --deadline 20ms --period 10ms --inputs 300 > rows & run=$!
        until [ "$(sqlite3 -readonly alert.db 'SELECT count(*) FROM input')" -gt 0 ]; do sleep 0.1; done
        (echo 'BEGIN IMMEDIATE;'; sleep 8; echo 'COMMIT;') | sqlite3 alert.db
        wait $run)sh");
    CHECK(done.code == 0);
    CHECK(stored() == "1|300");
    CHECK(lines_in(read_file(path("rows"))) == 300);
    CHECK_THAT(done.err, Contains("alert: warning: ") &&
                             Contains("another process has held it for more than 5 s") &&
                             Contains("; the run continues and is stored later"));
    CHECK(lines_in(done.err) == 1);
}

TEST_CASE_METHOD(Profiled, "a file that may not grow ends a run with one line, not with a signal") {
    const Finished done = (*this)(
        "cp alert.db other.db; ulimit -f 300; alert run -q --json --store other.db --deadline 20ms "
        "--period 1ms --inputs 100000 > /dev/null");
    CHECK(done.code == 1);
    CHECK_THAT(done.err, Contains("file size limit"));
    CHECK(lines_in(done.err) == 1);
    CHECK(sql("ATTACH 'other.db' AS other; SELECT finished, count(*) > 100, count(*) = max(n) + 1 "
              "FROM other.input, other.run") == "0|1|1");
}

TEST_CASE_METHOD(Profiled, "a run ends where its store cannot be written, with what was stored") {
    if (!has_program("unshare")) {
        SKIP_TEST("unshare is not there");
    }
    // A file system of its own, which fills up while the run goes on.
    const Finished done = (*this)(R"sh(cat > inside <<'END'
mount -t tmpfs -o size=1m none full 2> /dev/null || exit 77
sqlite3 alert.db .dump | sqlite3 full/alert.db
sqlite3 full/alert.db 'PRAGMA user_version = '$(sqlite3 alert.db 'PRAGMA user_version')
sqlite3 full/alert.db 'PRAGMA application_id = '$(sqlite3 alert.db 'PRAGMA application_id')
"$ALERT" run -q --store full/alert.db --json --deadline 20ms --no-pace --inputs 100000 > rows
code=$?
sqlite3 full/alert.db 'PRAGMA integrity_check; SELECT finished, count(*) > 100, count(*) = max(n) + 1 FROM input, run'
exit $code
END
mkdir full; ALERT=$ALERT unshare --mount bash inside)sh");
    if (done.code == 77 || done.err.find("unshare") != std::string::npos) {
        SKIP_TEST("mounting a file system is not permitted here");
    }
    CHECK(done.code == 1);
    CHECK(done.out == "ok\n0|1|1\n");
    CHECK_THAT(done.err, Contains("full/alert.db: the disk is full"));
    CHECK(lines_in(done.err) == 1);
}

TEST_CASE_METHOD(Profiled, "a profile and a trace whose stdout broke are stored and whole") {
    const std::string models = std::string(kTwoModels) + " --inputs 20 --label ";
    const Finished full = (*this)("alert profile -q " + models + "full > /dev/full");
    CHECK(full.code == 1);
    CHECK_THAT(full.err, Contains("alert: error: stdout: No space left on device"));
    CHECK((*this)("alert profile -q " + models + "gone | true; exit ${PIPESTATUS[0]}").code == 0);
    CHECK((*this)("alert trace -q " + models + "full > /dev/full").code == 1);
    CHECK(sql("SELECT label, complete FROM profile ORDER BY id") == "default|1\nfull|1\ngone|1");
    CHECK(sql("SELECT label, complete FROM trace") == "full|1");
}

}  // namespace
}  // namespace alert::test
