#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "alert/error.h"
#include "db/schema.h"
#include "support.h"
#include "tests/support/catch.h"

using namespace alert;
using namespace alert::db;
using namespace alert::db::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

namespace {

std::string opening(const fs::path& file, Store::Mode mode = Store::Mode::kCreate) {
    return failure_of([&] { const Store store(file, mode); });
}

void make_store(const fs::path& file) {
    Store store(file);
    fill(store);
}

/// Every refusal is one line that names the file.
void check_refusal(const std::string& refusal, const fs::path& file, const std::string& part) {
    CHECK_THAT(refusal, Contains(file.string()) && Contains(part));
    CHECK(refusal.find('\n') == std::string::npos);
}

/// Writes until the store refuses, then returns the refusal.
std::string write_until_refused(Store& store, std::int64_t run) {
    std::string refusal;
    for (std::int64_t n = 100; refusal.empty() && n < 1000000; n += 100) {
        std::vector<RunInput> inputs;
        for (std::int64_t i = 0; i < 100; ++i) {
            inputs.push_back(an_input(n + i));
        }
        refusal = failure_of([&] { store.add_inputs(run, inputs); });
    }
    return refusal;
}

/// In a store that had a full disk everything committed is there and whole.
std::string state_of(const fs::path& file) {
    const RawConnection raw(file);
    return raw.value("PRAGMA integrity_check") + ", " +
           raw.value("SELECT count(*) % 100 FROM input WHERE n >= 100");
}

}  // namespace

TEST_CASE("a new store has its version, its mark and WAL") {
    const TempFolder folder;
    make_store(folder / "a.db");
    const RawConnection raw(folder / "a.db");
    CHECK(raw.value("PRAGMA user_version") == "1");
    CHECK(raw.value("PRAGMA application_id") == std::to_string(kApplicationId));
    CHECK(raw.value("PRAGMA journal_mode") == "wal");
}

TEST_CASE("a store that was closed leaves one file") {
    const TempFolder folder;
    make_store(folder / "a.db");
    static_cast<void>(Store(folder / "a.db", Store::Mode::kRead));
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("names with odd characters are files like others") {
    const TempFolder folder;
    for (const char* name : {"a b.db", "50%41.db", "what?mode=memory", "c#1.db", ":memory:"}) {
        make_store(folder / name);
        CHECK(fs::is_regular_file(folder / name));
        CHECK(Store(folder / name, Store::Mode::kRead).profiles().size() == 1);
    }
}

TEST_CASE("an empty file becomes a store, but cannot be read as one") {
    const TempFolder folder;
    write_text(folder / "a.db", "");
    check_refusal(opening(folder / "a.db", Store::Mode::kRead), folder / "a.db", "it is empty");
    CHECK(opening(folder / "a.db").empty());
    CHECK(opening(folder / "a.db", Store::Mode::kRead).empty());
}

TEST_CASE("a store that is not there cannot be read") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    CHECK(opening(file, Store::Mode::kRead) ==
          fmt::format("RequestError: no store at {}; run `alert profile` first or name one with "
                      "--store",
                      file.string()));
    CHECK_FALSE(fs::exists(file));
}

TEST_CASE("a folder that is not there is named") {
    const TempFolder folder;
    const fs::path file = folder.path() / "none" / "a.db";
    check_refusal(opening(file), file, "/none does not exist");
    check_refusal(opening(file, Store::Mode::kRead), file, "no store at");
    CHECK_FALSE(fs::exists(file.parent_path()));
}

TEST_CASE("a folder or a device is no store") {
    const TempFolder folder;
    check_refusal(opening(folder.path()), folder.path(), "is a folder");
    check_refusal(opening(folder.path(), Store::Mode::kRead), folder.path(), "is a folder");
    check_refusal(opening("/dev/null"), "/dev/null", "is not a file");
}

TEST_CASE("a file that is no database is refused and left as it is") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    const std::string text = GENERATE(std::string("hello"), std::string(10000, 'x'));
    write_text(file, text);
    check_refusal(opening(file), file, "RequestError: ");
    check_refusal(opening(file), file, "not an alert store");
    check_refusal(opening(file, Store::Mode::kRead), file, "not an alert store");
    CHECK(text_of(file) == text);
}

TEST_CASE("another program's database is refused and left as it is") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    RawConnection(file).rows("CREATE TABLE bookmark (url TEXT)");
    const std::string before = text_of(file);
    check_refusal(opening(file), file, "another program");
    check_refusal(opening(file, Store::Mode::kRead), file, "another program");
    CHECK(text_of(file) == before);
}

TEST_CASE("a store of another version is refused with both versions") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    make_store(file);
    RawConnection(file).rows("PRAGMA user_version = 7");
    check_refusal(opening(file), file, "store version 7, this one knows 1");
    check_refusal(opening(file, Store::Mode::kRead), file, "use the alert that made it");
}

TEST_CASE("a store from before the first release is refused and left as it is") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    // "ALRT", with tables of its own.
    RawConnection(file).rows(
        "PRAGMA application_id = 1095520852; PRAGMA user_version = 4; "
        "CREATE TABLE profile (id INTEGER PRIMARY KEY)");
    const std::string before = text_of(file);
    check_refusal(opening(file), file, "made before alert's first release");
    check_refusal(opening(file, Store::Mode::kRead), file, "made before alert's first release");
    CHECK(text_of(file) == before);
}

TEST_CASE("a damaged store is named with what can be done") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    make_store(file);
    std::string bytes = text_of(file);
    std::fill(bytes.begin() + 4096, bytes.end(), '\x5a');
    write_text(file, bytes);
    const std::string refusal = failure_of([&] {
        const Store store(file, Store::Mode::kRead);
        store.run_inputs(1);
        store.profiles();
    });
    CHECK_THAT(refusal, StartsWith("Error: "));
    check_refusal(refusal, file, "the file is damaged");
}

TEST_CASE("a store that another process holds is waited for, then named", "[timing]") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    make_store(file);
    Store store(file);
    const RawConnection holder(file);
    holder.rows("BEGIN IMMEDIATE");
    const std::string refusal = failure_of([&] { store.add_run(a_run()); });
    CHECK_THAT(refusal, StartsWith("Error: "));
    check_refusal(refusal, file, "another process has held it for more than 5 s");
    CHECK(store.run_ids().size() == 1);  // readers do not wait
    holder.rows("COMMIT");
    CHECK(failure_of([&] { store.add_run(a_run()); }).empty());
}

TEST_CASE("what two programs store at once is told as that") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    make_store(file);
    Store one(file), other(file);
    const std::vector<Sample> samples = {[&] {
        Sample sample = one.samples(1).front();
        sample.round += 1000;
        return sample;
    }()};
    one.add_samples(samples);
    const std::string refusal = failure_of([&] { other.add_samples(samples); });
    CHECK_THAT(refusal, StartsWith("Error: "));
    check_refusal(refusal, file, "another alert has stored the same in the meantime");
    CHECK_THAT(refusal, Contains("run the command again"));
}

TEST_CASE("whether a store could be written is told without making it") {
    const TempFolder folder;
    const auto checked = [](const fs::path& file) {
        return failure_of([&] { Store::check_writable(file); });
    };
    CHECK(checked(folder / "new.db").empty());
    CHECK_FALSE(fs::exists(folder / "new.db"));
    check_refusal(checked(folder / "none/new.db"), folder / "none/new.db", "does not exist");
    check_refusal(checked(folder.path()), folder.path(), "is a folder");
}

TEST_CASE("a store opened for reading writes nothing") {
    const TempFolder folder;
    make_store(folder / "a.db");
    Store store(folder / "a.db", Store::Mode::kRead);
    CHECK_THAT(failure_of([&] { store.add_run(a_run()); }), Contains("read-only"));
    CHECK(store.run_ids().size() == 1);
}

TEST_CASE("a read-only file can be read, and says so when it should be written") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    make_store(file);
    fs::permissions(file, fs::perms(0444));
    const bool folder_too = GENERATE(false, true);
    if (folder_too) {
        fs::permissions(folder.path(), fs::perms(0555));
    }
    CHECK(in_child([&] {
              become_ordinary_user();
              return std::to_string(Store(file, Store::Mode::kRead).run_inputs(1).size());
          }) == "20");
    check_refusal(in_child([&] {
                      become_ordinary_user();
                      return opening(file);
                  }),
                  file, "RequestError: ");
    check_refusal(in_child([&] {
                      become_ordinary_user();
                      return opening(file);
                  }),
                  file, "it is read-only; make it writable (chmod u+w");
}

TEST_CASE("a store in a folder that may not be written can still be read") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    make_store(file);
    fs::permissions(file, fs::perms(0666));
    fs::permissions(folder.path(), fs::perms(0555));
    CHECK(in_child([&] {
              become_ordinary_user();
              return std::to_string(Store(file, Store::Mode::kRead).run_inputs(1).size());
          }) == "20");
    check_refusal(in_child([&] {
                      become_ordinary_user();
                      return opening(file);
                  }),
                  file, "no permission to write in the folder");
    check_refusal(in_child([&] {
                      become_ordinary_user();
                      return opening(folder / "new.db");
                  }),
                  folder / "new.db", "no permission to write in the folder");
}

TEST_CASE("a read-only store with the log of a killed writer says what to do, and that works") {
    const TempFolder folder, writable;
    const fs::path file = folder / "a.db";
    make_store(file);
    // Killed with a run that is only in the log; then what it shared of its memory is gone.
    const pid_t writer = fork();
    if (writer == 0) {
        Store store(file);
        store.add_run(a_run());
        kill(getpid(), SIGKILL);
    }
    waitpid(writer, nullptr, 0);
    const fs::path log = file.string() + "-wal";
    REQUIRE(fs::file_size(log) > 0);
    fs::remove(file.string() + "-shm");
    fs::permissions(file, fs::perms(0444));
    fs::permissions(log, fs::perms(0444));
    fs::permissions(folder.path(), fs::perms(0555));
    const std::string refusal = in_child([&] {
        become_ordinary_user();
        return opening(file, Store::Mode::kRead);
    });
    CHECK_THAT(refusal, StartsWith("RequestError: "));
    check_refusal(refusal, file,
                  "its folder is read-only, and " + log.string() +
                      " holds what was stored last; copy both to a folder");
    CHECK_THAT(refusal, Contains("cp " + file.string() + " " + log.string() + " FOLDER"));
    fs::copy(file, writable / "a.db");
    fs::copy(log, writable / "a.db-wal");
    CHECK(Store(writable / "a.db", Store::Mode::kRead).run_ids().size() == 2);
}

TEST_CASE("without permission to read, the file and the remedy are named") {
    const TempFolder folder;
    const fs::path file = folder / "a.db";
    make_store(file);
    fs::permissions(file, fs::perms::none);
    for (const Store::Mode mode : {Store::Mode::kCreate, Store::Mode::kRead}) {
        check_refusal(in_child([&] {
                          become_ordinary_user();
                          return opening(file, mode);
                      }),
                      file, "no permission to read it");
    }
    fs::permissions(folder.path(), fs::perms::none);
    check_refusal(in_child([&] {
                      become_ordinary_user();
                      return opening(file, Store::Mode::kRead);
                  }),
                  file, "Permission denied");
}

TEST_CASE("a store on a read-only file system can be read") {
    const TempFolder folder;
    const std::string answer = in_child([&]() -> std::string {
        if (!mount_tmpfs(folder.path(), "")) {
            return "skipped";
        }
        make_store(folder / "a.db");
        if (::mount("none", folder.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
            return "skipped";
        }
        const auto inputs = Store(folder / "a.db", Store::Mode::kRead).run_inputs(1).size();
        return std::to_string(inputs) + " " + opening(folder / "a.db");
    });
    if (answer == "skipped") {
        SKIP_TEST("mounting a file system is not permitted here");
    }
    CHECK_THAT(answer, StartsWith("20 RequestError: ") && Contains("read-only"));
}

TEST_CASE("a full disk is named and loses nothing that was stored") {
    const TempFolder folder;
    const std::string answer = in_child([&]() -> std::string {
        if (!mount_tmpfs(folder.path(), "size=2m")) {
            return "skipped";
        }
        make_store(folder / "a.db");
        std::string refusal;
        {
            Store store(folder / "a.db");
            refusal = write_until_refused(store, 1);
            store.run_summary(1);
        }
        return refusal + " | " + state_of(folder / "a.db");
    });
    if (answer == "skipped") {
        SKIP_TEST("mounting a file system is not permitted here");
    }
    CHECK_THAT(answer, StartsWith("Error: ") && Contains("the disk is full") && Contains("a.db") &&
                           Contains("| ok, 0"));
}

TEST_CASE("a file that may not grow is named and loses nothing that was stored") {
    const TempFolder folder;
    const std::string answer = in_child([&] {
        make_store(folder / "a.db");
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{.rlim_cur = 1000000, .rlim_max = 1000000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::string refusal;
        {
            Store store(folder / "a.db");
            refusal = write_until_refused(store, 1);
        }
        return refusal + " | " + state_of(folder / "a.db");
    });
    CHECK_THAT(answer, StartsWith("Error: ") && Contains("file size limit") && Contains("a.db") &&
                           Contains("| ok, 0"));
}
