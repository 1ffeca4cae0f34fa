#pragma once

#include <unistd.h>

#include <string>

#include "tests/e2e/session.h"
#include "tests/power/powercap.h"
#include "tests/profiler/processes.h"

namespace alert::test {

/// Two packages of which energy cannot be read, so that a sweep does not wait for their counters.
struct TwoQuickPackages : Powercap {
    const std::string found;

    TwoQuickPackages() : found(add_both()) {}

    bool as_found() const { return limits() == found; }
    bool has_journal() const {
        return std::filesystem::exists(state_folder() / "alert/journal.json");
    }

   private:
    std::string add_both() {
        for (const char* number : {"0", "1"}) {
            Zone zone = package(std::string("package-") + number, 45);
            zone.energy_fails = true;
            add(std::string("intel-rapl:") + number, zone);
        }
        return limits();
    }
};

/// A sweep of the shipped program that changes caps some hundred times a second; with 20 inputs of
/// each configuration it takes some seconds.
inline std::string sweep_of(int inputs) {
    return "profile -q --models $ZOO/cnn-1k.pt $ZOO/cnn-4k.pt --data $ZOO/data/test.pt --power "
           "rapl "
           "--settings 5W:45W:125mW --precision 0 --rest 0s --warmup 1 --inputs " +
           std::to_string(inputs);
}
inline const std::string kSweep = sweep_of(20);

/// `alert ARGUMENTS` in the session's folder, for exec_bash(): it writes to the files `out` and
/// `err` there. `before`: lines to run first.
inline std::string command_line(const Session& session, const std::string& arguments,
                                const std::string& before = "") {
    return "ulimit -c 0; cd " + session.path("").string() + "; export ALERT_STORE=alert.db ZOO='" +
           ALERT_ZOO + "'\n" + before + "\nexec '" + ALERT_PROGRAM + "' " + arguments +
           " > out 2> err";
}

inline void exec_bash(const std::string& lines) {
    execl("/bin/bash", "bash", "-c", lines.c_str(), nullptr);
}

/// The command line, in a process group of its own.
inline processes::Child start(const std::string& lines) {
    return processes::Child([&](auto) { exec_bash(lines); });
}

/// Whether a table of the store holds rows; also while a program closes it.
inline bool has_rows(const Session& session, const std::string& table) {
    const std::string query = "SELECT count(*) > 0 FROM " + table;
    return session("sqlite3 -readonly \"$ALERT_STORE\" '" + query + "'").out == "1\n";
}

}  // namespace alert::test
