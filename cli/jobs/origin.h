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

/// Where stored figures come from: the machine and the data file, compared with the present ones.
namespace alert::cli {

/// This machine, as it is stored. The engine knows the version of LibTorch.
db::Machine this_machine(std::string libtorch_version = {});

/// The absolute path of the file that --data names. Throws RequestError if it does not exist or is
/// a folder.
std::filesystem::path data_file(const std::string& given);

/// A hash of the content of the data file. Throws RequestError if it cannot be read or is larger
/// than the memory that this process may still use, and Interrupted.
std::string data_hash_of(const std::filesystem::path& file, Status& status,
                         const std::atomic<bool>& stop);

/// Reads the data file into the engine; throws as Engine::load_data does, and Interrupted.
DataSet read_data(Engine& engine, const std::filesystem::path& file, Status& status,
                  const std::atomic<bool>& stop);

/// How another machine differs, "its processor is A, not B"; empty if it is the same. Host name,
/// kernel and our own version may differ. System ids distinguish machines if both have one; equal
/// ids do not make up for other differences.
std::optional<std::string> other_machine(const db::Machine& machine, const db::Machine& here);

/// The same for LibTorch, "LibTorch was 1.13.1, and is 2.6.0", because latencies depend on it.
/// Empty if only the last part of the version differs.
std::optional<std::string> other_libtorch(const db::Machine& machine, const db::Machine& here);

/// The warnings if `what` ("profile 'a'") was measured on another machine or with another LibTorch
/// than `here`.
std::vector<std::string> machine_warnings(std::string_view what, const db::Machine& machine,
                                          const db::Machine& here);

/// Throw RequestError if `what` ("profile 'a'"), which is to be resumed, was measured on another
/// machine, with another LibTorch or on other data.
void require_same_machine(std::string_view what, const db::Machine& stored,
                          const db::Machine& here);
void require_same_libtorch(std::string_view what, const db::Machine& stored,
                           const db::Machine& here);
void require_same_data(std::string_view what, const std::filesystem::path& stored_file,
                       std::string_view stored_hash, const std::filesystem::path& file,
                       std::string_view hash);

}  // namespace alert::cli
