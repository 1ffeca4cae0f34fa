#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace alert {

/// The machine this runs on, as stored with what was measured there. What the kernel does not
/// report is empty or 0.
struct Machine {
    std::string hostname;
    std::string cpu;     ///< model name, "Intel(R) Xeon(R) Processor"; else the architecture
    std::string kernel;  ///< "Linux 6.1.0-18-amd64"
    int cores = 0;       ///< number of processors, whether this process may use them or not
    std::int64_t memory_bytes = 0;
    std::string system_id;  ///< of the operating system: system_id_of(/etc/machine-id); empty in a
                            ///< container, where it differs each time, or is the same for all
    double load = 0;        ///< processes running or waiting, mean over the last minute
};

/// Number of processors that this process may use; 0 if the kernel does not report it.
int allowed_cores();

/// Reads it anew.
Machine describe_machine();

/// A hash of the text of /etc/machine-id, which itself must not leave the machine (machine-id(5)):
/// SHA-256 with our own salt, as crypt(3) computes it. Empty if the text is not such an id.
std::string system_id_of(std::string_view machine_id);

/// The processor's name in the text of /proc/cpuinfo; empty if it has none (then read the device
/// tree). x86 calls it "model name", ARM has part numbers or "Hardware".
std::string cpu_name_in(const std::string& cpuinfo);

}  // namespace alert
