#include "profiler/workload/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <system_error>

#include "alert/error.h"

namespace alert {
namespace {

constexpr std::array kEnvironments = {Environment::kDefault, Environment::kCompute,
                                      Environment::kMemory};
/// The byte order mark, which some editors put in front of UTF-8.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kSpecs =
    "write default, compute, memory, compute@30%-60%, random:seed=7 or a file";

std::optional<Environment> environment_named(std::string_view name) {
    for (Environment environment : kEnvironments) {
        if (to_string(environment) == name) {
            return environment;
        }
    }
    return std::nullopt;
}

/// Part of a run, in percent of its inputs.
struct Part {
    Environment environment = Environment::kDefault;
    double from = 0;
    double to = 100;
};

/// Parses "30%"; NaN if it has another form.
double percent(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool read = error == std::errc() && end + 1 == text.data() + text.size() && *end == '%';
    return read ? value : std::numeric_limits<double>::quiet_NaN();
}

/// Parses "compute" or "compute@30%-60%". Errors begin with `where`.
Part parse_part(std::string_view text, std::string_view where) {
    const auto at = text.find('@');
    const auto environment = environment_named(text.substr(0, at));
    if (!environment) {
        throw RequestError(
            fmt::format("{}: no environment '{}'; {}", where, text.substr(0, at), kSpecs));
    }
    if (at == std::string_view::npos) {
        return {*environment};
    }
    const std::string_view range = text.substr(at + 1);
    const auto dash = range.find('-');
    const double from = percent(range.substr(0, dash));
    const double to = percent(dash == range.npos ? "" : range.substr(dash + 1));
    if (std::isnan(from) || std::isnan(to)) {
        throw RequestError(
            fmt::format("{}: '{}' is no part of a run; write it as 30%-60%", where, range));
    }
    if (!(0 <= from && from < to && to <= 100)) {
        throw RequestError(fmt::format("{}: '{}' must rise and lie within 0%-100%", where, range));
    }
    return {*environment, from, to};
}

std::vector<Part> parts_of(std::string_view spec) {
    std::vector<Part> parts;
    for (std::size_t begin = 0; begin <= spec.size();) {
        const std::size_t end = std::min(spec.find(',', begin), spec.size());
        parts.push_back(
            parse_part(spec.substr(begin, end - begin), fmt::format("--environment {}", spec)));
        begin = end + 1;
    }
    return parts;
}

/// Switches among the three environments; each lasts for 5 to 20 % of the inputs. Does not use
/// standard distributions, which differ between libraries.
std::vector<Environment> random_environments(std::uint64_t seed, std::size_t inputs) {
    std::mt19937_64 draw(seed);
    std::vector<Environment> environments;
    environments.reserve(inputs);
    std::size_t now = 0;
    while (environments.size() < inputs) {
        const std::size_t shortest = std::max<std::size_t>(1, inputs / 20);
        const std::size_t span = shortest + draw() % (3 * shortest + 1);
        const std::size_t left = inputs - environments.size();
        environments.insert(environments.end(), std::min(span, left), kEnvironments[now]);
        now = (now + 1 + draw() % 2) % kEnvironments.size();
    }
    return environments;
}

std::uint64_t parse_seed(std::string_view spec, std::string_view text) {
    constexpr std::string_view kKey = "seed=";
    std::uint64_t seed = 0;
    if (text.starts_with(kKey)) {
        text.remove_prefix(kKey.size());
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
        if (error == std::errc() && end == text.data() + text.size()) {
            return seed;
        }
    }
    throw RequestError(
        fmt::format("--environment {}: a seed is missing; write random:seed=7", spec));
}

}  // namespace

std::string_view to_string(Environment environment) {
    switch (environment) {
        case Environment::kDefault:
            return "default";
        case Environment::kCompute:
            return "compute";
        case Environment::kMemory:
            return "memory";
    }
    return "";
}

std::string without_file(std::string_view spec) {
    const std::filesystem::path file(spec);
    std::error_code no_file;  // or a text that is too long for a file name
    if (!std::filesystem::is_regular_file(file, no_file)) {
        return std::string(spec);
    }
    std::ifstream in(file);
    std::string parts, line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (number == 1 && line.starts_with(kByteOrderMark)) {
            line.erase(0, kByteOrderMark.size());
        }
        line.erase(std::min(line.find('#'), line.size()));
        const auto first = line.find_first_not_of(" \t\r");
        if (first == std::string::npos) {
            continue;
        }
        const std::string part = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
        parse_part(part, fmt::format("{}:{}", file.string(), number));  // errors name the line
        parts += (parts.empty() ? "" : ",") + part;
    }
    if (parts.empty()) {
        throw RequestError(fmt::format(
            "{}: no environments in it; write one ENV@FROM%-TO% per line", file.string()));
    }
    return parts;
}

Schedule Schedule::parse(std::string_view spec, std::size_t inputs) {
    Schedule schedule;
    constexpr std::string_view kRandom = "random:";
    if (spec == "random" || spec.starts_with(kRandom)) {
        const auto arguments = spec.substr(std::min(spec.size(), kRandom.size()));
        schedule.environments_ = random_environments(parse_seed(spec, arguments), inputs);
        return schedule;
    }
    schedule.environments_.assign(inputs, Environment::kDefault);
    const auto count = static_cast<double>(inputs);
    for (const Part& part : parts_of(without_file(spec))) {
        // The small subtraction makes 30 % of 10 inputs 3 despite rounding.
        const auto from = static_cast<std::size_t>(std::ceil(part.from / 100 * count - 1e-9));
        const auto to = static_cast<std::size_t>(std::ceil(part.to / 100 * count - 1e-9));
        std::fill(schedule.environments_.begin() + static_cast<std::ptrdiff_t>(from),
                  schedule.environments_.begin() + static_cast<std::ptrdiff_t>(to),
                  part.environment);
    }
    return schedule;
}

std::vector<Environment> Schedule::used() const {
    std::vector<Environment> found;
    for (Environment environment : kEnvironments) {
        if (environment != Environment::kDefault &&
            std::find(environments_.begin(), environments_.end(), environment) !=
                environments_.end()) {
            found.push_back(environment);
        }
    }
    return found;
}

}  // namespace alert
