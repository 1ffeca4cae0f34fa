#include "profiler/engine/trial_message.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <sstream>

namespace alert {
namespace {

// Longer than the longest path and the longest line of LibTorch that is reported.
constexpr std::size_t kLongest = 16384;

}  // namespace

std::string encode(const TrialMessage& message) {
    return fmt::format("{} {:d} {:d} {} {}", static_cast<int>(message.kind), message.form.optimised,
                       message.form.fused, message.value, message.text)
        .substr(0, kLongest);
}

TrialMessage decode(std::string_view text) {
    std::istringstream in{std::string(text)};
    TrialMessage message;
    int kind = 0;
    in >> kind >> message.form.optimised >> message.form.fused >> message.value;
    message.kind = static_cast<TrialMessage::Kind>(kind);
    in.get();
    std::getline(in, message.text, '\0');
    return message;
}

bool send_packet(int socket, std::string_view packet) {
    ssize_t sent = 0;
    do {
        sent = send(socket, packet.data(), packet.size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

std::string receive_packet(int socket) {
    std::array<char, kLongest> bytes{};
    ssize_t size = 0;
    do {
        size = recv(socket, bytes.data(), bytes.size(), 0);
    } while (size < 0 && errno == EINTR);
    return {bytes.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
}

}  // namespace alert
