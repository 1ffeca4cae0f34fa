#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/jobs/status.h"
#include "db/records.h"
#include "profiler/engine/engine.h"
#include "profiler/family.h"
#include "profiler/warm_up.h"

/// The networks of a family and its data, loaded and checked against each other before anything on
/// the machine is changed.
namespace alert::cli {

struct LoadedFamily {
    std::unique_ptr<Engine> engine;  // outlives the networks
    DataSet data;
    std::vector<std::unique_ptr<Network>> networks;
    std::vector<std::optional<NetworkForm>> forms;  ///< of the networks
    int classes = 0;
    std::vector<std::string> warnings;  ///< about networks, one line each; already reported
};

/// The models of a profile or trace, and the machine on which they were tried: on the same machine
/// their forms need no further trial.
struct KnownForms {
    const db::Machine& machine;
    std::span<const db::ModelRow> models;
};

/// What is to be loaded.
struct FamilyRequest {
    std::span<const ModelFile> models;
    std::filesystem::path data;
    EngineOptions options;
    int top = 1;  ///< see DataSet
    /// The flag that named the networks, for errors.
    std::string models_from = "--models";
    std::optional<KnownForms> known = {};
};

/// Opens the engine, reads the data and loads every network. Each answers one input; on a CPU, a
/// network whose form is not known is tried first. Reports progress, the results of trials, and
/// what networks print. Throws RequestError (wrong files, shapes or types that do not fit, NaN
/// scores, numbers of classes that differ or do not cover the labels) and Interrupted.
LoadedFamily load_family(const FamilyRequest& request, Status& status,
                         const std::atomic<bool>& stop);

/// Shows in a progress line which model is being warmed up.
WarmUpWatch warm_up_progress(Status& status, const std::vector<ModelFile>& models);

/// The sizes of the groups of the first `inputs`; the data starts over when it ends. Empty if it
/// has no groups.
std::vector<std::size_t> group_sizes(const DataSet& data, std::size_t inputs);

}  // namespace alert::cli
