// A family.json beside networks, one of whose names is a number that no index is.
#include <string>

#include "profiler/family.h"
#include "tests/fuzz/targets.h"

namespace alert::fuzz {

void family(std::string_view input) {
    const auto folder = fuzz::folder() / "family";
    std::filesystem::create_directories(folder);
    for (const char* network : {"family/net.pt", "family/99999999999999999999.pt"}) {
        if (!std::filesystem::exists(fuzz::folder() / network)) {
            file_with("", network);
        }
    }
    file_with(input, "family/family.json");
    const auto family = accepted(input, [&] { return find_family({folder}); });
    if (!family) {
        return;
    }
    require(family->models.size() == 2, "networks are lost");
    require(!family->top || *family->top > 0, "no answer could be right");
    require(!family->fail_accuracy || (*family->fail_accuracy >= 0 && *family->fail_accuracy <= 1),
            "an accuracy that is none");
}

}  // namespace alert::fuzz
