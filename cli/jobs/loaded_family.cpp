#include "cli/jobs/loaded_family.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "alert/error.h"
#include "cli/jobs/origin.h"
#include "cli/text/naming.h"
#include "profiler/stop.h"

namespace alert::cli {

namespace {

// Forms found on this machine with this LibTorch are valid for the same networks.
std::optional<NetworkForm> known_form(const ModelFile& model, const KnownForms& known) {
    for (const db::ModelRow& row : known.models) {
        if (row.name == model.name && row.file_hash == model.hash && row.form) {
            return form_named(*row.form);
        }
    }
    return std::nullopt;
}

std::vector<NetworkFile> files_of(const FamilyRequest& request, const Engine& engine) {
    const db::Machine here = this_machine(engine.version());
    const bool hold = request.known && !other_machine(request.known->machine, here) &&
                      !other_libtorch(request.known->machine, here);
    std::vector<NetworkFile> files;
    for (const ModelFile& model : request.models) {
        files.push_back(
            {.file = model.file,
             .form = hold ? known_form(model, *request.known) : std::optional<NetworkForm>()});
    }
    return files;
}

// Adds the next network.
void add_network(LoadedFamily& family, LoadedNetwork loaded, const FamilyRequest& request,
                 Status& status) {
    const ModelFile& model = request.models[family.networks.size()];
    if (loaded.form) {
        status.detail(fmt::format(
            "{}: {}", model.name,
            loaded.trial.empty() ? to_string(*loaded.form) + ", as stored" : loaded.trial));
    }
    if (family.classes != 0 && loaded.classes != family.classes) {
        throw RequestError(fmt::format(
            "{} has {} classes, {} has {}: the networks of a family must have the same; profile "
            "them separately",
            request.models.front().name, family.classes, model.name, loaded.classes));
    }
    family.classes = loaded.classes;
    if (loaded.warning) {
        status.warn(*loaded.warning);
        family.warnings.push_back(*loaded.warning);
    }
    family.forms.push_back(loaded.form);
    family.networks.push_back(std::move(loaded.network));
}

void load_networks(LoadedFamily& family, const FamilyRequest& request, Status& status,
                   const std::atomic<bool>& stop) {
    const std::vector<NetworkFile> files = files_of(request, *family.engine);
    Progress progress(status, "loading");
    const auto watch = [&](std::size_t network, std::string_view doing) {
        progress.update(static_cast<double>(network) / static_cast<double>(files.size()), {},
                        fmt::format("{}: {}", request.models[network].name, doing));
    };
    for (LoadedNetwork& loaded : family.engine->load_networks(files, watch, stop)) {
        add_network(family, std::move(loaded), request, status);
    }
    if (request.top >= family.classes) {
        throw RequestError(fmt::format(
            "{} has {} classes, but its family.json counts an answer as correct if the label is "
            "among the {} best; correct \"accuracy\" there",
            request.models.front().name, family.classes, request.top));
    }
}

void check_labels(const DataSet& data, const std::filesystem::path& file, int classes) {
    if (data.labels.empty()) {
        return;
    }
    const auto [least, most] = std::minmax_element(data.labels.begin(), data.labels.end());
    if (*least < 0 || *most >= classes) {
        throw RequestError(fmt::format(
            "--data {}: labels range from {} to {}, but the networks have {} classes (0 to {})",
            file.string(), *least, *most, classes, classes - 1));
    }
}

}  // namespace

LoadedFamily load_family(const FamilyRequest& request, Status& status,
                         const std::atomic<bool>& stop) {
    LoadedFamily family;
    EngineOptions options = request.options;
    options.listener = [&status](std::string_view line) { status.detail(line); };
    family.engine = open_engine(options);
    heed(stop);
    family.data = read_data(*family.engine, request.data, status, stop);
    family.data.top = request.top;
    naming(request.models_from, [&] { load_networks(family, request, status, stop); });
    check_labels(family.data, request.data, family.classes);
    return family;
}

WarmUpWatch warm_up_progress(Status& status, const std::vector<ModelFile>& models) {
    const auto progress = std::make_shared<Progress>(status, "warming up");
    return [progress, &models](std::size_t model) {
        progress->update(static_cast<double>(model) / static_cast<double>(models.size()), {},
                         models[model].name);
    };
}

std::vector<std::size_t> group_sizes(const DataSet& data, std::size_t inputs) {
    std::vector<std::size_t> sizes;
    for (std::size_t n = 0; n < (data.groups.empty() ? 0 : inputs); ++n) {
        if (data.begins_group(n % data.size)) {
            sizes.push_back(0);
        }
        ++sizes.back();
    }
    return sizes;
}

}  // namespace alert::cli
