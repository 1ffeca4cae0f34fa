#include <unordered_map>

#include "db/description.h"
#include "db/store_impl.h"

namespace alert::db {
namespace {

/// All profiles, or only the one with this label.
std::vector<ProfileRow> read_profiles(const Connection& connection,
                                      std::optional<std::string_view> label) {
    Statement statement(
        connection,
        "SELECT p.id, p.label, p.created_at, m.hostname, m.cpu, m.kernel, m.libtorch_version, "
        "m.alert_version, m.cores, m.memory_bytes, m.system_id, p.task, p.data_file, p.data_hash, "
        "p.models_path, p.power_spec, "
        "p.platform_json, p.energy_source, p.energy_resolution_s, p.idle_power_w, p.device, "
        "p.threads, p.inputs, p.precision, p.fail_accuracy, p.top, p.complete, p.doubts "
        "FROM profile p JOIN machine m ON m.id = p.machine_id "
        "WHERE ?1 IS NULL OR p.label = ?1 ORDER BY p.id");
    statement.start(label);
    std::vector<ProfileRow> profiles;
    while (statement.step()) {
        ProfileRow& p = profiles.emplace_back();
        std::string doubts;
        statement.read(p.id, p.label, p.created_at, p.machine.hostname, p.machine.cpu,
                       p.machine.kernel, p.machine.libtorch_version, p.machine.alert_version,
                       p.machine.cores, p.machine.memory_bytes, p.machine.system_id, p.task,
                       p.data_file, p.data_hash, p.models_path, p.power_spec, p.platform_json,
                       p.energy_source, p.energy_resolution_s, p.idle_power_w, p.device, p.threads,
                       p.inputs, p.precision, p.fail_accuracy, p.top, p.complete, doubts);
        p.doubts = split_lines(doubts);
        p.models = read_models(connection, kProfiles, p.id);
        p.settings = read_settings(connection, kProfiles, p.id);
    }
    return profiles;
}

std::vector<ProfileSummaryRow> read_summary(const Connection& connection, std::string_view label) {
    labelled_id(connection, kProfiles, label);
    Statement statement(
        connection,
        "SELECT profile, model, stage, power_setting, power_w, latency_mean_s, latency_std_s, "
        "energy_j, energy_source, accuracy, fail_accuracy, samples, perplexity, "
        "energy_error_j, infinite_losses FROM profile_summary WHERE profile = ?");
    statement.start(label);
    std::vector<ProfileSummaryRow> rows;
    while (statement.step()) {
        ProfileSummaryRow& r = rows.emplace_back();
        statement.read(r.profile, r.model, r.stage, r.power_setting, r.power_w, r.latency_mean_s,
                       r.latency_std_s, r.energy_j, r.energy_source, r.accuracy, r.fail_accuracy,
                       r.samples, r.perplexity, r.energy_error_j, r.infinite_losses);
    }
    return rows;
}

/// Fills `names` in the order of the rows; says where each is to be found.
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
    Statement(
        connection,
        "INSERT INTO profile (label, created_at, machine_id, task, data_file, data_hash, "
        "models_path, "
        "power_spec, platform_json, energy_source, energy_resolution_s, idle_power_w, device, "
        "threads, inputs, precision, fail_accuracy, top, complete, doubts) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .run(profile.label, profile.created_at, machine_id(connection, profile.machine),
             profile.task, profile.data_file, profile.data_hash, profile.models_path,
             profile.power_spec, profile.platform_json, profile.energy_source,
             profile.energy_resolution_s, profile.idle_power_w, profile.device, profile.threads,
             profile.inputs, profile.precision, profile.fail_accuracy, profile.top,
             profile.complete, join_lines(profile.doubts));
    profile.id = connection.last_id();
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
              "doubts = ?, idle_power_w = ? WHERE id = ?")
        .run(profile.data_file, profile.inputs, profile.precision, profile.complete,
             join_lines(profile.doubts), profile.idle_power_w, profile.id);
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
    Statement add(connection,
                  "INSERT INTO sample (model_id, setting_id, round, stage, input, latency_s, "
                  "power_w, correct, log_loss) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const Sample& s : samples) {
        add.run(s.model_id, s.setting_id, s.round, s.stage, s.input, s.latency_s, s.power_w,
                s.correct, s.log_loss);
    }
    transaction.commit();
}

std::vector<Sample> Store::samples(std::int64_t profile_id) const {
    Statement statement(
        *impl_->connection,
        "SELECT s.model_id, s.setting_id, s.round, s.stage, s.input, s.latency_s, s.power_w, "
        "s.correct, s.log_loss FROM model m JOIN sample s ON s.model_id = m.id "
        "WHERE m.profile_id = ? ORDER BY s.model_id, s.setting_id, s.round, s.stage");
    statement.start(profile_id);
    std::vector<Sample> samples;
    while (statement.step()) {
        Sample& s = samples.emplace_back();
        statement.read(s.model_id, s.setting_id, s.round, s.stage, s.input, s.latency_s, s.power_w,
                       s.correct, s.log_loss);
    }
    return samples;
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
