#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace alert::test {

/// The shipped image networks that are quick to run, as the options of `alert profile`.
inline constexpr auto kTwoModels =
    "--models $ZOO/cnn-1k.pt $ZOO/cnn-4k.pt --data $ZOO/data/test.pt --power emulated "
    "--settings 40W,100W";
inline constexpr auto kAnytimeModel =
    "--models $ZOO/nested-4.pt --data $ZOO/data/test.pt --power emulated --settings 40W,100W";

inline constexpr auto kBothKinds =
    "--models $ZOO/cnn-1k.pt $ZOO/nested-4.pt --data $ZOO/data/test.pt --power emulated "
    "--settings 40W,100W";

/// A folder in which commands of a person at a shell follow one another; $ALERT_STORE is its store.
class Session {
   public:
    /// Runs bash lines in the folder, with `alert` for the program and $ZOO for its networks.
    Finished operator()(const std::string& lines) const;

    /// Bash lines that have to work; what they write.
    std::string must(const std::string& lines) const;

    /// `alert profile` with these options, which has to work.
    void profile(const std::string& options) const;

    /// What the sqlite3 shell answers, without the last line's end.
    std::string sql(const std::string& query) const;

    /// The lines that `alert run OPTIONS --json` writes, which has to work.
    std::vector<nlohmann::json> run_json(const std::string& options) const;

    std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }

   private:
    TemporaryFolder folder_;
};

/// The request is wrong: exit code 2, one line on stderr that has the words, nothing on stdout.
void check_refused(const Session& session, const std::string& lines, const std::string& words);

}  // namespace alert::test
