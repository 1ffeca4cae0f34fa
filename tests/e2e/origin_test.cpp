
#include "tests/e2e/session.h"
#include "tests/support/catch.h"

namespace alert::test {
namespace {

using Catch::Matchers::Contains;

/// Options for `profile` and `trace` on the data in that file.
std::string on(const std::string& data) {
    return "--models $ZOO/cnn-1k.pt --power none --inputs 20 --data " + data;
}

/// A folder with data.pt, the shipped data, and other.pt: one of its pixels is another.
void make_data(const Session& session) {
    session.must(
        "cp $ZOO/data/test.pt data.pt && cp data.pt other.pt\n"
        "printf '\\001' | dd of=other.pt bs=1 seek=100000 conv=notrunc status=none\n"
        "! cmp --quiet data.pt other.pt");
}

std::string said(const Session& session, const std::string& lines) {
    const Finished done = session(lines);
    INFO(lines << "\n" << done.err);
    REQUIRE(done.code == 0);
    return done.err;
}

TEST_CASE("a profile goes on with the content it was measured on, wherever that lies") {
    const Session session;
    make_data(session);
    session.profile(on("data.pt"));
    check_refused(session, "cp other.pt data.pt && alert profile " + on("data.pt"),
                  "data.pt: its content has changed since profile 'default' was measured on it");
    session.must("cp $ZOO/data/test.pt moved.pt && rm data.pt");
    check_refused(session, "alert profile " + on("other.pt"),
                  "data.pt, whose content is different; name another --label");
    CHECK(session.sql("SELECT count(*) FROM sample") == "20");
    CHECK(session.sql("SELECT length(data_hash) FROM profile") == "16");

    session.profile(on("moved.pt"));
    CHECK(session.sql("SELECT count(*) FROM sample") == "20");
    CHECK(session.sql("SELECT data_file LIKE '%/moved.pt' FROM profile") == "1");
    CHECK(session.run_json("--deadline 1s --inputs 3").size() == 3);

    session.profile(on("other.pt") + " --fresh");
    CHECK(session.sql("SELECT count(DISTINCT data_hash) FROM profile") == "2");
}

TEST_CASE("a network is found where a later profile had it") {
    const Session session;
    session.must("mkdir a b && cp $ZOO/cnn-1k.pt a");
    const std::string rest = "/cnn-1k.pt --data $ZOO/data/test.pt --power none --inputs 20";
    session.profile("--models a" + rest);
    session.must("mv a/cnn-1k.pt b");
    check_refused(session, "alert run --deadline 1s", "no longer exists");
    session.profile("--models b" + rest);
    CHECK(session.run_json("--deadline 1s --inputs 3").size() == 3);
    CHECK(session.sql("SELECT count(*) FROM sample") == "20");
}

TEST_CASE("a run goes against the content that was profiled, or what --data asks for") {
    const Session session;
    make_data(session);
    session.profile(on("data.pt"));
    session.must("cp other.pt data.pt");
    check_refused(session, "alert run --deadline 1s", "has changed since it was measured");
    session.run_json("--deadline 1s --inputs 3 --data data.pt");
    CHECK(session.sql("SELECT r.data_hash <> p.data_hash FROM run r, profile p") == "1");
    session.must("rm data.pt");
    check_refused(session, "alert run --deadline 1s", "data.pt no longer exists");
    CHECK(session.sql("SELECT count(*) FROM run") == "1");
}

TEST_CASE("a trace goes on with its content, and is replayed by a profile of the same") {
    const Session session;
    make_data(session);
    session.profile(on("data.pt"));
    session.must("alert trace -q " + on("data.pt"));
    session.must("cp other.pt data.pt");
    check_refused(session, "alert trace " + on("data.pt"), "its content has changed since trace");
    const std::string replay = "alert replay --deadline 1s --scheme alert --trace default";
    CHECK(said(session, replay).find("other data") == std::string::npos);

    session.must("alert trace -q --fresh " + on("data.pt"));
    check_refused(session, replay, "data.pt was not the same when profile 'default' was measured");
    session.must("alert trace -q --fresh " + on("other.pt"));
    CHECK_THAT(said(session, replay), Contains("was recorded on other data"));
    CHECK(session.sql("SELECT warnings LIKE '%was recorded on other data%' FROM run "
                      "ORDER BY id DESC LIMIT 1") == "1");
}

TEST_CASE("data that cannot be read into memory, or never ends, is refused before it is read") {
    const Session session;
    session.must("truncate --size 8T huge.pt && mkfifo pipe.pt");
    check_refused(session, "alert profile " + on("huge.pt"),
                  "huge.pt: it needs 8.80 TB of memory, and ");
    check_refused(session, "timeout 60 \"$ALERT\" profile " + on("pipe.pt"),
                  "pipe.pt is a folder, a pipe or a device");
    check_refused(session, "timeout 60 \"$ALERT\" profile --models pipe.pt --data huge.pt",
                  "pipe.pt is a folder, a pipe or a device");
    CHECK_FALSE(std::filesystem::exists(session.path("alert.db")));
}

TEST_CASE("what was measured on another machine is not added to, and warned of in a run") {
    const Session session;
    session.profile(on("$ZOO/data/test.pt"));
    session.must("alert trace -q " + on("$ZOO/data/test.pt"));
    const std::string replay = "alert replay --deadline 1s --scheme alert --trace default";
    session.must(
        "sqlite3 alert.db \"UPDATE machine SET hostname = 'old', kernel = 'Linux 4', "
        "alert_version = '0.0.1', system_id = ''\"");
    session.profile("--models $ZOO/cnn-1k.pt --power none --inputs 25 --data $ZOO/data/test.pt");
    CHECK(said(session, "alert run --deadline 1s --inputs 3").find("machine (") ==
          std::string::npos);

    session.must("sqlite3 alert.db \"UPDATE machine SET cpu = 'Z80' WHERE hostname = 'old'\"");
    const std::string why = "measured on another machine (its processor is Z80, not ";
    check_refused(session, "alert profile " + on("$ZOO/data/test.pt"), why);
    check_refused(session, "alert trace " + on("$ZOO/data/test.pt"), why);
    CHECK_THAT(said(session, "alert run --deadline 1s --inputs 3"), Contains(why));
    CHECK(session.sql("SELECT count(*) FROM run WHERE warnings LIKE '%processor is Z80%'") == "1");
    CHECK(said(session, replay).find(why) == std::string::npos);  // both are of that machine

    session.profile(on("$ZOO/data/test.pt") + " --fresh");
    CHECK_THAT(said(session, replay), Contains("measured on another machine (its processor is "));
}

TEST_CASE("what was measured with another LibTorch is not added to, and warned of in a run") {
    const Session session;
    session.profile(on("$ZOO/data/test.pt"));
    session.must("alert trace -q " + on("$ZOO/data/test.pt"));
    session.must("sqlite3 alert.db \"UPDATE machine SET libtorch_version = '0.4.1'\"");
    const std::string why = "with another LibTorch (LibTorch was 0.4.1, and is ";
    check_refused(session, "alert profile " + on("$ZOO/data/test.pt"), why);
    check_refused(session, "alert trace " + on("$ZOO/data/test.pt"), why);
    CHECK_THAT(said(session, "alert run --deadline 1s --inputs 3"), Contains(why));
    CHECK(session.sql("SELECT count(*) FROM run WHERE warnings LIKE '%LibTorch was 0.4.1%'") ==
          "1");
}

}  // namespace
}  // namespace alert::test
