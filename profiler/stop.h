#pragma once

#include <atomic>
#include <exception>

namespace alert {

/// Thrown when a stop was requested before the work was complete.
class Interrupted : public std::exception {
   public:
    const char* what() const noexcept override { return "interrupted"; }
};

/// Throws Interrupted if a stop was requested.
inline void heed(const std::atomic<bool>& stop) {
    if (stop.load(std::memory_order_relaxed)) {
        throw Interrupted();
    }
}

}  // namespace alert
