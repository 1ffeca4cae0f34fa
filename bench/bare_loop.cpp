// The least that running a network takes: LibTorch alone, one input after another. What `alert run`
// adds is measured against it (scripts/bench). Prints the seconds of every input, one a line.
//
//     bare_loop NETWORK.pt DATA.pt INPUTS
#include <ATen/Parallel.h>
#include <torch/csrc/jit/serialization/pickle.h>
#include <torch/script.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: bare_loop NETWORK.pt DATA.pt INPUTS\n");
        return 2;
    }
    const auto inputs = std::stoll(argv[3]);
    at::set_num_threads(1);
    if (openblas_set_num_threads != nullptr) {  // its threads are not LibTorch's
        openblas_set_num_threads(1);
    }
    const c10::InferenceMode no_gradients;
    torch::jit::Module network = torch::jit::load(argv[1]);
    network.eval();
    if (network.hasattr("training")) {
        network = torch::jit::freeze(network);
    }
    network = torch::jit::optimize_for_inference(network);  // the form that the engine finds faster
    std::ifstream file(argv[2], std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    const at::Tensor data = torch::jit::pickle_load(bytes).toGenericDict().at("inputs").toTensor();

    constexpr int kWarmUp = 50;
    std::vector<double> seconds;
    for (long long n = -kWarmUp; n < inputs; ++n) {
        const auto start = std::chrono::steady_clock::now();
        const auto row = (n + kWarmUp) % data.size(0);
        const at::Tensor scores = network.forward({data.slice(0, row, row + 1)}).toTensor();
        const auto answer = scores.argmax(-1).item<int64_t>();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        if (n >= 0 && answer >= 0) {
            seconds.push_back(took.count());
        }
    }
    for (const double second : seconds) {
        std::printf("%.9f\n", second);
    }
}
