#pragma once

#include <fmt/format.h>

#include <string_view>

#include "alert/error.h"

namespace alert::cli {

/// Does the work. If it throws a RequestError that names no flag ("/nope: no such file"), puts the
/// flag in front of it: "--data /nope: no such file".
template <class Work>
auto naming(std::string_view flag, const Work& work) {
    try {
        return work();
    } catch (const RequestError& error) {
        const std::string_view text = error.what();
        if (text.starts_with("--")) {
            throw;
        }
        throw RequestError(fmt::format("{} {}", flag, text));
    }
}

}  // namespace alert::cli
