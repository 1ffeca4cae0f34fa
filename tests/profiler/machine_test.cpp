#include "profiler/machine.h"

#include <sched.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "tests/support/catch.h"

using namespace alert;

TEST_CASE("the machine is described by what the kernel tells") {
    const Machine machine = describe_machine();
    std::array<char, 256> name{};
    REQUIRE(gethostname(name.data(), name.size()) == 0);
    CHECK(machine.hostname == name.data());
    CHECK(machine.kernel.starts_with("Linux "));
    CHECK_FALSE(machine.cpu.empty());
    CHECK(machine.cpu.find('\n') == std::string::npos);
    CHECK(machine.cores >= sysconf(_SC_NPROCESSORS_ONLN));
    std::ifstream meminfo("/proc/meminfo");
    std::string key;
    std::int64_t kilobytes = 0;
    meminfo >> key >> kilobytes;
    REQUIRE(key == "MemTotal:");
    CHECK(machine.memory_bytes == 1024 * kilobytes);
    CHECK(machine.load >= 0);
}

TEST_CASE("a machine has all its processors for a process that may use one") {
    cpu_set_t all, one;
    REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
    const Machine before = describe_machine();
    CPU_ZERO(&one);
    for (int cpu = 0; CPU_COUNT(&one) == 0; ++cpu) {
        if (CPU_ISSET(cpu, &all)) {
            CPU_SET(cpu, &one);
        }
    }
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(allowed_cores() == 1);
    CHECK(describe_machine().cores == before.cores);
    CHECK(describe_machine().system_id == before.system_id);
    REQUIRE(sched_setaffinity(0, sizeof all, &all) == 0);
}

TEST_CASE("the system's id is known by a hash that does not tell it") {
    const std::string id = "0123456789abcdef0123456789abcdef";
    // As `openssl passwd -5 -salt alert.machine` has it.
    CHECK(system_id_of(id) == "tetD2pG/uUZNx/azmVPTdBypUP7R2ufi29nPnPkEPa8");
    CHECK(system_id_of(id + "\n") == system_id_of(id));
    CHECK(system_id_of("1123456789abcdef0123456789abcdef") != system_id_of(id));
}

TEST_CASE("a system without an id has none") {
    for (const char* text :
         {"", "\n", "uninitialized\n", "0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF",
          "0123456789abcdef0123456789abcdef0123456789abcdef"}) {
        CHECK(system_id_of(text).empty());
    }
}

TEST_CASE("an x86 processor is named by its model name") {
    CHECK(
        cpu_name_in("processor\t: 0\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R) CPU @ 2.00GHz\n"
                    "processor\t: 1\nmodel name\t: another\n") == "Intel(R) Xeon(R) CPU @ 2.00GHz");
}

TEST_CASE("an ARM processor is named by its part, or by its numbers") {
    CHECK(cpu_name_in("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n") ==
          "ARM Neoverse-N1");
    CHECK(cpu_name_in("CPU implementer\t: 0x41\nCPU part\t: 0xfff\n") ==
          "ARM implementer 0x41 part 0xfff");
    CHECK(cpu_name_in("CPU implementer\t: 0x61\nCPU part\t: 0xd0c\n") ==
          "ARM implementer 0x61 part 0xd0c");
}

TEST_CASE("text that names no processor gives no name") {
    CHECK(cpu_name_in("").empty());
    CHECK(cpu_name_in("processor\t: 0\nBogoMIPS\t: 50.00\n").empty());
    CHECK(cpu_name_in("no colon here\n: no key\nmodel name\t:\n").empty());
}
