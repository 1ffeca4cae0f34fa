#pragma once

#include <fmt/format.h>

#include <string_view>

#include "alert/error.h"

namespace alert::cli {

/// Does the work. What it refuses without naming a flag ("/nope: no such file") is told with what
/// asked for it in front: "--data /nope: no such file".
template <class Work>
auto naming(std::string_view flag, const Work& work) {
    try {
        return work();
    } catch (const RequestError& error) {
        const std::string_view told = error.what();
        if (told.starts_with("--")) {
            throw;
        }
        throw RequestError(fmt::format("{} {}", flag, told));
    }
}

}  // namespace alert::cli
