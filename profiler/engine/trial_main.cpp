// The process of a trial (trial_process.h): tries networks until the process that started it ends.
//
//     alert_torch_trial THREADS MAY_FUSE GREATEST_LABEL DATA_FILE

#include <sys/prctl.h>
#include <torch/csrc/jit/serialization/pickle.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/engine/torch_library.h"
#include "profiler/engine/torch_trial.h"
#include "profiler/engine/trial_message.h"

namespace {

using alert::TrialMessage;

std::vector<char> read_all(int file) {
    std::vector<char> content;
    std::array<char, 65536> bytes{};
    for (ssize_t size = 0; (size = read(file, bytes.data(), bytes.size())) > 0;) {
        content.insert(content.end(), bytes.begin(), bytes.begin() + size);
    }
    return content;
}

void tell(const TrialMessage& message) {
    if (!alert::send_packet(alert::kTrialSocket, alert::encode(message))) {
        _exit(0);  // the other end is gone
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        return 2;
    }
    prctl(PR_SET_DUMPABLE, 0);  // crashes are expected: no core dumps of half a gigabyte
    alert::start_library(std::atoi(argv[1]));
    alert::set_listener({});
    const bool may_fuse = argv[2][0] == '1' && alert::can_fuse();
    const auto data = std::make_shared<alert::TorchData>();
    data->file = argv[4];
    data->inputs = torch::jit::pickle_load(read_all(alert::kTrialInputs)).toTensor();
    data->labels.assign(2, std::atoll(argv[3]));
    tell({.kind = TrialMessage::Kind::kReady});
    for (std::string file; !(file = alert::receive_packet(alert::kTrialSocket)).empty();) {
        alert::try_network(file, data, may_fuse, tell);
    }
    _exit(0);  // without LibTorch's slow clean-up
}
