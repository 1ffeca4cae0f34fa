#include "db/store.h"

#include <fmt/format.h>

#include <sstream>

#include "db/open.h"
#include "db/store_impl.h"

namespace alert::db {

void Store::check_writable(const std::filesystem::path& file) {
    check_store_writable(file);
}

Store::Store(const std::filesystem::path& file, Mode mode)
    : impl_(std::make_unique<Impl>(Impl{open_store(file, mode)})) {}

Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

std::int64_t machine_id(const Connection& connection, const Machine& machine) {
    const auto values = [&](Statement& statement) {
        statement.start(machine.hostname, machine.cpu, machine.cores, machine.kernel,
                        machine.libtorch_version, machine.alert_version, machine.memory_bytes,
                        machine.system_id);
    };
    Statement find(connection,
                   "SELECT id FROM machine WHERE hostname = ? AND cpu = ? AND cores = ? AND "
                   "kernel = ? AND libtorch_version = ? AND alert_version = ? AND "
                   "memory_bytes = ? AND system_id = ?");
    values(find);
    if (find.step()) {
        std::int64_t id = 0;
        find.read(id);
        return id;
    }
    Statement add(connection,
                  "INSERT INTO machine (hostname, cpu, cores, kernel, libtorch_version, "
                  "alert_version, memory_bytes, system_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    values(add);
    add.step();
    return connection.last_id();
}

std::string join_lines(std::span<const std::string> lines) {
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

}  // namespace alert::db
