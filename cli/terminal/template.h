#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace alert::cli {

/// What a template is filled with.
struct Filling {
    std::map<std::string, std::string, std::less<>> texts;
    std::map<std::string, std::vector<Filling>, std::less<>> lists;
};

/// The template with %NAME% replaced by the text of that name, and the lines between `%each NAME%`
/// and `%end%` once for every item of that list; within, the names of the item come before those
/// around it. What is no name of ours stays as it is. Throws std::out_of_range: no such list.
std::string filled(std::string_view text, const Filling& filling);

}  // namespace alert::cli
