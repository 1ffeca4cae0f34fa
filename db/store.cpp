#include "db/store.h"

#include <fmt/format.h>

#include <algorithm>

#include "db/fields.h"
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

std::string_view name_of(Objective objective) {
    return std::find_if(kObjectives.begin(), kObjectives.end(),
                        [&](const auto& entry) { return entry.first == objective; })
        ->second;
}

Objective objective_of(std::string_view name) {
    return std::find_if(kObjectives.begin(), kObjectives.end(),
                        [&](const auto& entry) { return entry.second == name; })
        ->first;
}

Goal goal_of(const RunRow& run) {
    return {.objective = run.objective,
            .deadline_s = run.deadline_s,
            .accuracy = run.accuracy_goal,
            .energy_j = run.energy_goal_j,
            .period_s = run.period_s,
            .confidence = run.confidence};
}

std::int64_t machine_id(const Connection& connection, const Machine& machine) {
    Statement find(connection, fmt::format("SELECT id FROM machine WHERE ({}) = ({})",
                                           columns<Machine>(), marks<Machine>()));
    find.start_with(members(machine));
    if (find.step()) {
        std::int64_t id = 0;
        find.read(id);
        return id;
    }
    Statement(connection, fmt::format("INSERT INTO machine ({}) VALUES ({})", columns<Machine>(),
                                      marks<Machine>()))
        .run_with(members(machine));
    return connection.last_id();
}

}  // namespace alert::db
