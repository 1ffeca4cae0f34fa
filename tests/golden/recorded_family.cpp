#include "tests/golden/recorded_family.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace alert::golden {

namespace {

using Row = std::map<std::string, std::string>;  // by the name of the column

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream text(line + ",");
    for (std::string cell; std::getline(text, cell, ',');) {
        cells.push_back(cell);
    }
    return cells;
}

std::vector<Row> read_csv(const std::string& name) {
    std::ifstream file(std::string(ALERT_GOLDEN_DIR) + "/" + name);
    std::string line;
    if (!std::getline(file, line)) {
        throw std::runtime_error("tests/golden/" + name + ": not there");
    }
    const auto columns = cells_of(line);
    std::vector<Row> rows;
    while (std::getline(file, line)) {
        const auto cells = cells_of(line);
        Row& row = rows.emplace_back();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            row[columns[i]] = cells.at(i);
        }
    }
    return rows;
}

std::size_t place_in(std::vector<std::string>& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    const auto place = static_cast<std::size_t>(found - names.begin());
    if (found == names.end()) {
        names.push_back(name);
    }
    return place;
}

Profile read_profile(const std::string& name) {
    Profile profile;
    for (const Row& row : read_csv(name + "_profile.csv")) {
        profile.configurations.push_back({.model = place_in(profile.models, row.at("model")),
                                          .setting = place_in(profile.settings, row.at("setting")),
                                          .stage = std::stoi(row.at("stage")),
                                          .latency_s = std::stod(row.at("latency_s")),
                                          .power_w = std::stod(row.at("power_w")),
                                          .accuracy = std::stod(row.at("accuracy"))});
    }
    return profile;
}

// Rows lie in the order of inputs and, of each, in the order of the profile's configurations.
Trace read_trace(const std::string& name, std::size_t configurations) {
    Trace trace{.configurations = configurations, .has_power = true};
    std::vector<std::string> environments{"default", "compute", "memory"}, groups;
    std::vector<std::size_t> sizes;
    for (const Row& row : read_csv(name + "_trace.csv")) {
        if (trace.latency_s.size() % configurations == 0) {
            ++trace.inputs;
            trace.environment.push_back(
                static_cast<int>(place_in(environments, row.at("environment"))));
            if (const std::string& group = row.at("group"); !group.empty()) {
                sizes.resize(std::max(sizes.size(), place_in(groups, group) + 1));
                ++sizes.back();
            }
        }
        trace.latency_s.push_back(std::stod(row.at("latency_s")));
        trace.power_w.push_back(std::stod(row.at("power_w")));
        trace.idle_power_w.push_back(std::stod(row.at("idle_power_w")));
        trace.correct.push_back(row.at("correct") == "1" ? 1 : 0);
    }
    trace.groups = Groups(sizes);
    return trace;
}

}  // namespace

RecordedFamily recorded_family(const std::string& name) {
    RecordedFamily family{.profile = read_profile(name), .trace = {}};
    family.profile.fail_accuracy = name == "image" ? 0.1 : 0.000625;
    family.trace = read_trace(name, family.profile.configurations.size());
    return family;
}

RecordedFamily without_power(RecordedFamily family) {
    for (ProfiledConfiguration& configuration : family.profile.configurations) {
        configuration.power_w.reset();
    }
    family.trace.has_power = false;
    family.trace.power_w.clear();
    family.trace.idle_power_w.clear();
    return family;
}

}  // namespace alert::golden
