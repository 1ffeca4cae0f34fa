#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "alert/error.h"
#include "db/description.h"
#include "db/store_impl.h"

namespace alert::db {
namespace {

/// Environments in the order of their numbers in a Trace.
constexpr std::array<std::string_view, 3> kEnvironments{"default", "compute", "memory"};

int number_of(std::string_view environment) {
    // The table permits no other name.
    return static_cast<int>(std::find(kEnvironments.begin(), kEnvironments.end(), environment) -
                            kEnvironments.begin());
}

void store_contention(const Connection& connection, const TraceRow& trace) {
    Statement(connection, "DELETE FROM trace_contention WHERE trace_id = ?").run(trace.id);
    Statement add(connection,
                  fmt::format("INSERT INTO trace_contention (trace_id, {}) VALUES (?, {})",
                              columns<TraceContention>(), marks<TraceContention>()));
    for (const TraceContention& c : trace.contention) {
        add.run_with(std::tuple_cat(std::tie(trace.id), members(c)));
    }
}

std::vector<TraceContention> contention_of(const Connection& connection, std::int64_t trace) {
    Statement statement(connection,
                        fmt::format("SELECT {} FROM trace_contention WHERE trace_id = ? "
                                    "ORDER BY environment",
                                    columns<TraceContention>()));
    statement.start(trace);
    return read_all<TraceContention>(statement);
}

void store_groups(const Connection& connection, const TraceRow& trace) {
    Statement add(connection, "INSERT INTO trace_group (trace_id, first, inputs) VALUES (?, ?, ?)");
    std::int64_t first = 0;
    for (const std::size_t inputs : trace.groups) {
        add.run(trace.id, first, static_cast<std::int64_t>(inputs));
        first += static_cast<std::int64_t>(inputs);
    }
}

std::vector<std::size_t> groups_of(const Connection& connection, std::int64_t trace) {
    Statement statement(connection,
                        "SELECT inputs FROM trace_group WHERE trace_id = ? ORDER BY first");
    statement.start(trace);
    std::vector<std::size_t> groups;
    std::int64_t inputs = 0;
    while (statement.step()) {
        statement.read(inputs);
        groups.push_back(static_cast<std::size_t>(inputs));
    }
    return groups;
}

/// All traces, or only the one with this label.
std::vector<TraceRow> read_traces(const Connection& connection,
                                  std::optional<std::string_view> label) {
    std::vector<TraceRow> traces = read_described<TraceRow>(connection, "trace", label);
    for (TraceRow& trace : traces) {
        trace.models = read_models(connection, kTraces, trace.id);
        trace.settings = read_settings(connection, kTraces, trace.id);
        trace.contention = contention_of(connection, trace.id);
        trace.groups = groups_of(connection, trace.id);
    }
    return traces;
}

/// A configuration that is computed from a series of samples.
struct Derived {
    std::size_t configuration = 0;
    double stretch = 1;             // latency relative to the samples
    std::optional<double> power_w;  // modelled
    bool sampled = true;
};

/// Model, setting and stage of a series of samples.
using Series = std::tuple<std::int64_t, std::int64_t, int>;

/// The setting from whose samples a setting is computed, and how they are stretched.
struct Source {
    std::int64_t setting = 0;
    double stretch = 1;
};

/// By the ids of the settings.
std::map<std::int64_t, Source> sources_of(const Connection& connection, std::int64_t trace) {
    Statement statement(
        connection, "SELECT setting_id, source_id, stretch FROM setting_source WHERE trace_id = ?");
    statement.start(trace);
    std::map<std::int64_t, Source> sources;
    while (statement.step()) {
        std::int64_t setting = 0;
        Source source;
        statement.read(setting, source.setting, source.stretch);
        sources[setting] = source;
    }
    return sources;
}

template <typename Row>
const Row* find_named(const std::vector<Row>& rows, std::string_view name) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
    return found == rows.end() ? nullptr : &*found;
}

/// The configurations of the profile that are computed from each series of samples.
std::map<Series, std::vector<Derived>> match(const TraceRow& trace,
                                             const std::map<std::int64_t, Source>& sources,
                                             const Profile& profile) {
    std::map<Series, std::vector<Derived>> matched;
    for (std::size_t c = 0; c < profile.configurations.size(); ++c) {
        const ProfiledConfiguration& configuration = profile.configurations[c];
        const ModelRow* model = find_named(trace.models, profile.models[configuration.model]);
        const PowerSettingRow* setting =
            find_named(trace.settings, profile.settings[configuration.setting]);
        const auto source = setting == nullptr ? sources.end() : sources.find(setting->id);
        if (model != nullptr && source != sources.end()) {
            matched[{model->id, source->second.setting, configuration.stage}].push_back(
                {.configuration = c,
                 .stretch = source->second.stretch,
                 .power_w = setting->power_w,
                 .sampled = setting->sampled});
        }
    }
    return matched;
}

/// A trace that is filled sample by sample.
class Filling {
   public:
    Filling(std::size_t inputs, const Profile& profile) : profile_(profile) {
        trace_.inputs = inputs;
        trace_.configurations = profile.configurations.size();
        trace_.has_power = true;
        const std::size_t values = inputs * trace_.configurations;
        trace_.latency_s.resize(values);
        trace_.power_w.resize(values);
        trace_.idle_power_w.resize(values);
        trace_.correct.resize(values);
        trace_.environment.resize(inputs);
        filled_.resize(trace_.configurations);
    }

    void add(const TraceSample& sample, std::optional<double> resting_w,
             std::span<const Derived> configurations) {
        const auto n = static_cast<std::size_t>(sample.n);
        trace_.environment[n] = number_of(sample.environment);
        const std::optional<double> idle_w = sample.idle_power_w ? sample.idle_power_w : resting_w;
        for (const Derived& d : configurations) {
            const std::size_t at = trace_.index(n, d.configuration);
            const std::optional<double> power_w =
                d.sampled && sample.power_w ? sample.power_w : d.power_w;
            trace_.latency_s[at] = sample.latency_s * d.stretch;
            trace_.power_w[at] = power_w.value_or(0);
            trace_.idle_power_w[at] = idle_w.value_or(0);
            trace_.has_power = trace_.has_power && power_w && idle_w;
            trace_.correct[at] = sample.correct ? 1 : 0;
            ++filled_[d.configuration];
        }
    }

    Trace finish(std::string_view label) {
        for (std::size_t c = 0; c < filled_.size(); ++c) {
            if (filled_[c] < trace_.inputs) {
                throw lacking(label, profile_.configurations[c]);
            }
        }
        if (!trace_.has_power) {
            trace_.power_w.clear();
            trace_.idle_power_w.clear();
        }
        return std::move(trace_);
    }

   private:
    RequestError lacking(std::string_view label, const ProfiledConfiguration& c) const {
        return RequestError(fmt::format(
            "trace {} lacks {}{} at {}, which the profile has; record the networks and settings "
            "of the profile with `alert trace --fresh`",
            label, profile_.models[c.model], c.stage == 0 ? "" : fmt::format("/{}", c.stage),
            profile_.settings[c.setting]));
    }

    const Profile& profile_;
    Trace trace_;
    std::vector<std::size_t> filled_;  // inputs, by configuration
};

/// The groups of the inputs recorded so far.
std::vector<std::size_t> first_inputs(std::vector<std::size_t> groups, std::size_t inputs) {
    std::size_t left = inputs;
    for (std::size_t& group : groups) {
        group = std::min(group, left);
        left -= group;
    }
    std::erase(groups, 0);
    return groups;
}

std::int64_t inputs_of(const Connection& connection, std::int64_t trace) {
    Statement statement(connection,
                        "SELECT ifnull(max(s.n) + 1, 0) FROM model m "
                        "JOIN trace_sample s ON s.model_id = m.id WHERE m.trace_id = ?");
    statement.start(trace);
    std::int64_t inputs = 0;
    statement.step();
    statement.read(inputs);
    return inputs;
}

}  // namespace

TraceRow Store::add_trace(TraceRow trace) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    check_unused(connection, kTraces, trace.label);
    trace.id = insert_described(connection, "trace", trace);
    store_models(connection, kTraces, trace.id, trace.models);
    store_settings(connection, kTraces, trace.id, trace.settings);
    store_contention(connection, trace);
    store_groups(connection, trace);
    transaction.commit();
    return trace;
}

std::optional<TraceRow> Store::find_trace(std::string_view label) const {
    const Transaction transaction(*impl_->connection, Transaction::Kind::kRead);
    std::vector<TraceRow> found = read_traces(*impl_->connection, label);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

void Store::update_trace(const TraceRow& trace) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    Statement(connection, "UPDATE trace SET complete = ?, warnings = ? WHERE id = ?")
        .run(trace.complete, trace.warnings, trace.id);
    store_contention(connection, trace);
    transaction.commit();
}

std::string Store::retire_trace(std::string_view label) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    std::string retired = retire(connection, kTraces, label);
    // Replays refer to their trace by name, and still mean the old one.
    Statement(connection, "UPDATE run SET trace = ? WHERE trace = ?").run(retired, label);
    transaction.commit();
    return retired;
}

std::vector<TraceRow> Store::traces() const {
    const Transaction transaction(*impl_->connection, Transaction::Kind::kRead);
    return read_traces(*impl_->connection, {});
}

void Store::add_trace_samples(std::span<const TraceSample> samples) {
    const Connection& connection = *impl_->connection;
    Transaction transaction(connection);
    insert_all(connection, "trace_sample", samples);
    transaction.commit();
}

std::int64_t Store::trace_inputs(std::string_view label) const {
    const Connection& connection = *impl_->connection;
    const Transaction transaction(connection, Transaction::Kind::kRead);
    return inputs_of(connection, labelled_id(connection, kTraces, label));
}

std::vector<TraceSummaryRow> Store::trace_summary(std::string_view label) const {
    const Connection& connection = *impl_->connection;
    const Transaction transaction(connection, Transaction::Kind::kRead);
    Statement statement(connection,
                        "SELECT m.name, nullif(s.stage, 0), ts.name, s.environment, count(*), "
                        "avg(s.latency_s), avg(s.correct) FROM model m "
                        "JOIN trace_sample s ON s.model_id = m.id "
                        "JOIN power_setting ts ON ts.id = s.setting_id WHERE m.trace_id = ? "
                        "GROUP BY m.id, s.stage, ts.id, s.environment "
                        "ORDER BY m.position, s.stage, ts.position, s.environment = 'default' "
                        "DESC, s.environment");
    statement.start(labelled_id(connection, kTraces, label));
    std::vector<TraceSummaryRow> rows;
    while (statement.step()) {
        TraceSummaryRow& r = rows.emplace_back();
        statement.read(r.model, r.stage, r.power_setting, r.environment, r.inputs, r.latency_mean_s,
                       r.accuracy);
    }
    return rows;
}

Trace Store::load_trace(std::string_view label, const Profile& profile) const {
    const Connection& connection = *impl_->connection;
    const Transaction transaction(connection, Transaction::Kind::kRead);
    const std::int64_t id = labelled_id(connection, kTraces, label);
    const TraceRow trace = read_traces(connection, label).front();
    const std::int64_t inputs = inputs_of(connection, id);
    if (inputs == 0) {
        throw RequestError(fmt::format(
            "trace {} holds no input yet; resume it with `alert trace --label {}`", label, label));
    }
    Filling filling(static_cast<std::size_t>(inputs), profile);
    Statement statement(connection, fmt::format("SELECT {} FROM model m JOIN trace_sample s ON "
                                                "s.model_id = m.id WHERE m.trace_id = ?",
                                                columns<TraceSample>("s")));
    statement.start(id);
    const auto matched = match(trace, sources_of(connection, id), profile);
    TraceSample s;
    while (statement.step()) {
        statement.read_into(members(s));
        const auto series = matched.find({s.model_id, s.setting_id, s.stage});
        if (series != matched.end()) {
            filling.add(s, trace.idle_power_w, series->second);
        }
    }
    Trace loaded = filling.finish(label);
    loaded.groups = Groups(first_inputs(trace.groups, loaded.inputs));
    return loaded;
}

}  // namespace alert::db
