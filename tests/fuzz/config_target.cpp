// A file of options, as the whole program reads it.
#include <array>
#include <sstream>
#include <string>

#include "cli/commands/app.h"
#include "tests/fuzz/targets.h"

namespace alert::fuzz {

void config(std::string_view input) {
    using namespace alert::cli;
    const std::string file = file_with(input, "alert.ini");
    // A command that touches nothing, whatever else the file says.
    const std::array argv = {"alert", "--config", file.c_str(), "completion", "bash"};
    std::ostringstream out, err;
    Reporter reporter(err, /*live=*/false, /*colour=*/false);
    Context context{.out = out, .reporter = reporter, .style = {}, .store = {}, .command = {}};
    const int code = run_app(static_cast<int>(argv.size()), argv.data(), context, err);
    require(code == kDone || code == kWrongRequest, "neither done nor refused: " + err.str());
    if (code == kWrongRequest) {
        std::string said = err.str();
        require(said.ends_with('\n'), "a refusal without its end");
        said.pop_back();
        require(said.find('\n') == std::string::npos, "more than a line: " + said);
        require(said.starts_with("alert: error: "), "no refusal of ours: " + said);
    }
}

}  // namespace alert::fuzz
