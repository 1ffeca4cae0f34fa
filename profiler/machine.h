#pragma once

#include <string>

namespace alert {

/// The machine this runs on, as stored beside what was measured there. What the kernel does not
/// tell stays empty or 0.
struct Machine {
    std::string hostname;
    std::string cpu;     ///< model name, "Intel(R) Xeon(R) Processor"; else the architecture
    std::string kernel;  ///< "Linux 6.1.0-18-amd64"
    int cores = 0;       ///< that this process may use
    double load = 0;     ///< processes running or waiting, mean over the last minute
};

/// Processors that this process may use; 0 where the kernel does not tell.
int allowed_cores();

/// Reads it anew.
Machine describe_machine();

/// The processor's name in the text of /proc/cpuinfo; empty where it is not told (then ask the
/// device tree). x86 calls it "model name", ARM tells part numbers or "Hardware".
std::string cpu_name_in(const std::string& cpuinfo);

}  // namespace alert
