#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace alert {

/// Where and how networks run.
struct EngineOptions {
    std::string device = "cpu";  ///< "cpu", "cuda" or "cuda:N"
    int threads = 1;             ///< intra-operator threads
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
    /// and the device idle, when it returns. Throws Error when the network itself fails, and
    /// std::logic_error after the last stage: every inference starts with load_input.
    virtual void run_stage() = 0;

    /// Whether `label` is among the `top` best classes of the last output, read after the clock was
    /// stopped; of equal scores the first is the better. Throws Error where the scores are not
    /// [1, C] with C > label, or hold a NaN.
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
    virtual DataSet load_data(const std::filesystem::path& file) = 0;

    /// Loads, freezes and moves a network to the device. Throws RequestError where the file is
    /// not a TorchScript module, holds data, or follows neither convention. Where data was read
    /// before, the network is tried on it: it is refused when it does not take the inputs or
    /// scores fewer classes than there are labels, and on a CPU the faster of two forms with the
    /// same scores is kept, which takes up to about a second.
    virtual std::unique_ptr<Network> load_network(const std::filesystem::path& file) = 0;
};

/// Opens the engine module; takes about a second the first time.
std::unique_ptr<Engine> open_engine(const EngineOptions& options);

}  // namespace alert
