#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "profiler/engine/engine.h"

/// Counts how often the number of threads was set, and takes no more of them than it has.
class ScriptedEngine final : public alert::Engine {
   public:
    explicit ScriptedEngine(int most = 64) : most_(most) {}

    std::string version() const override { return "scripted"; }
    int threads() const override { return threads_; }
    void set_threads(int threads) override {
        ++sets;
        threads_ = std::min(threads, most_);
    }
    alert::DataSet load_data(const std::filesystem::path&, const alert::ReadWatch&) override {
        throw std::logic_error("no data");
    }
    std::vector<alert::LoadedNetwork> load_networks(std::span<const alert::NetworkFile>,
                                                    const alert::LoadWatch&,
                                                    const std::atomic<bool>&) override {
        throw std::logic_error("no networks");
    }

    int sets = 0;

   private:
    int most_, threads_ = 1;
};
