#include "cli/jobs/replay_job.h"

#include <fmt/format.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/cli/sample_store.h"
#include "tests/support/catch.h"

using namespace alert;
using Lines = std::vector<std::string>;

namespace {

/// Keeps what a job says; there is no terminal.
class Heard : public cli::Status {
   public:
    void detail(std::string_view text) override { details.emplace_back(text); }
    void note(std::string_view text) override { notes.emplace_back(text); }
    void warn(std::string_view text) override { warnings.emplace_back(text); }
    void error(std::string_view text) override { errors.emplace_back(text); }
    void begin(std::string_view what) override { work.push_back(fmt::format("{} begins", what)); }
    void progress(double fraction, std::optional<double> /*left_s*/,
                  std::string_view /*doing*/) override {
        CHECK((fraction >= 0 && fraction <= 1));
    }
    void end() override { work.emplace_back("it ends"); }

    Lines details, notes, warnings, errors, work;
};

/// The profile "quiet" and the trace "busy", of which two inputs are not recorded yet.
class Recorded {
   public:
    Recorded() {
        db::Store store(file());
        test::add_profile(store);
        db::TraceRow trace = test::busy_trace();
        trace.inputs = 12;
        trace.complete = false;
        test::add_trace(store, trace);
    }

    std::filesystem::path file() const { return folder_.path() / "alert.db"; }

    cli::ReplayRequest request() const {
        cli::ReplayRequest request;
        request.deadline_s = 0.010;
        request.accuracy = 0.7;
        request.schemes = {"alert", "oracle"};
        request.store = file();
        return request;
    }

   private:
    test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a job warns, and tells what it is doing, through the status it is given") {
    const Recorded recorded;
    Heard heard;
    cli::ReplayJob job(recorded.request(), heard);
    CHECK(heard.warnings == Lines{"trace 'busy' is incomplete: 10 of 12 inputs; resume it with "
                                  "`alert trace --label busy`"});
    CHECK(heard.work.empty());
    std::atomic<bool> stop = false;
    const auto replays = job.execute(heard, stop);
    CHECK(heard.work == Lines{"replay begins", "it ends"});
    REQUIRE(replays.size() == 2);
    CHECK(replays[0].run.scheme == "alert");
    CHECK(replays[1].run.scheme == "oracle");
    CHECK(replays[1].inputs == 10);
    CHECK(heard.notes.empty());
    CHECK(heard.errors.empty());
}

TEST_CASE("a job ends early, and stores nothing, where whoever started it says so") {
    const Recorded recorded;
    Heard heard;
    cli::ReplayJob job(recorded.request(), heard);
    const std::atomic<bool> stop = true;
    CHECK(job.execute(heard, stop).empty());
    CHECK(heard.work == Lines{"replay begins", "it ends"});
    CHECK(db::Store(recorded.file(), db::Store::Mode::kRead).results().empty());
}
