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
    /// Whether set_threads is called while networks are used: fused loops use one thread only.
    bool threads_change = false;
    /// Gets, line by line and from any thread, what networks print and LibTorch's warnings; empty:
    /// they are dropped. What it refers to must outlive the engine.
    std::function<void(std::string_view line)> listener = {};
    /// How long a network may take for one input in a trial before it counts as hung.
    double patience_s = 120;
};

/// A loaded TorchScript network, traditional or anytime. Not thread-safe.
class Network {
   public:
    virtual ~Network() = default;

    /// 0 for a traditional network, K for an anytime one.
    virtual int stages() const = 0;

    /// Prepares input `n` of the data set as a batch of one: everything that comes before the first
    /// layer. Not part of any latency.
    virtual void load_input(std::size_t n) = 0;

    /// Runs the whole network (traditional) or its next stage (anytime); the output is complete,
    /// and the device idle, when it returns. Throws Error, which names the input, if the network
    /// itself fails, and std::logic_error after the last stage: every inference starts with
    /// load_input.
    virtual void run_stage() = 0;

    /// Whether `label` is among the `top` best classes of the last output; of equal scores the
    /// first is the better. Not part of the latency. Throws Error, which names the input, if the
    /// scores are not [1, C] with C > label, or contain a NaN.
    virtual bool ranks(std::int64_t label, int top) = 0;

    /// The log loss of `label` for the last output: minus the natural logarithm of its probability,
    /// with the scores as logits. Not part of the latency; throws as `ranks` does.
    virtual double log_loss(std::int64_t label) = 0;

    /// Number of classes C in the last output.
    virtual int classes() = 0;
};

/// The inputs and labels of a data file; inputs stay inside the engine.
struct DataSet {
    std::size_t size = 0;
    std::vector<std::int64_t> labels;
    std::vector<std::int64_t> groups;  ///< of every input, ascending; empty: no groups
    int top = 1;                       ///< correct: the label is among this many best classes
    bool perplexity = false;           ///< whether log losses are measured beside the accuracy

    /// Whether a group begins with this input; without groups every input is one of its own.
    bool begins_group(std::size_t input) const {
        return groups.empty() || input == 0 || groups[input] != groups[input - 1];
    }
    /// Groups over inputs: 1 without groups.
    double groups_per_input() const;
};

/// A network to load.
struct NetworkFile {
    std::filesystem::path file;
    std::optional<NetworkForm> form = {};  ///< found by an earlier trial; empty: a trial is needed
};

/// A loaded network, and what was found out about it while loading.
struct LoadedNetwork {
    std::unique_ptr<Network> network;
    int classes = 0;                  ///< number of its classes; 0 without data
    std::optional<NetworkForm> form;  ///< empty if none was chosen: without data, or on a GPU
    std::string trial;                ///< result of the trial, in one line; empty without one
    std::optional<std::string>
        warning;  ///< why its answers may be wrong, in a line with the remedy
};

/// Called at least ten times a second while networks are tried, and before each is run in this
/// process, with the index of the network and what is being done with it.
using LoadWatch = std::function<void(std::size_t network, std::string_view doing)>;

/// Runs networks. The only implementation, with LibTorch, is a module that is opened when needed.
/// An engine and its networks are used from the thread that opened it; networks may outlive it.
class Engine {
   public:
    virtual ~Engine() = default;

    /// Version of the library that runs the networks, e.g. "1.13.1".
    virtual std::string version() const = 0;

    /// The number of threads with which a network computes; set_threads changes it from now on.
    virtual int threads() const = 0;
    virtual void set_threads(int threads) = 0;

    /// Reads {"inputs", "labels"[, "groups"]} and keeps it for every network loaded afterwards.
    /// Throws RequestError, one line, if the file is not such a dictionary.
    virtual DataSet load_data(const std::filesystem::path& file, const ReadWatch& watch) = 0;

    /// Loads and freezes networks and moves them to the device. If data was read before, each
    /// network answers its first input in this process two or three times. On a CPU each network is
    /// tried before that, unless its form is known: in a separate process, which may crash or hang,
    /// and in all forms for which a few seconds suffice; the fastest with the same scores is used.
    /// Throws RequestError if a file is not a TorchScript module, holds data or follows neither
    /// convention, and if a network does not accept the inputs, scores fewer classes than there are
    /// labels, crashes or hangs. Throws Interrupted, within one stage, if `stop` was set.
    virtual std::vector<LoadedNetwork> load_networks(std::span<const NetworkFile> files,
                                                     const LoadWatch& watch,
                                                     const std::atomic<bool>& stop) = 0;
};

/// Opens the engine module; takes about a second the first time.
std::unique_ptr<Engine> open_engine(const EngineOptions& options);

}  // namespace alert
