#include <fmt/format.h>

#include <functional>
#include <map>
#include <utility>

#include "alert/error.h"
#include "db/description.h"
#include "db/store_impl.h"

namespace alert::db {
namespace {

/// deadline_per.
constexpr std::string_view kPerInput = "input", kPerGroup = "group";

/// Ids by name, of a profile's models or of its settings.
class Ids {
   public:
    Ids(const Connection& connection, const char* what, const char* sql, std::int64_t profile)
        : connection_(connection), what_(what) {
        Statement statement(connection, sql);
        statement.start(profile);
        while (statement.step()) {
            std::string name;
            std::int64_t id = 0;
            statement.read(name, id);
            ids_.emplace(std::move(name), id);
        }
    }

    std::int64_t of(const std::string& name) const {
        const auto found = ids_.find(name);
        if (found == ids_.end()) {
            throw Error(
                fmt::format("store {}: the run's profile has no {} {}; run with the "
                            "profile that has it",
                            connection_.file(), what_, name));
        }
        return found->second;
    }

   private:
    const Connection& connection_;
    const char* what_;
    std::map<std::string, std::int64_t, std::less<>> ids_;
};

/// One function out of several lambdas.
template <class... Function>
struct Overloaded : Function... {
    using Function::operator()...;
};
template <class... Function>
Overloaded(Function...) -> Overloaded<Function...>;

}  // namespace

void fail_without_run(const Connection& connection, std::int64_t run_id) {
    throw RequestError(
        fmt::format("no run {} in store {}; `alert report run` lists those there are", run_id,
                    connection.file()));
}

std::int64_t insert_run(const Connection& connection, const RunRow& run) {
    Statement(connection, fmt::format("INSERT INTO run (profile_id, machine_id, deadline_per, {}) "
                                      "VALUES (?, ?, ?, {})",
                                      columns<RunRow>(), marks<RunRow>()))
        .run_with(std::tuple_cat(
            std::tuple(labelled_id(connection, kProfiles, run.profile),
                       machine_id(connection, run.machine), run.shared ? kPerGroup : kPerInput),
            members(run)));
    return connection.last_id();
}

std::string runs_where(std::string_view condition) {
    return fmt::format(
        "SELECT r.id, p.label, r.deadline_per, {}, {} FROM run r JOIN profile p ON p.id = "
        "r.profile_id JOIN machine m ON m.id = r.machine_id WHERE {} ORDER BY r.id",
        columns<RunRow>("r"), columns<Machine>("m"), condition);
}

std::vector<RunRow> read_runs(Statement& statement) {
    std::vector<RunRow> runs;
    while (statement.step()) {
        RunRow& run = runs.emplace_back();
        std::string deadline_per;
        statement.read_into(std::tuple_cat(std::tie(run.id, run.profile, deadline_per),
                                           members(run), members(run.machine)));
        run.shared = deadline_per == kPerGroup;
    }
    return runs;
}

RunRow Store::add_run(RunRow run) {
    Transaction transaction(*impl_->connection);
    run.id = insert_run(*impl_->connection, run);
    transaction.commit();
    return run;
}

void Store::add_inputs(std::int64_t run_id, std::span<const RunInput> inputs) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    Statement find(connection, "SELECT profile_id FROM run WHERE id = ?");
    find.start(run_id);
    if (!find.step()) {
        fail_without_run(connection, run_id);
    }
    std::int64_t profile = 0;
    find.read(profile);
    find.finish();
    const Ids models(connection, "model", "SELECT name, id FROM model WHERE profile_id = ?",
                     profile);
    const Ids settings(connection, "power setting",
                       "SELECT name, id FROM power_setting WHERE profile_id = ?", profile);
    Statement add(connection, fmt::format("INSERT INTO input (run_id, {}) VALUES (?, {})",
                                          table_columns<RunInput>(), marks<RunInput>()));
    for (const RunInput& input : inputs) {
        const Overloaded stored{[&](const Reference<RunInput>& field) {
                                    const bool model = field.id_column == "model_id";
                                    return (model ? models : settings).of(input.*field.member);
                                },
                                [&](const auto& field) -> const auto& {return input.*field.member;
    }
};
std::apply([&](const auto&... field) { add.run(run_id, stored(field)...); },
           Fields<RunInput>::kList);
}  // namespace alert::db
transaction.commit();
}

std::optional<RunRow> Store::find_run(std::int64_t run_id) const {
    Statement statement(*impl_->connection, runs_where("r.id = ?"));
    statement.start(run_id);
    std::vector<RunRow> found = read_runs(statement);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<std::int64_t> Store::run_ids(std::optional<std::string_view> label) const {
    Statement statement(*impl_->connection,
                        "SELECT id FROM run WHERE (?1 IS NULL OR label = ?1) AND (kind = 'live' OR "
                        "EXISTS (SELECT 1 FROM input WHERE run_id = run.id)) ORDER BY id");
    statement.start(label);
    std::vector<std::int64_t> ids;
    while (statement.step()) {
        statement.read(ids.emplace_back());
    }
    return ids;
}

std::vector<RunInput> Store::run_inputs(std::int64_t run_id) const {
    Statement statement(
        *impl_->connection,
        fmt::format("SELECT {} FROM run_input WHERE run = ? ORDER BY n", columns<RunInput>()));
    statement.start(run_id);
    return read_all<RunInput>(statement);
}

}  // namespace alert::db
