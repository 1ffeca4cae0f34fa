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

/// A family's networks and its data, loaded and checked against one another before anything on the
/// machine is changed.
namespace alert::cli {

struct LoadedFamily {
    std::unique_ptr<Engine> engine;  // outlives the networks
    DataSet data;
    std::vector<std::unique_ptr<Network>> networks;
    std::vector<std::optional<NetworkForm>> forms;  ///< of the networks
    int classes = 0;
    std::vector<std::string> warnings;  ///< about networks, one line each; they were warned of
};

/// The models of a profile or trace and the machine that they were tried on: there, the forms that
/// were found need no other trial.
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
    /// What named the networks, in front of what is refused of them.
    std::string models_from = "--models";
    std::optional<KnownForms> known = {};
};

/// Opens the engine, reads the data and loads every network; each answers one input, on a CPU
/// after a trial where its form is not known. Progress, what trials find and what networks print
/// are reported. Throws RequestError: files that are not what they should be, shapes or types that
/// do not fit, NaN scores, numbers of classes that differ or do not hold the labels; and
/// Interrupted.
LoadedFamily load_family(const FamilyRequest& request, Status& status,
                         const std::atomic<bool>& stop);

/// Shows as a progress line which of the models is being warmed up.
WarmUpWatch warm_up_progress(Status& status, const std::vector<ModelFile>& models);

/// Of the first `inputs` of the data, which starts over when it ends; empty where it has no groups.
std::vector<std::size_t> group_sizes(const DataSet& data, std::size_t inputs);

}  // namespace alert::cli
