#include "profiler/family.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "alert/error.h"
#include "profiler/file_hash.h"

namespace alert {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> networks_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    const fs::directory_iterator entries(folder, error);
    if (error) {
        throw RequestError(
            fmt::format("--models {}: cannot be read; check its permissions", folder.string()));
    }
    for (const auto& entry : entries) {
        // Ignores hidden files, such as "._net.pt", which macOS creates beside "net.pt".
        const bool hidden = entry.path().filename().native().starts_with('.');
        if (!hidden && entry.path().extension() == ".pt" && entry.is_regular_file(error)) {
            files.push_back(entry.path());
        }
    }
    // Numbers in names are compared as numbers: net-4k before net-18k.
    std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
        return strverscmp(a.c_str(), b.c_str()) < 0;
    });
    if (files.empty()) {
        throw RequestError(fmt::format(
            "--models {}: no .pt file directly in this folder; name a folder of TorchScript files",
            folder.string()));
    }
    return files;
}

std::vector<fs::path> expand(const std::vector<fs::path>& paths) {
    std::vector<fs::path> files;
    for (const fs::path& path : paths) {
        std::error_code ignored;
        if (fs::is_directory(path, ignored)) {
            const auto found = networks_in(path);
            files.insert(files.end(), found.begin(), found.end());
        } else if (fs::exists(path, ignored)) {
            files.push_back(path);
        } else {
            throw RequestError(fmt::format(
                "--models {}: no such file or folder; name TorchScript files (.pt) or a folder of "
                "them",
                path.string()));
        }
    }
    return files;
}

// The content of family.json in this folder; null without one.
nlohmann::json read_description(const fs::path& folder) {
    const fs::path file = folder / "family.json";
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        return nullptr;
    }
    std::ifstream in(file);
    if (!in || fs::is_directory(file, ignored)) {
        throw RequestError(
            fmt::format("{}: cannot be read; check its permissions, or remove it", file.string()));
    }
    try {
        return nlohmann::json::parse(in);
    } catch (const nlohmann::json::exception&) {
        throw RequestError(fmt::format("{}: not JSON; correct or remove it", file.string()));
    }
}

// 5 for "top-5"; 0 if the text has another form.
int top_of(std::string_view accuracy) {
    constexpr std::string_view kPrefix = "top-";
    int top = 0;
    if (accuracy.starts_with(kPrefix)) {
        const char* end = accuracy.data() + accuracy.size();
        const auto parsed = std::from_chars(accuracy.data() + kPrefix.size(), end, top);
        return parsed.ec == std::errc{} && parsed.ptr == end && top > 0 ? top : 0;
    }
    return 0;
}

void apply_description(const nlohmann::json& description, const fs::path& folder, Family& family) {
    const auto wrong = [&](std::string_view what) {
        return RequestError(fmt::format("{}: {}", (folder / "family.json").string(), what));
    };
    if (!description.is_object()) {
        throw wrong("must hold an object like {\"task\": ..., \"fail_accuracy\": 0.1}");
    }
    if (const auto task = description.find("task"); task != description.end()) {
        if (!task->is_string()) {
            throw wrong("\"task\" must be a string");
        }
        family.task = task->get<std::string>();
    }
    const auto agree = [&](auto& known, auto value, std::string_view key) {
        if (known && *known != value) {
            throw wrong(
                fmt::format("\"{}\" differs from another family's; profile them separately", key));
        }
        known = value;
    };
    if (const auto fail = description.find("fail_accuracy"); fail != description.end()) {
        if (!fail->is_number() || fail->get<double>() < 0 || fail->get<double>() > 1) {
            throw wrong("\"fail_accuracy\" must be a number from 0 to 1");
        }
        agree(family.fail_accuracy, fail->get<double>(), "fail_accuracy");
    }
    if (const auto accuracy = description.find("accuracy"); accuracy != description.end()) {
        const int top = accuracy->is_string() ? top_of(accuracy->get<std::string>()) : 0;
        if (top == 0) {
            throw wrong("\"accuracy\" must be \"top-1\", \"top-5\" or alike");
        }
        agree(family.top, top, "accuracy");
    }
    if (const auto perplexity = description.find("perplexity"); perplexity != description.end()) {
        if (!perplexity->is_boolean()) {
            throw wrong("\"perplexity\" must be true or false");
        }
        agree(family.perplexity, perplexity->get<bool>(), "perplexity");
    }
}

// Checks that "models" has an object for each network, with or without a title.
void check_titles(const nlohmann::json& description, const fs::path& folder) {
    const auto models = description.find("models");
    const auto is_wrong = [](const nlohmann::json& model) {
        return !model.is_object() || (model.contains("title") && !model["title"].is_string());
    };
    if (models != description.end() &&
        (!models->is_object() || std::any_of(models->begin(), models->end(), is_wrong))) {
        throw RequestError(fmt::format(
            "{}: \"models\" must hold objects like {{\"net\": {{\"title\": \"Small\"}}}}",
            (folder / "family.json").string()));
    }
}

// For a description whose titles were checked.
std::string title_of(const nlohmann::json& description, const std::string& name) {
    const auto models = description.find("models");
    if (models == description.end()) {
        return "";
    }
    return models->value(name, nlohmann::json::object()).value("title", "");
}

}  // namespace

Family find_family(const std::vector<fs::path>& paths) {
    Family family;
    std::map<fs::path, nlohmann::json> descriptions;
    std::set<std::string> names;
    for (const fs::path& file : expand(paths)) {
        const fs::path folder = file.parent_path();
        const auto [known, fresh] = descriptions.try_emplace(folder);
        if (fresh) {
            known->second = read_description(folder);
            if (!known->second.is_null()) {
                apply_description(known->second, folder, family);
                check_titles(known->second, folder);
            }
        }
        const std::string name = file.stem().string();
        if (!names.insert(name).second) {
            throw RequestError(fmt::format(
                "--models: two networks are named {}; a model is named after its file, so rename "
                "one of them",
                name));
        }
        family.models.push_back({.name = name,
                                 .title = title_of(known->second, name),
                                 .file = fs::absolute(file).lexically_normal(),
                                 .hash = hash_of(file)});
    }
    return family;
}

}  // namespace alert
