#include "cli/jobs/stored_description.h"

#include <chrono>
#include <ctime>
#include <system_error>

#include "cli/jobs/origin.h"

namespace alert::cli {

const std::string& power_spec(const std::string& asked, const db::Description* stored) {
    return stored != nullptr && asked == "auto" ? stored->power_spec : asked;
}

LoadedFamily load_described(const Family& family, const MeasuringRequest& request,
                            const db::Description& described, const db::Description* stored,
                            Status& status, const std::atomic<bool>& stop) {
    FamilyRequest wanted{
        .models = family.models,
        .data = request.data,
        .options = {.device = described.device,
                    .threads = described.threads,
                    .threads_change = joins_threads(power_spec(request.power, stored))},
        .top = family.top.value_or(1)};
    if (stored != nullptr) {
        wanted.known.emplace(KnownForms{stored->machine, stored->models});
    }
    return load_family(wanted, status, stop);
}

void describe_family(const Family& family, const LoadedFamily& loaded, db::Description& row) {
    row.machine = this_machine(loaded.engine->version());
    row.top = family.top.value_or(1);
    row.fail_accuracy =
        family.fail_accuracy.value_or(static_cast<double>(row.top) / loaded.classes);
}

db::ModelRow model_record(const ModelFile& file, const LoadedFamily& loaded, std::size_t network,
                          std::size_t position) {
    db::ModelRow row{.name = file.name,
                     .title = file.title,
                     .file = file.file.string(),
                     .file_hash = file.hash,
                     .stages = loaded.networks[network]->stages(),
                     .position = static_cast<int>(position)};
    if (loaded.forms[network]) {
        row.form = to_string(*loaded.forms[network]);
    }
    return row;
}

db::PowerSettingRow setting_record(const PowerSetting& setting, std::size_t position,
                                   const PowerSetting* reference) {
    db::PowerSettingRow row{.name = setting.name,
                            .position = static_cast<int>(position),
                            .sampled = reference == nullptr};
    if (setting.emulated) {
        row.power_w = setting.emulated->power_w;
        if (reference != nullptr) {
            row.stretch = setting.emulated->stretch / reference->emulated->stretch;
        }
    }
    return row;
}

void describe_platform(const Platform& platform, db::Description& row) {
    row.power_spec = platform.knob->spec();
    row.platform_json = platform.description_json;
    if (platform.meter) {
        row.energy_source = platform.meter->source();
        row.idle_power_w = idle_power_w(*platform.meter);
    }
}

std::optional<double> energy_resolution_s(const Platform& platform) {
    if (!platform.meter || platform.meter->resolution_s() == 0) {
        return std::nullopt;
    }
    return platform.meter->resolution_s();
}

std::optional<db::Store> store_if_there(const std::filesystem::path& file, bool dry_run) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        if (!dry_run) {
            db::Store::check_writable(file);  // before networks are loaded for a minute
        }
        return {};
    }
    return db::Store(file, dry_run ? db::Store::Mode::kRead : db::Store::Mode::kExisting);
}

std::string utc_now() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

}  // namespace alert::cli
