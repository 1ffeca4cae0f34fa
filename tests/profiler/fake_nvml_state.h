#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

/// What the fake NVML library shows, in a file that several processes share: {"gpus": [{"uuid",
/// "name", "limit_mw", "least_mw", "most_mw", "default_mw", "energy_mj", "at_ns", "sets"}]}, and
/// where they differ from the usual: "refuse" (the answer to a set), "ignore" (a set does nothing),
/// "whole_watts", "set_ms" (how long a set takes), "no_counter", "no_instant", "no_limit", "mig",
/// "lost", "average_mw" (what the driver's average shows).
class FakeNvmlState {
   public:
    explicit FakeNvmlState(std::filesystem::path file) : file_(std::move(file)) {}

    nlohmann::json read() const { return nlohmann::json::parse(std::ifstream(file_)); }

    /// Changes it as one step; a process killed in between leaves the state as it was.
    template <class Change>
    void change(Change change) const {
        const int lock =
            open((file_.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        flock(lock, LOCK_EX);
        nlohmann::json state = read();
        change(state);
        write(state);
        close(lock);
    }
    void write(const nlohmann::json& state) const {
        const std::filesystem::path fresh = file_.string() + ".new";
        std::ofstream(fresh) << state.dump(1);
        std::filesystem::rename(fresh, file_);
    }

   private:
    std::filesystem::path file_;
};
