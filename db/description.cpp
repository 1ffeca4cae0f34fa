#include "db/description.h"

#include <fmt/format.h>

#include <tuple>

#include "alert/error.h"
#include "db/fields.h"

namespace alert::db {
namespace {

bool label_exists(const Connection& connection, const Kept& kept, std::string_view label) {
    Statement statement(connection, fmt::format("SELECT 1 FROM {} WHERE label = ?", kept.table));
    statement.start(label);
    return statement.step();
}

/// Inserts rows that belong to another one, the `owner`, whose id comes first.
template <class Row>
Statement adding(const Connection& connection, std::string_view table, std::string_view owner) {
    return Statement(connection, fmt::format("INSERT INTO {} ({}, {}) VALUES (?, {})", table, owner,
                                             columns<Row>(), marks<Row>()));
}

template <class Row>
std::vector<Row> read_owned(const Connection& connection, std::string_view table,
                            std::string_view owner, std::int64_t id) {
    Statement statement(connection,
                        fmt::format("SELECT id, {} FROM {} WHERE {} = ? ORDER BY position, id",
                                    columns<Row>(), table, owner));
    statement.start(id);
    std::vector<Row> rows;
    while (statement.step()) {
        Row& row = rows.emplace_back();
        statement.read_into(std::tuple_cat(std::tie(row.id), members(row)));
    }
    return rows;
}

}  // namespace

std::int64_t labelled_id(const Connection& connection, const Kept& kept, std::string_view label) {
    Statement find(connection, fmt::format("SELECT id FROM {} WHERE label = ?", kept.table));
    find.start(label);
    std::int64_t id = 0;
    if (find.step()) {
        find.read(id);
        return id;
    }
    Statement all(connection, fmt::format("SELECT group_concat(label, ', ') FROM {}", kept.table));
    std::optional<std::string> labels;
    if (all.step()) {
        all.read(labels);
    }
    throw RequestError(labels ? fmt::format("no {} {} in store {}; it has: {}", kept.table, label,
                                            connection.file(), *labels)
                              : fmt::format("no {} {} in store {}, which has none yet; run `{}` "
                                            "first",
                                            kept.table, label, connection.file(), kept.verb));
}

void check_unused(const Connection& connection, const Kept& kept, std::string_view label) {
    if (label_exists(connection, kept, label)) {
        throw RequestError(
            fmt::format("{} {}: already in store {}; use another --label, or "
                        "--fresh to measure anew",
                        kept.table, label, connection.file()));
    }
}

std::string retire(const Connection& connection, const Kept& kept, std::string_view label) {
    const std::int64_t id = labelled_id(connection, kept, label);
    std::string retired;
    for (int i = 1; retired.empty() || label_exists(connection, kept, retired); ++i) {
        retired = fmt::format("{}~{}", label, i);
    }
    Statement(connection, fmt::format("UPDATE {} SET label = ? WHERE id = ?", kept.table))
        .run(retired, id);
    return retired;
}

void store_models(const Connection& connection, const Kept& kept, std::int64_t owner,
                  std::vector<ModelRow>& models) {
    Statement add = adding<ModelRow>(connection, "model", kept.owner);
    // The same network may have been moved to another folder.
    Statement move(
        connection,
        fmt::format("UPDATE model SET position = ?, file = ? WHERE id = ? AND {} = ?", kept.owner));
    for (ModelRow& model : models) {
        if (model.id != 0) {
            move.run(model.position, model.file, model.id, owner);
            continue;
        }
        add.run_with(std::tuple_cat(std::tie(owner), members(model)));
        model.id = connection.last_id();
    }
}

void store_settings(const Connection& connection, const Kept& kept, std::int64_t owner,
                    std::vector<PowerSettingRow>& settings) {
    Statement add = adding<PowerSettingRow>(connection, "power_setting", kept.owner);
    // A wider range changes positions, and a request for samples turns a derived setting into a
    // sampled one.
    Statement change(connection,
                     fmt::format("UPDATE power_setting SET position = ?, stretch = ?, power_w = ?, "
                                 "sampled = ? WHERE id = ? AND {} = ?",
                                 kept.owner));
    for (PowerSettingRow& setting : settings) {
        if (setting.id != 0) {
            change.run(setting.position, setting.stretch, setting.power_w, setting.sampled,
                       setting.id, owner);
            continue;
        }
        add.run_with(std::tuple_cat(std::tie(owner), members(setting)));
        setting.id = connection.last_id();
    }
}

std::vector<ModelRow> read_models(const Connection& connection, const Kept& kept,
                                  std::int64_t owner) {
    return read_owned<ModelRow>(connection, "model", kept.owner, owner);
}

std::vector<PowerSettingRow> read_settings(const Connection& connection, const Kept& kept,
                                           std::int64_t owner) {
    return read_owned<PowerSettingRow>(connection, "power_setting", kept.owner, owner);
}

}  // namespace alert::db
