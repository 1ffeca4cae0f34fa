#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "profiler/power/cgroup.h"
#include "tests/profiler/temporary_folder.h"

/// Control groups that stand still: files where the kernel would have its own.
namespace cgroup_tree {

inline void put(const std::filesystem::path& file, std::string_view text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

/// A cgroup v2 file system that stands still: root with two controllers, /app with ours.
struct StillTree {
    TemporaryFolder folder;
    std::filesystem::path base = folder.path() / "fs/cgroup";
    std::filesystem::path app = base / "app";

    StillTree() {
        setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
        put(base / "cgroup.controllers", "cpu memory\n");
        put(base / "cgroup.procs", "");
        put(app / "cgroup.controllers", "cpu memory\n");
        put(app / "cgroup.subtree_control", "\n");
        put(app / "cgroup.procs", std::to_string(getpid()) + "\n");
    }
    alert::CpuGroup group() const { return alert::find_cpu_group(folder.path(), "0::/app\n"); }
};

}  // namespace cgroup_tree
