#pragma once

#include <string>
#include <string_view>

#include "profiler/engine/form.h"

namespace alert {

/// The files that a trial finds open, beside /dev/null as its standard ones.
inline constexpr int kTrialSocket = 3;
inline constexpr int kTrialInputs = 4;

/// What a trial tells whoever asked for it: kReady once; then, for every network, kBegins (of the
/// plain form for each of two runs) and kTook or kNotTaken for one form after the other, plain
/// first, and kDone; or kRefused instead. kEnded is not sent: the process of the trial is there no
/// more.
struct TrialMessage {
    enum class Kind { kReady, kBegins, kTook, kNotTaken, kRefused, kDone, kEnded };

    Kind kind = Kind::kDone;
    NetworkForm form = {};
    double value = 0;       ///< kTook: of plain the seconds of a run, of others relative to it
    std::string text = {};  ///< kNotTaken, kRefused: why, in one line
};

std::string encode(const TrialMessage& message);
TrialMessage decode(std::string_view text);

/// Sends a packet over a socket that keeps packets apart; false when the other end is closed.
bool send_packet(int socket, std::string_view packet);
/// Waits for a packet; empty when the other end is closed.
std::string receive_packet(int socket);

}  // namespace alert
