#pragma once

#include <filesystem>
#include <vector>

#include "db/store.h"

/// A small store with numbers that can be worked out by hand.
namespace alert::test {

/// A deadline of 10 ms, an accuracy goal of 80 % and an energy goal of 300 mJ; six inputs run
/// small@100W in 1 ms; beside a co-runner two run nested/2@40W in 8 ms (9 ms after they arrived)
/// and one in 12 ms; the last never starts.
db::RunRow adaptive_run();
std::vector<db::RunInput> adaptive_inputs();

/// A traditional network (1 ms) and an anytime one (2 and 4 ms) under 100W, sampled, and 40W,
/// which takes twice as long.
db::ProfileRow quiet_profile();

/// Adds such a profile with four samples of each output.
void add_profile(db::Store& store, const db::ProfileRow& description = quiet_profile());

/// The profile "quiet" with four samples of each output, and its runs: "adaptive" (interrupted),
/// "calm" (no energy, no labels, nothing missed) and "nothing" (no input).
void fill_sample_store(const std::filesystem::path& file);

/// A trace of the profile "quiet" without inputs: its networks and settings, ten inputs asked for,
/// the seventh to the ninth beside a co-runner.
db::TraceRow busy_trace();

/// Adds such a trace with its ten inputs: latencies are those of the profile, twice as long beside
/// the co-runner. The traditional network is right but for n = 3 and 7, the anytime one's first
/// stage where n is even, its second stage always.
void add_trace(db::Store& store, const db::TraceRow& description = busy_trace());

}  // namespace alert::test
