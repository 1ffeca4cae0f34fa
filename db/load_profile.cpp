#include "alert/error.h"
#include "alert/store.h"
#include "db/store.h"

namespace alert {

namespace {

db::ProfileRow row_of(const db::Store& store, const std::string& file, const std::string& label) {
    std::string labels;
    std::vector<db::ProfileRow> rows = store.profiles();
    if (rows.empty()) {
        throw RequestError(file + ": it holds no profile; create one with `alert profile`");
    }
    if (label.empty()) {
        return rows.back();
    }
    for (const db::ProfileRow& row : rows) {
        if (row.label == label) {
            return row;
        }
        labels += (labels.empty() ? "" : ", ") + row.label;
    }
    throw RequestError(file + ": it holds no profile '" + label + "'; its profiles are " + labels);
}

}  // namespace

StoredProfile load_profile(const std::string& file, const std::string& label) {
    const db::Store store(file, db::Store::Mode::kRead);
    const db::ProfileRow row = row_of(store, file, label);
    StoredProfile stored{.label = row.label,
                         .profile = store.load_profile(row.label),
                         .complete = row.complete,
                         .model_files = {},
                         .power_spec = row.power_spec,
                         .energy_source = row.energy_source,
                         .idle_power_w = row.idle_power_w};
    for (const std::string& model : stored.profile.models) {
        for (const db::ModelRow& known : row.models) {
            if (known.name == model) {
                stored.model_files.push_back(known.file);
            }
        }
    }
    return stored;
}

}  // namespace alert
