#pragma once

#include <atomic>
#include <exception>

namespace alert {

/// Thrown where a stop was asked for before what was begun came to its end.
class Interrupted : public std::exception {
   public:
    const char* what() const noexcept override { return "interrupted"; }
};

/// Throws Interrupted where a stop was asked for.
inline void heed(const std::atomic<bool>& stop) {
    if (stop.load(std::memory_order_relaxed)) {
        throw Interrupted();
    }
}

}  // namespace alert
