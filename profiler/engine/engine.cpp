#include "profiler/engine/engine.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "alert/error.h"
#include "profiler/engine/module.h"

namespace alert {

double DataSet::groups_per_input() const {
    std::size_t begun = 0;
    for (std::size_t input = 0; input < size; ++input) {
        begun += begins_group(input) ? 1 : 0;
    }
    return static_cast<double>(begun) / static_cast<double>(size);
}

namespace {

namespace fs = std::filesystem;

constexpr const char* kModule = "libalert_torch.so";
constexpr const char* kFactory = "alert_make_engine";
constexpr const char* kVariable = "ALERT_ENGINE";

// Where the module may be, in the order of the search: installed, built, elsewhere.
std::vector<fs::path> candidates() {
    std::vector<fs::path> folders;
    std::error_code failed;
    const fs::path program = fs::read_symlink("/proc/self/exe", failed);
    if (!failed) {
        const fs::path folder = program.parent_path();
        folders = {folder.parent_path() / "lib" / "alert", folder};
    }
    folders.emplace_back(ALERT_ENGINE_DIR);
    return folders;
}

fs::path find_module() {
    std::error_code failed;
    if (const char* named = std::getenv(kVariable); named != nullptr && *named != '\0') {
        if (!fs::is_regular_file(named, failed)) {
            throw RequestError(
                fmt::format("{} is {}, which is not a file; unset it, or set it to the path of {}",
                            kVariable, named, kModule));
        }
        return named;
    }
    std::vector<std::string> looked_in;
    for (const fs::path& folder : candidates()) {
        if (fs::is_regular_file(folder / kModule, failed)) {
            return folder / kModule;
        }
        looked_in.push_back(folder.string());
    }
    throw Error(
        fmt::format("{}, which runs the networks, is not in {}; install "
                    "the package libtorch-dev and build again, or set {} to the file",
                    kModule, fmt::join(looked_in, ", "), kVariable));
}

// The reason of the loader, without the path, which it repeats.
std::string loader_error(const fs::path& module) {
    const char* text = dlerror();
    std::string reason = text != nullptr ? text : "unknown";
    const std::string prefix = module.string() + ": ";
    if (reason.starts_with(prefix)) {
        reason.erase(0, prefix.size());
    }
    return reason;
}

}  // namespace

std::unique_ptr<Engine> open_engine(const EngineOptions& options) {
    const fs::path module = find_module();
    // Never closed: LibTorch's libraries do not survive being unloaded, and its exceptions and
    // objects may outlive the engine.
    void* handle = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        throw Error(
            fmt::format("{} does not load: {}; is the package libtorch-dev "
                        "it was built with installed?",
                        module.string(), loader_error(module)));
    }
    const auto make = reinterpret_cast<decltype(&alert_make_engine)>(dlsym(handle, kFactory));
    if (make == nullptr) {
        throw Error(fmt::format("{} is no engine: it has no {}; build it again, or unset {}",
                                module.string(), kFactory, kVariable));
    }
    return std::unique_ptr<Engine>(make(&options));
}

}  // namespace alert
