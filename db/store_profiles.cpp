#include <unordered_map>

#include "db/description.h"
#include "db/store_impl.h"

namespace alert::db {
namespace {

/// All profiles, or only the one with this label.
std::vector<ProfileRow> read_profiles(const Connection& connection,
                                      std::optional<std::string_view> label) {
    std::vector<ProfileRow> profiles = read_described<ProfileRow>(connection, "profile", label);
    for (ProfileRow& profile : profiles) {
        profile.models = read_models(connection, kProfiles, profile.id);
        profile.settings = read_settings(connection, kProfiles, profile.id);
    }
    return profiles;
}

std::vector<ProfileSummaryRow> read_summary(const Connection& connection, std::string_view label) {
    labelled_id(connection, kProfiles, label);
    Statement statement(connection, fmt::format("SELECT {} FROM profile_summary WHERE profile = ?",
                                                columns<ProfileSummaryRow>()));
    statement.start(label);
    return read_all<ProfileSummaryRow>(statement);
}

/// Appends the names of the rows to `names`; returns the index of each.
template <typename Row>
std::unordered_map<std::string, std::size_t> index_names(const std::vector<Row>& rows,
                                                         std::vector<std::string>& names) {
    std::unordered_map<std::string, std::size_t> places;
    for (const Row& row : rows) {
        places.emplace(row.name, names.size());
        names.push_back(row.name);
    }
    return places;
}

}  // namespace

ProfileRow Store::add_profile(ProfileRow profile) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    check_unused(connection, kProfiles, profile.label);
    profile.id = insert_described(connection, "profile", profile);
    store_models(connection, kProfiles, profile.id, profile.models);
    store_settings(connection, kProfiles, profile.id, profile.settings);
    transaction.commit();
    return profile;
}

std::optional<ProfileRow> Store::find_profile(std::string_view label) const {
    const Transaction transaction(*impl_->connection, Transaction::Kind::kRead);
    std::vector<ProfileRow> found = read_profiles(*impl_->connection, label);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

ProfileRow Store::update_profile(ProfileRow profile) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    Statement(connection,
              "UPDATE profile SET data_file = ?, inputs = ?, precision = ?, complete = ?, "
              "warnings = ?, idle_power_w = ? WHERE id = ?")
        .run(profile.data_file, profile.inputs, profile.precision, profile.complete,
             profile.warnings, profile.idle_power_w, profile.id);
    store_models(connection, kProfiles, profile.id, profile.models);
    store_settings(connection, kProfiles, profile.id, profile.settings);
    transaction.commit();
    return profile;
}

std::string Store::retire_profile(std::string_view label) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    std::string retired = retire(connection, kProfiles, label);
    transaction.commit();
    return retired;
}

std::vector<ProfileRow> Store::profiles() const {
    const Transaction transaction(*impl_->connection, Transaction::Kind::kRead);
    return read_profiles(*impl_->connection, {});
}

void Store::add_samples(std::span<const Sample> samples) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    insert_all(connection, "sample", samples);
    transaction.commit();
}

std::vector<Sample> Store::samples(std::int64_t profile_id) const {
    Statement statement(*impl_->connection,
                        fmt::format("SELECT {} FROM model m JOIN sample s ON s.model_id = m.id "
                                    "WHERE m.profile_id = ? "
                                    "ORDER BY s.model_id, s.setting_id, s.round, s.stage",
                                    columns<Sample>("s")));
    statement.start(profile_id);
    return read_all<Sample>(statement);
}

std::vector<ProfileSummaryRow> Store::profile_summary(std::string_view label) const {
    const Transaction transaction(*impl_->connection, Transaction::Kind::kRead);
    return read_summary(*impl_->connection, label);
}

Profile Store::load_profile(std::string_view label) const {
    const Connection& connection = *impl_->connection;
    const Transaction transaction(connection, Transaction::Kind::kRead);
    const std::int64_t id = labelled_id(connection, kProfiles, label);
    Profile profile;
    const auto models = index_names(read_models(connection, kProfiles, id), profile.models);
    const auto settings = index_names(read_settings(connection, kProfiles, id), profile.settings);
    Statement fail(connection, "SELECT fail_accuracy FROM profile WHERE id = ?");
    fail.start(id);
    fail.step();
    fail.read(profile.fail_accuracy);
    for (const ProfileSummaryRow& row : read_summary(connection, label)) {
        profile.configurations.push_back({.model = models.at(row.model),
                                          .setting = settings.at(row.power_setting),
                                          .stage = row.stage.value_or(0),
                                          .latency_s = row.latency_mean_s,
                                          .power_w = row.power_w,
                                          .accuracy = row.accuracy});
    }
    return profile;
}

}  // namespace alert::db
