#include "cli/jobs/origin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "alert/error.h"
#include "cli/jobs/version.h"
#include "cli/text/format.h"
#include "cli/text/naming.h"
#include "profiler/file_hash.h"
#include "profiler/machine.h"
#include "profiler/memory.h"
#include "profiler/stop.h"

namespace alert::cli {
namespace {

constexpr std::string_view kRemedy = "name another --label, or start over with --fresh";
// The share that the kernel reserves changes with its version. A memory module is a larger
// difference.
constexpr double kMemoryVaries = 0.1;

bool same_memory(std::int64_t a, std::int64_t b) {
    const auto more = static_cast<double>(std::max(a, b));
    return static_cast<double>(std::min(a, b)) >= (1 - kMemoryVaries) * more;
}

/// "2.6" of "2.6.0+cu124".
std::string_view release_of(std::string_view version) {
    const auto first = version.find('.');
    return version.substr(0, first == version.npos ? first : version.find('.', first + 1));
}

/// Calls `work(watch)`. Whenever it passes its progress to `watch`, shows it, and ends the work if
/// `stop` is set. Its errors name --data.
template <class Work>
auto watched(std::string_view doing, Status& status, const std::atomic<bool>& stop,
             const Work& work) {
    return naming("--data", [&] {
        Progress progress(status, doing);
        return work([&](double share) {
            heed(stop);
            progress.update(share);
        });
    });
}

}  // namespace

db::Machine this_machine(std::string libtorch_version) {
    Machine machine = describe_machine();
    return {.hostname = std::move(machine.hostname),
            .cpu = std::move(machine.cpu),
            .kernel = std::move(machine.kernel),
            .libtorch_version = std::move(libtorch_version),
            .alert_version = version(),
            .cores = machine.cores,
            .memory_bytes = machine.memory_bytes,
            .system_id = std::move(machine.system_id)};
}

std::filesystem::path data_file(const std::string& given) {
    std::error_code ignored;
    const std::filesystem::file_status status = std::filesystem::status(given, ignored);
    if (status.type() == std::filesystem::file_type::not_found ||
        std::filesystem::is_directory(status)) {
        throw RequestError(fmt::format(
            "--data {}: {}; name a file of inputs and labels, saved by torch.save", given,
            std::filesystem::is_directory(status) ? "is a folder" : "no such file"));
    }
    return std::filesystem::absolute(given).lexically_normal();
}

std::string data_hash_of(const std::filesystem::path& file, Status& status,
                         const std::atomic<bool>& stop) {
    std::error_code failed;
    const auto needed = static_cast<std::int64_t>(std::filesystem::file_size(file, failed));
    const auto left = failed ? std::nullopt : memory_short_of(static_cast<double>(needed));
    if (left) {
        throw RequestError(fmt::format(
            "--data {}: it needs {} of memory, and {} is left ({}); use fewer inputs, "
            "or store them as bytes that the networks convert",
            file.string(), format_bytes(needed), format_bytes(left->bytes), left->file));
    }
    return watched("hashing the data", status, stop,
                   [&](const ReadWatch& watch) { return hash_of(file, watch); });
}

DataSet read_data(Engine& engine, const std::filesystem::path& file, Status& status,
                  const std::atomic<bool>& stop) {
    return watched("reading the data", status, stop,
                   [&](const ReadWatch& watch) { return engine.load_data(file, watch); });
}

std::optional<std::string> other_machine(const db::Machine& machine, const db::Machine& here) {
    std::vector<std::string> differences;
    if (machine.cpu != here.cpu) {
        differences.push_back(fmt::format("its processor is {}, not {}", machine.cpu, here.cpu));
    }
    if (machine.cores != here.cores) {
        differences.push_back(fmt::format("it has {} {}, not {}", machine.cores,
                                          machine.cores == 1 ? "core" : "cores", here.cores));
    }
    if (!same_memory(machine.memory_bytes, here.memory_bytes)) {
        differences.push_back(fmt::format("its memory is {}, not {}",
                                          format_bytes(machine.memory_bytes),
                                          format_bytes(here.memory_bytes)));
    }
    if (!machine.system_id.empty() && !here.system_id.empty() &&
        machine.system_id != here.system_id) {
        differences.emplace_back("its /etc/machine-id is different");
    }
    if (differences.empty()) {
        return std::nullopt;
    }
    return fmt::format("{}", fmt::join(differences, ", "));
}

std::optional<std::string> other_libtorch(const db::Machine& machine, const db::Machine& here) {
    if (release_of(machine.libtorch_version) == release_of(here.libtorch_version)) {
        return std::nullopt;
    }
    return fmt::format("LibTorch was {}, and is {}", machine.libtorch_version,
                       here.libtorch_version);
}

std::vector<std::string> machine_warnings(std::string_view what, const db::Machine& machine,
                                          const db::Machine& here) {
    std::vector<std::string> warnings;
    if (const auto other = other_machine(machine, here)) {
        warnings.push_back(
            fmt::format("{} was measured on another machine ({}): its latencies and energies may "
                        "not hold; measure it here, under another --label",
                        what, *other));
    }
    if (const auto other = other_libtorch(machine, here)) {
        warnings.push_back(fmt::format(
            "{} was measured with another LibTorch ({}): its latencies may not hold; measure it "
            "with this one, under another --label",
            what, *other));
    }
    return warnings;
}

void require_same_machine(std::string_view what, const db::Machine& stored,
                          const db::Machine& here) {
    if (const auto other = other_machine(stored, here)) {
        throw RequestError(
            fmt::format("{} was measured on another machine ({}); {}", what, *other, kRemedy));
    }
}

void require_same_libtorch(std::string_view what, const db::Machine& stored,
                           const db::Machine& here) {
    if (const auto other = other_libtorch(stored, here)) {
        throw RequestError(
            fmt::format("{} was measured with another LibTorch ({}); {}", what, *other, kRemedy));
    }
}

void require_same_data(std::string_view what, const std::filesystem::path& stored_file,
                       std::string_view stored_hash, const std::filesystem::path& file,
                       std::string_view hash) {
    if (hash == stored_hash) {
        return;
    }
    if (file == stored_file) {
        throw RequestError(
            fmt::format("--data {}: its content has changed since {} was measured on it; put the "
                        "old file back, {}",
                        file.string(), what, kRemedy));
    }
    throw RequestError(
        fmt::format("--data {}: {} was measured on {}, whose content is different; {}",
                    file.string(), what, stored_file.string(), kRemedy));
}

}  // namespace alert::cli
