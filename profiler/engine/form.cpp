#include "profiler/engine/form.h"

namespace alert {

std::string to_string(const NetworkForm& form) {
    if (!form.fused) {
        return form.optimised ? "optimised" : "plain";
    }
    return form.optimised ? "optimised, fused" : "fused";
}

std::optional<NetworkForm> form_named(std::string_view name) {
    for (const bool optimised : {false, true}) {
        for (const bool fused : {false, true}) {
            const NetworkForm form{.optimised = optimised, .fused = fused};
            if (to_string(form) == name) {
                return form;
            }
        }
    }
    return std::nullopt;
}

}  // namespace alert
