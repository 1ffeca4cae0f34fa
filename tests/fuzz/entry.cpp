// libFuzzer's end of a target, whose name ALERT_FUZZ_TARGET is. What a target throws ends the run.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    alert::fuzz::ALERT_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}
