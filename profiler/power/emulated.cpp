#include "profiler/power/emulated.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "alert/error.h"
#include "profiler/power/builtin_platforms.h"

namespace alert {
namespace {

/// The keys of a platform file, read with a check of their types.
class PlatformFile {
   public:
    PlatformFile(std::string_view text, std::string file) : file_(std::move(file)) {
        json_ = nlohmann::json::parse(text, nullptr, false);
        if (json_.is_discarded()) {
            throw RequestError(file_ + ": not JSON; see docs/platforms.md for a platform file");
        }
        if (!json_.is_object()) {
            throw RequestError(file_ + ": not a JSON object; see docs/platforms.md for the keys");
        }
    }

    std::string text(const char* key) const {
        const nlohmann::json& value = at(key);
        if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
            refuse(key, "must be a string that is not empty");
        }
        return value.get<std::string>();
    }

    double number(const char* key) const { return number(key, at(key)); }

    std::vector<double> numbers(const char* key) const {
        const nlohmann::json& array = at(key);
        if (!array.is_array() || array.empty()) {
            refuse(key, "must be a list of at least one number, in W");
        }
        std::vector<double> values;
        for (const nlohmann::json& value : array) {
            values.push_back(number(key, value));
        }
        return values;
    }

    [[noreturn]] void refuse(const char* key, std::string_view what) const {
        throw RequestError(fmt::format("{}: \"{}\" {}", file_, key, what));
    }

   private:
    const nlohmann::json& at(const char* key) const {
        const auto found = json_.find(key);
        if (found == json_.end()) {
            refuse(key, "is missing");
        }
        return *found;
    }

    double number(const char* key, const nlohmann::json& value) const {
        if (!value.is_number()) {
            refuse(key, fmt::format("must be a number, not {}", shown(value)));
        }
        return value.get<double>();
    }

    // Not its contents, which may be nested arbitrarily deep.
    static std::string shown(const nlohmann::json& value) {
        return value.is_structured() ? std::string(value.is_array() ? "a list" : "an object")
                                     : value.dump();
    }

    std::string file_;
    nlohmann::json json_;
};

void check(const EmulatedPlatform& platform, const PlatformFile& file) {
    if (platform.static_w < 0) {
        file.refuse("static_w", "must be 0 W or more");
    }
    if (platform.peak_w <= platform.static_w) {
        file.refuse("peak_w", fmt::format("must be above static_w, {} W", platform.static_w));
    }
    if (platform.idle_w < 0 || platform.idle_w > platform.peak_w) {
        file.refuse("idle_w", fmt::format("must lie within 0 and peak_w, {} W", platform.peak_w));
    }
    if (platform.exponent <= 0) {
        file.refuse("exponent", "must be above 0");
    }
    double before_w = platform.static_w;
    for (double cap_w : platform.settings_w) {
        if (cap_w <= platform.static_w || cap_w > platform.peak_w) {
            file.refuse("settings_w",
                        fmt::format("has {} W; caps lie above static_w, {} W, and up to peak_w, "
                                    "{} W",
                                    cap_w, platform.static_w, platform.peak_w));
        }
        if (cap_w <= before_w) {
            file.refuse("settings_w", fmt::format("must ascend; {} W does not", cap_w));
        }
        before_w = cap_w;
        if (!(speed_under_cap(platform, cap_w) >= kLeastSpeed)) {
            file.refuse("exponent", fmt::format("leaves no speed at {} W", cap_w));
        }
    }
}

/// "40W", as flags are written.
std::string cap_name(double cap_w) {
    if (cap_w < 1) {
        return fmt::format("{:.10g}mW", cap_w * 1000);
    }
    return cap_w < 1000 ? fmt::format("{:.10g}W", cap_w) : fmt::format("{:.10g}kW", cap_w / 1000);
}

}  // namespace

double speed_under_cap(const EmulatedPlatform& platform, double cap_w) {
    const double dynamic = (cap_w - platform.static_w) / (platform.peak_w - platform.static_w);
    return std::pow(dynamic, 1 / platform.exponent);
}

EmulatedPlatform parse_emulated_platform(std::string_view json, const std::string& file) {
    const PlatformFile keys(json, file);
    EmulatedPlatform platform;
    platform.name = keys.text("name");
    if (keys.text("kind") != "emulated") {
        keys.refuse("kind", "must be \"emulated\"");
    }
    platform.settings_w = keys.numbers("settings_w");
    platform.static_w = keys.number("static_w");
    platform.peak_w = keys.number("peak_w");
    platform.idle_w = keys.number("idle_w");
    platform.exponent = keys.number("exponent");
    check(platform, keys);
    return platform;
}

EmulatedPlatform load_emulated_platform(const std::string& name_or_file) {
    for (const BuiltinPlatform& builtin : builtin_platforms()) {
        if (builtin.name == name_or_file) {
            return parse_emulated_platform(builtin.json, name_or_file + ".json");
        }
    }
    const std::filesystem::path file(name_or_file);
    std::error_code no_file;
    if (!std::filesystem::is_regular_file(file, no_file)) {
        throw RequestError(fmt::format("--power emulated:{}: neither a platform file nor one of {}",
                                       name_or_file, fmt::join(builtin_platform_names(), ", ")));
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw RequestError(fmt::format("--power emulated:{}: cannot be read; check its permissions",
                                       name_or_file));
    }
    const std::string text(std::istreambuf_iterator<char>(in), {});
    return parse_emulated_platform(text, "--power emulated:" + name_or_file);
}

std::vector<std::string> builtin_platform_names() {
    std::vector<std::string> names;
    for (const BuiltinPlatform& builtin : builtin_platforms()) {
        names.emplace_back(builtin.name);
    }
    return names;
}

std::string to_json(const EmulatedPlatform& platform) {
    return nlohmann::ordered_json{{"name", platform.name},
                                  {"kind", "emulated"},
                                  {"settings_w", platform.settings_w},
                                  {"static_w", platform.static_w},
                                  {"peak_w", platform.peak_w},
                                  {"idle_w", platform.idle_w},
                                  {"exponent", platform.exponent}}
        .dump();
}

double stretched_s(double duration_s, const PowerSetting& setting) {
    return duration_s * (setting.emulated ? setting.emulated->stretch : 1);
}

EmulatedKnob::EmulatedKnob(const EmulatedPlatform& platform, std::span<const double> caps_w,
                           std::string spec)
    : spec_(std::move(spec)), power_(std::make_shared<ModelledPower>()) {
    for (double cap_w : caps_w) {
        settings_.push_back(
            {cap_name(cap_w), EmulatedSetting{1 / speed_under_cap(platform, cap_w), cap_w}});
    }
    *power_ = {settings_.back().emulated->power_w, platform.idle_w};
}

void EmulatedKnob::apply(std::size_t setting) {
    power_->inferring_w = settings_.at(setting).emulated->power_w;
}

}  // namespace alert
