#pragma once

#include <sqlite3.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "db/store.h"

/// What the tests of the store share: places to write, rows to store, processes to run.
namespace alert::db::test {

/// A folder of its own that goes with the test; anybody may enter and write.
class TempFolder {
   public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const char* name) const { return path_ / name; }

   private:
    std::filesystem::path path_;
};

/// Two models ("small", traditional; "nested", two stages) under 40W (derived, 2 times as slow)
/// and 100W (sampled); complete in every other column.
ProfileRow a_profile(const std::string& label = "default");
RunRow a_run(const std::string& profile = "default");
/// An input that "small" answered at "100W" in time and right.
RunInput an_input(std::int64_t n);

/// A store with that profile, three samples of each configuration and a run of 20 inputs.
void fill(Store& store);

/// The models and settings of a_profile, beside them "compute" from input 2 on.
TraceRow a_trace(const std::string& label = "default");
/// Samples of input n: "small" takes 10 + n ms; "nested" 20 + n and 40 + n ms; right when n is
/// even, its last stage always.
std::vector<TraceSample> samples_of_input(const TraceRow& trace, std::int64_t n);
/// A replay of the trace "default", by the profile "default".
RunResult a_replay();
/// Adds that trace with four inputs, and that replay, to a store with the profile.
void fill_trace(Store& store);

/// "RequestError: message", "Error: message", or empty when nothing is thrown.
std::string failure_of(const std::function<void()>& work);

/// What the work returns, done in a process of its own (its failure_of when it throws); "skipped:
/// why" when the work says so.
std::string in_child(const std::function<std::string()>& work);

/// Only in a child: gives up root, so that permissions count.
void become_ordinary_user();

/// Only in a child: a small file system of its own on that folder. False without the right to.
bool mount_tmpfs(const std::filesystem::path& folder, const std::string& options);

/// A connection that knows nothing of the store's rules, as the sqlite3 shell has.
class RawConnection {
   public:
    explicit RawConnection(const std::filesystem::path& file);
    ~RawConnection();
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    /// All values of all rows as text ("null" for NULL); throws what SQLite says.
    std::vector<std::vector<std::string>> rows(const std::string& sql) const;
    /// The first value of the first row.
    std::string value(const std::string& sql) const;

   private:
    sqlite3* handle_ = nullptr;
};

std::string text_of(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace alert::db::test
