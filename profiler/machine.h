#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace alert {

/// The machine this runs on, as stored beside what was measured there. What the kernel does not
/// tell stays empty or 0.
struct Machine {
    std::string hostname;
    std::string cpu;     ///< model name, "Intel(R) Xeon(R) Processor"; else the architecture
    std::string kernel;  ///< "Linux 6.1.0-18-amd64"
    int cores = 0;       ///< processors that it has, whether this process may use them or not
    std::int64_t memory_bytes = 0;
    std::string system_id;  ///< of the operating system: system_id_of(/etc/machine-id); empty in a
                            ///< container, where it is another each time, or everybody's
    double load = 0;        ///< processes running or waiting, mean over the last minute
};

/// Processors that this process may use; 0 where the kernel does not tell.
int allowed_cores();

/// Reads it anew.
Machine describe_machine();

/// A hash of the text of /etc/machine-id, which itself is to be kept to the machine
/// (machine-id(5)): SHA-256 with our own salt, as crypt(3) has it. Empty where the text is no such
/// id.
std::string system_id_of(std::string_view machine_id);

/// The processor's name in the text of /proc/cpuinfo; empty where it is not told (then ask the
/// device tree). x86 calls it "model name", ARM tells part numbers or "Hardware".
std::string cpu_name_in(const std::string& cpuinfo);

}  // namespace alert
