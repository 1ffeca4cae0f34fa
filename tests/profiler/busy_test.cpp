#include "profiler/busy.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "profiler/clock.h"
#include "tests/support/catch.h"

using namespace alert;

TEST_CASE("what others took is a share") {
    const OthersBusy busy;
    const double at_once = busy.share();
    CHECK(at_once >= 0);
    CHECK(at_once <= 1);
    wait_until(now_s() + 0.05);
    const double later = busy.share();
    CHECK(later >= 0);
    CHECK(later <= 1);
}

TEST_CASE("a process that keeps a core busy is seen", "[timing]") {
    const OthersBusy busy;
    const pid_t spinning = fork();
    if (spinning == 0) {
        for (volatile bool forever = true; forever;) {
        }
    }
    wait_until(now_s() + 0.4);
    const double share = busy.share();
    kill(spinning, SIGKILL);
    waitpid(spinning, nullptr, 0);
    CHECK(share > 0.2 / static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)));
}
