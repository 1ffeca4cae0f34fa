#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/jobs/status.h"
#include "db/records.h"
#include "profiler/engine/engine.h"

/// Where stored figures come from: a machine and a data file, held against those of now.
namespace alert::cli {

/// The machine that this process runs on, for the store. The engine tells LibTorch's version.
db::Machine this_machine(std::string libtorch_version = {});

/// The file that --data names, absolute. Throws RequestError that names it as it was written: not
/// there, a folder.
std::filesystem::path data_file(const std::string& given);

/// A hash of the data file's content, which is read once. Throws RequestError where it is no file
/// that can be read, or is larger than the memory that this process may still use, and Interrupted.
std::string data_hash_of(const std::filesystem::path& file, Status& status,
                         const std::atomic<bool>& stop);

/// Reads the data file into the engine; throws as Engine::load_data does, and Interrupted.
DataSet read_data(Engine& engine, const std::filesystem::path& file, Status& status,
                  const std::atomic<bool>& stop);

/// In what another machine differs, "its processor is A, not B"; empty: it is the same. Its name,
/// its kernel and our own version may change. The id of the system tells machines apart where both
/// have one, and never makes the same of two that differ otherwise.
std::optional<std::string> other_machine(const db::Machine& machine, const db::Machine& here);

/// The same of LibTorch, "LibTorch was 1.13.1, and is 2.6.0": latencies change with it. Empty where
/// only the last part differs.
std::optional<std::string> other_libtorch(const db::Machine& machine, const db::Machine& here);

/// The warnings where `what` ("profile 'a'") was measured on another machine or with another
/// LibTorch than what goes by it.
std::vector<std::string> machine_warnings(std::string_view what, const db::Machine& machine,
                                          const db::Machine& here);

/// Throw RequestError where `what` ("profile 'a'"), which is to be added to, was measured on
/// another machine, with another LibTorch or on other data.
void require_same_machine(std::string_view what, const db::Machine& stored,
                          const db::Machine& here);
void require_same_libtorch(std::string_view what, const db::Machine& stored,
                           const db::Machine& here);
void require_same_data(std::string_view what, const std::filesystem::path& stored_file,
                       std::string_view stored_hash, const std::filesystem::path& file,
                       std::string_view hash);

}  // namespace alert::cli
