#include "core/method/estimator_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "alert/error.h"

namespace alert {

namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view value, const std::string& remedy) {
    throw RequestError(std::string(name) + "=" + std::string(value) + ": " + remedy);
}

struct Range {
    float least, most;
};

float number(std::string_view name, std::string_view text, Range range) {
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool read = error == std::errc() && end == text.data() + text.size();
    if (!read || !(value >= range.least && value <= range.most)) {
        refuse(name, text,
               "give a number from " + std::to_string(range.least) + " to " +
                   std::to_string(range.most));
    }
    return value;
}

Memories memories(std::string_view name, std::string_view text) {
    Memories all({});
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        if (all.size() == Memories::kMost) {
            refuse(name, text, "give at most " + std::to_string(Memories::kMost));
        }
        all.add(number(name, text.substr(begin, end - begin), {0, 1}));
        begin = end + 1;
    }
    return all;
}

LearntFrom learnt_from(std::string_view name, std::string_view text) {
    for (const auto& [word, value] : {std::pair{"every-stage", LearntFrom::kEveryStage},
                                      {"last-stage", LearntFrom::kLastStage},
                                      {"answer", LearntFrom::kAnswer}}) {
        if (text == word) {
            return value;
        }
    }
    refuse(name, text, "write every-stage, last-stage or answer");
}

using Member = float EstimatorOptions::*;

struct NumberOption {
    const char* name;
    Member member;
    Range range;
};

constexpr std::array kNumbers{
    NumberOption{"share", &EstimatorOptions::share, {0, 1}},
    NumberOption{"pooling", &EstimatorOptions::pooling, {0, 1}},
    NumberOption{"bandwidth", &EstimatorOptions::bandwidth, {0.001F, 0.07F}},
    NumberOption{"prior_weight", &EstimatorOptions::prior_weight, {0.001F, 100}},
    NumberOption{"prior_width", &EstimatorOptions::prior_width, {0.02F, 1.2F}},
    NumberOption{"chance_of_stage", &EstimatorOptions::chance_of_stage, {0, 1}}};

}  // namespace

std::vector<std::string> estimator_option_names() {
    std::vector<std::string> names = {"memories", "charge_overruns", "learnt_from"};
    for (const NumberOption& option : kNumbers) {
        names.emplace_back(option.name);
    }
    return names;
}

void set_option(EstimatorOptions& options, std::string_view name, std::string_view value) {
    if (name == "memories") {
        options.memories = memories(name, value);
        return;
    }
    if (name == "charge_overruns") {
        options.charge_overruns = number(name, value, {0, 1}) != 0;
        return;
    }
    if (name == "learnt_from") {
        options.learnt_from = learnt_from(name, value);
        return;
    }
    for (const NumberOption& option : kNumbers) {
        if (name == option.name) {
            options.*option.member = number(name, value, option.range);
            return;
        }
    }
    std::string names;
    for (const std::string& known : estimator_option_names()) {
        names += (names.empty() ? "" : ", ") + known;
    }
    refuse(name, value, "no such option; write one of " + names);
}

}  // namespace alert
