#pragma once

#include <string>
#include <string_view>

#include "profiler/engine/form.h"

namespace alert {

/// The descriptors that are open in a trial process; its standard ones are /dev/null.
inline constexpr int kTrialSocket = 3;
inline constexpr int kTrialInputs = 4;

/// What a trial process reports: kReady once; then, for every network, kBegins (for the plain form
/// before each of two runs) and kTook or kNotTaken for one form after the other, plain first, and
/// kDone; or kRefused instead. kEnded is not sent: it means that the process has ended.
struct TrialMessage {
    enum class Kind { kReady, kBegins, kTook, kNotTaken, kRefused, kDone, kEnded };

    Kind kind = Kind::kDone;
    NetworkForm form = {};
    double value = 0;       ///< kTook: seconds per run of plain; of other forms relative to plain
    std::string text = {};  ///< kNotTaken, kRefused: the reason, in one line
};

std::string encode(const TrialMessage& message);
TrialMessage decode(std::string_view text);

/// Sends a packet over a socket that preserves packets; false if the other end is closed.
bool send_packet(int socket, std::string_view packet);
/// Waits for a packet; empty if the other end is closed.
std::string receive_packet(int socket);

}  // namespace alert
