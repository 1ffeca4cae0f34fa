#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace alert::cli {

/// The values that fill a template.
struct Filling {
    std::map<std::string, std::string, std::less<>> texts;
    std::map<std::string, std::vector<Filling>, std::less<>> lists;
};

/// The template with %NAME% replaced by the text of that name, and the lines between `%each NAME%`
/// and
/// `%end%` repeated for every item of that list, in which the names of the item hide outer ones.
/// Unknown names stay as they are. Throws std::out_of_range if there is no such list.
std::string filled(std::string_view text, const Filling& filling);

}  // namespace alert::cli
