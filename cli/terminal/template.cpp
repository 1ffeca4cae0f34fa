#include "cli/terminal/template.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <stdexcept>

namespace alert::cli {
namespace {

constexpr std::string_view kEach = "%each ";
constexpr std::string_view kEnd = "%end%";

using Lines = std::span<const std::string_view>;
using Scopes = std::vector<const Filling*>;  // the innermost last

const std::string* find_text(const Scopes& scopes, std::string_view name) {
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
        const auto found = (*scope)->texts.find(name);
        if (found != (*scope)->texts.end()) {
            return &found->second;
        }
    }
    return nullptr;
}

const std::vector<Filling>& find_list(const Scopes& scopes, std::string_view name) {
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
        const auto found = (*scope)->lists.find(name);
        if (found != (*scope)->lists.end()) {
            return found->second;
        }
    }
    throw std::out_of_range("template: no list " + std::string(name));
}

std::string filled_line(std::string_view line, const Scopes& scopes) {
    std::string out;
    while (!line.empty()) {
        const std::size_t begin = line.find('%');
        const std::size_t end = begin == line.npos ? begin : line.find('%', begin + 1);
        if (end == line.npos) {
            break;
        }
        const std::string* text = find_text(scopes, line.substr(begin + 1, end - begin - 1));
        out += line.substr(0, begin);
        out += text != nullptr ? *text : "%";
        line.remove_prefix(text != nullptr ? end + 1 : begin + 1);
    }
    return out.append(line);
}

/// The end of the list that begins before `lines`.
std::size_t end_of_list(Lines lines) {
    std::size_t at = 0;
    for (int depth = 1; at < lines.size(); ++at) {
        depth += lines[at].starts_with(kEach) ? 1 : lines[at] == kEnd ? -1 : 0;
        if (depth == 0) {
            break;
        }
    }
    return at;
}

void fill(std::string& out, Lines lines, Scopes& scopes) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!lines[i].starts_with(kEach)) {
            out.append(filled_line(lines[i], scopes)).append("\n");
            continue;
        }
        const std::string_view name =
            lines[i].substr(kEach.size(), lines[i].size() - kEach.size() - 1);
        const Lines within = lines.subspan(i + 1, end_of_list(lines.subspan(i + 1)));
        for (const Filling& item : find_list(scopes, name)) {
            scopes.push_back(&item);
            fill(out, within, scopes);
            scopes.pop_back();
        }
        i += within.size() + 1;
    }
}

}  // namespace

std::string filled(std::string_view text, const Filling& filling) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::string out;
    Scopes scopes = {&filling};
    fill(out, lines, scopes);
    return out;
}

}  // namespace alert::cli
