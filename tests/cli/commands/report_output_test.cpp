#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "tests/cli/commands/reporting.h"
#include "tests/cli/full_pipe.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::cli;

TEST_CASE_METHOD(SampleStore, "flag --output follows a link to the file it names") {
    std::ofstream(folder / "real.txt") << "older";
    fs::create_symlink(folder / "real.txt", folder / "link.txt");
    report(file, {"profile", "--output", (folder / "link.txt").string()});
    CHECK(fs::is_symlink(folder / "link.txt"));
    CHECK(test::read_file(folder / "real.txt") == golden("profile.txt"));
}

TEST_CASE_METHOD(SampleStore, "flag --output that cannot be written is one line") {
    CHECK(holds(refusal(file, {"--output", (folder / "none/page.html").string()}),
                "none/page.html: No such file or directory; name a file in a folder"));
    CHECK_THROWS_WITH(report(file, {"--output", "/dev/full"}),
                      "--output /dev/full: No space left on device; it was not written in full");
    CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE_METHOD(SampleStore, "flag --output takes stdout, other descriptors, pipes and devices") {
    const std::string profile = golden("profile.txt");
    const std::string alert = "$ALERT --store " + file.string() + " report profile --output ";
    // A pipe, a file that is added to and not begun anew, and by its other names.
    CHECK(test::run(alert + "/dev/stdout | cat").out == profile);
    CHECK(test::run("echo before >> out2; " + alert + "/dev/stdout >> out2; cat out2").out ==
          "before\n" + profile);
    CHECK(test::run(alert + "/dev/fd/1").out == profile);
    CHECK(test::run(alert + "/proc/self/fd/1").out == profile);
    CHECK(test::run("ln -s /dev/stdout link; " + alert + "link; test -L link || exit 1").out ==
          profile);
    CHECK(test::run(alert + "/dev/stderr").err.starts_with(profile));
    CHECK(test::run("exec 7> seven; echo before >&7; " + alert + "/dev/fd/7; cat seven").out ==
          "before\n" + profile);
    CHECK(test::run("mkfifo fifo; cat fifo & " + alert + "fifo; wait").out == profile);
    CHECK(
        test::run(alert + ">(cat > sub); while ! [ -s sub ]; do :; done; sleep 0.1; cat sub").out ==
        profile);
    const test::Finished null = test::run(alert + "/dev/null");
    CHECK(null.code == 0);
    CHECK(null.err == "wrote /dev/null\n");
    CHECK(fs::is_character_file("/dev/null"));
    const test::Finished full = test::run(alert + "/dev/stdout > /dev/full");
    CHECK(full.code == 1);
    CHECK(holds(full.err, "stdout: No space left on device"));
}

TEST_CASE_METHOD(SampleStore, "flag --output takes no descriptor that was not handed to it") {
    const std::string alert = "$ALERT --store " + file.string() + " report --output ";
    const std::string before = test::read_file(file);
    for (int fd = 3; fd < 12; ++fd) {  // the store's own among them
        const std::string name = std::to_string(fd);
        // Whoever started the tests may have handed it to them.
        const test::Finished done = test::run(alert + "/dev/fd/" + name + ' ' + name + ">&-");
        CHECK(done.code == 2);
        CHECK(done.err == "alert: error: --output /dev/fd/" + name +
                              ": Bad file descriptor; name one that is open, or a file\n");
    }
    CHECK(test::read_file(file) == before);
}

TEST_CASE_METHOD(SampleStore, "flag --output waits for a pipe that is full and set not to wait") {
    const std::string page = " --store " + file.string() + " report --label adaptive --format html";
    const test::Finished plain = test::run("$ALERT" + page);
    const test::Finished piped =
        test::run_into_full_pipe("exec $ALERT" + page + " --output /dev/fd/2", 2);
    CHECK(piped.code == 0);
    CHECK(piped.err == plain.out + "wrote /dev/fd/2\n");
}
