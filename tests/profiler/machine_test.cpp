#include "profiler/machine.h"

#include <unistd.h>

#include <array>

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
    CHECK(machine.cores >= 1);
    CHECK(machine.cores <= sysconf(_SC_NPROCESSORS_ONLN));
    CHECK(machine.load >= 0);
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
