#include "profiler/engine/torch_error.h"

#include <c10/util/Exception.h>

#include <sstream>
#include <string_view>

namespace alert {
namespace {

constexpr std::string_view kInterpreter = "The following operation failed in the TorchScript";
constexpr std::size_t kLongest = 300;

// Whether this line belongs to the interpreter's traceback, which is indented except for its
// headings and the names of files inside the module.
bool of_traceback(const std::string& line) {
    return line.empty() || line.front() == ' ' || line.starts_with("Traceback of TorchScript") ||
           line.starts_with(kInterpreter);
}

}  // namespace

std::string one_line(const std::exception& error) {
    const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
    std::istringstream lines(of_torch != nullptr ? of_torch->what_without_backtrace()
                                                 : error.what());
    std::string line;
    while (std::getline(lines, line) && of_traceback(line)) {
    }
    if (of_traceback(line)) {
        return "LibTorch does not say why";
    }
    if (line.size() > kLongest) {
        line = line.substr(0, kLongest) + "...";
    }
    return line;
}

}  // namespace alert
