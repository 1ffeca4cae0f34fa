#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/engine/form.h"
#include "profiler/read_watch.h"

namespace alert {

/// Where and how networks run.
struct EngineOptions {
    std::string device = "cpu";  ///< "cpu", "cuda" or "cuda:N"
    int threads = 1;             ///< intra-operator threads
    /// Whether set_threads is called while networks are used: fused loops keep to one thread.
    bool threads_change = false;
    /// Is told, line by line, what networks print and what LibTorch warns of, from any thread;
    /// empty: nobody is. What it refers to outlives the engine.
    std::function<void(std::string_view line)> listener = {};
    /// How long a network may take over one input before it is taken to hang, when it is tried.
    double patience_s = 120;
};

/// A loaded TorchScript network (method: the anytime convention). Not thread-safe.
class Network {
   public:
    virtual ~Network() = default;

    /// 0 for a traditional network, K for an anytime one.
    virtual int stages() const = 0;

    /// Starts input `n` of the data set as a batch of one: everything that comes before the
    /// first layer. Not part of any latency.
    virtual void load_input(std::size_t n) = 0;

    /// Runs the whole network (traditional) or its next stage (anytime); the output is complete,
    /// and the device idle, when it returns. Throws Error, which names the input, when the network
    /// itself fails, and std::logic_error after the last stage: every inference starts with
    /// load_input.
    virtual void run_stage() = 0;

    /// Whether `label` is among the `top` best classes of the last output, read after the clock was
    /// stopped; of equal scores the first is the better. Throws Error where the scores are not
    /// [1, C] with C > label, or hold a NaN (of which input, it says).
    virtual bool ranks(std::int64_t label, int top) = 0;

    /// How surprising `label` is to the last output: minus the natural logarithm of its
    /// probability, the scores taken for logits. Read after the clock was stopped; throws as
    /// `ranks` does.
    virtual double log_loss(std::int64_t label) = 0;

    /// Number of classes C in the last output.
    virtual int classes() = 0;
};

/// The inputs and labels of a data file; inputs stay inside the engine.
struct DataSet {
    std::size_t size = 0;
    std::vector<std::int64_t> labels;
    std::vector<std::int64_t> groups;  ///< of every input, ascending; empty: none
    int top = 1;              ///< an answer is right when the label is among so many best classes
    bool perplexity = false;  ///< whether log losses are measured beside the accuracy
};

/// A network to load.
struct NetworkFile {
    std::filesystem::path file;
    std::optional<NetworkForm> form = {};  ///< found by an earlier trial; empty: a trial finds it
};

/// A network that was loaded, and what came out while it was.
struct LoadedNetwork {
    std::unique_ptr<Network> network;
    int classes = 0;                     ///< that it scores; 0 without data
    std::optional<NetworkForm> form;     ///< empty where none was chosen: without data, on a GPU
    std::string trial;                   ///< what a trial found, in a line; empty without one
    std::optional<std::string> warning;  ///< why its answers may be wrong, in a line with the mend
};

/// Called at least ten times a second while networks are tried, and before each runs here: the
/// index of the network, and what is being done with it.
using LoadWatch = std::function<void(std::size_t network, std::string_view doing)>;

/// Runs networks. The one implementation, over LibTorch, is a module opened at first need. An
/// engine and its networks are used from the thread that opened it; networks may outlive it.
class Engine {
   public:
    virtual ~Engine() = default;

    /// Version of the library that runs the networks, e.g. "1.13.1".
    virtual std::string version() const = 0;

    /// How many threads a network computes with, and another number of them from now on.
    virtual int threads() const = 0;
    virtual void set_threads(int threads) = 0;

    /// Reads {"inputs", "labels"[, "groups"]} and keeps it for every network loaded after.
    /// Throws RequestError, one line, where the file is not such a dictionary.
    virtual DataSet load_data(const std::filesystem::path& file, const ReadWatch& watch) = 0;

    /// Loads and freezes networks and moves them to the device. Where data was read before, each
    /// answers its first input here two or three times. On a CPU it is tried before that, unless
    /// its form is known: in a process of its own, which may crash or hang, and in all forms that
    /// a few seconds allow; the fastest with the same scores is taken. Throws RequestError where a
    /// file is not a TorchScript module, holds data or follows neither convention, and where a
    /// network does not take the inputs, scores fewer classes than there are labels, crashes or
    /// hangs; Interrupted, within one stage, where `stop` was set.
    virtual std::vector<LoadedNetwork> load_networks(std::span<const NetworkFile> files,
                                                     const LoadWatch& watch,
                                                     const std::atomic<bool>& stop) = 0;
};

/// Opens the engine module; takes about a second the first time.
std::unique_ptr<Engine> open_engine(const EngineOptions& options);

}  // namespace alert
