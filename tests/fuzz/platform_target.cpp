// A platform file.
#include <cmath>
#include <string>

#include "profiler/power/emulated.h"
#include "tests/fuzz/targets.h"

namespace alert::fuzz {

void platform(std::string_view input) {
    const auto platform =
        accepted(input, [&] { return parse_emulated_platform(input, "platform.json"); });
    if (!platform) {
        return;
    }
    const EmulatedKnob knob(*platform, platform->settings_w, "emulated");
    require(knob.settings().size() == platform->settings_w.size(), "caps are lost");
    for (const PowerSetting& setting : knob.settings()) {
        const double stretch = setting.emulated->stretch;
        require(std::isfinite(stretch) && stretch > 0, "no time can be stretched by this");
        require(!setting.name.empty(), "a cap without a name");
    }
    const EmulatedPlatform again = parse_emulated_platform(to_json(*platform), "again.json");
    require(again.name == platform->name && again.settings_w == platform->settings_w &&
                again.static_w == platform->static_w && again.peak_w == platform->peak_w &&
                again.idle_w == platform->idle_w && again.exponent == platform->exponent,
            "read back differently: " + to_json(*platform));
}

}  // namespace alert::fuzz
