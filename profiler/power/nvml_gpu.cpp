#include "profiler/power/nvml_gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "alert/error.h"

namespace alert {

namespace {

using nvml::Functions;

std::optional<std::size_t> number_in(std::string_view text) {
    std::size_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                      : std::nullopt;
}

std::size_t device_number(std::string_view device) {
    const auto colon = device.find(':');
    return colon == std::string_view::npos ? 0 : number_in(device.substr(colon + 1)).value_or(0);
}

// By default CUDA numbers the fastest GPU first; NVML numbers GPUs by their place on the bus.
bool counted_alike(const std::vector<NvmlGpu>& gpus) {
    const char* order = std::getenv("CUDA_DEVICE_ORDER");
    const bool by_place = order != nullptr && std::string_view(order) == "PCI_BUS_ID";
    return by_place || std::all_of(gpus.begin(), gpus.end(), [&](const NvmlGpu& gpu) {
               return gpu.name() == gpus.front().name();
           });
}

const NvmlGpu* by_number(const std::vector<NvmlGpu>& gpus, std::size_t number) {
    if (number < gpus.size() && !counted_alike(gpus)) {
        throw Error(fmt::format(
            "GPUs of several kinds ({}, {}): which one CUDA calls {} is not known here; set "
            "CUDA_DEVICE_ORDER=PCI_BUS_ID, or CUDA_VISIBLE_DEVICES to a UUID",
            gpus.front().name(), gpus.back().name(), number));
    }
    return number < gpus.size() ? &gpus[number] : nullptr;
}

/// One item of $CUDA_VISIBLE_DEVICES: an index, or a UUID or its beginning. Null if there is no
/// such GPU, such as -1: later items are then not visible either.
const NvmlGpu* named(const std::vector<NvmlGpu>& gpus, std::string_view item) {
    if (item.starts_with("MIG-")) {
        throw Error(fmt::format(
            "CUDA_VISIBLE_DEVICES={}: a slice of a GPU (MIG) has no power limit or meter of its "
            "own; name a whole GPU",
            item));
    }
    if (const auto number = number_in(item)) {
        return by_number(gpus, *number);
    }
    const auto found = std::find_if(gpus.begin(), gpus.end(), [&](const NvmlGpu& gpu) {
        return item.starts_with("GPU-") && gpu.uuid().starts_with(item);
    });
    return found != gpus.end() ? &*found : nullptr;
}

/// The visible GPU with this CUDA number.
const NvmlGpu* visible(const std::vector<NvmlGpu>& gpus, std::size_t number) {
    const char* list = std::getenv("CUDA_VISIBLE_DEVICES");
    if (list == nullptr) {
        return by_number(gpus, number);
    }
    std::string_view rest = list;
    const NvmlGpu* gpu = nullptr;
    for (std::size_t i = 0; i <= number; ++i) {
        gpu = named(gpus, rest.substr(0, rest.find(',')));
        if (gpu == nullptr) {
            return nullptr;
        }
        rest = rest.substr(std::min(rest.size(), rest.find(',')));
        rest = rest.substr(rest.empty() ? 0 : 1);
    }
    return gpu;
}

}  // namespace

NvmlGpu::NvmlGpu(std::shared_ptr<const NvmlLibrary> library, nvml::Device device)
    : library_(std::move(library)), device_(device) {
    const auto text = [&](auto function, std::string_view what) {
        std::array<char, nvml::kUuidSize> buffer{};
        check(library_->call(function, device_, buffer.data(), nvml::kUuidSize), what);
        return std::string(buffer.data());
    };
    uuid_ = text(&Functions::uuid, "UUID");
    name_ = text(&Functions::name, "name");
}

std::vector<NvmlGpu> NvmlGpu::all() {
    const auto library = NvmlLibrary::load();
    std::uint32_t count = 0;
    if (const int answer = library->call(&Functions::count, &count); answer != nvml::kSuccess) {
        throw Error("NVIDIA's GPUs: " + library->explain(answer));
    }
    std::vector<NvmlGpu> gpus;
    for (std::uint32_t i = 0; i < count; ++i) {
        nvml::Device device = nullptr;
        if (library->call(&Functions::by_index, i, &device) == nvml::kSuccess) {
            gpus.push_back(NvmlGpu(library, device));
        }
    }
    if (gpus.empty()) {
        throw Error("NVIDIA's driver shows no GPU; in a container: start it with --gpus all");
    }
    return gpus;
}

NvmlGpu NvmlGpu::of_device(std::string_view device) {
    const std::vector<NvmlGpu> gpus = all();
    const std::size_t number = device_number(device);
    const NvmlGpu* const gpu = visible(gpus, number);
    if (gpu == nullptr) {
        const char* list = std::getenv("CUDA_VISIBLE_DEVICES");
        throw Error(fmt::format(
            "no GPU {} is visible to CUDA: {} are here{}; set "
            "CUDA_VISIBLE_DEVICES to an index or a UUID of nvidia-smi -L",
            number, gpus.size(),
            list != nullptr ? fmt::format(", CUDA_VISIBLE_DEVICES={}", list) : std::string()));
    }
    return *gpu;
}

NvmlGpu NvmlGpu::with_uuid(const std::string& uuid) {
    const auto library = NvmlLibrary::load();
    nvml::Device device = nullptr;
    const int answer = library->call(&Functions::by_uuid, uuid.c_str(), &device);
    if (answer != nvml::kSuccess) {
        throw Error(fmt::format("{}: {}", uuid, library->explain(answer)));
    }
    return NvmlGpu(library, device);
}

void NvmlGpu::check(int answer, std::string_view what) const {
    if (answer != nvml::kSuccess) {
        throw Error(fmt::format("{}{}{}: {}", name_, name_.empty() ? "GPU, " : ", ", what,
                                library_->explain(answer)));
    }
}

std::uint32_t NvmlGpu::read(int (*nvml::Functions::*function)(nvml::Device, std::uint32_t*),
                            std::string_view what) const {
    std::uint32_t value = 0;
    check(library_->call(function, device_, &value), what);
    return value;
}

std::uint32_t NvmlGpu::limit_mw() const {
    return read(&Functions::limit, "power limit");
}

std::uint32_t NvmlGpu::default_limit_mw() const {
    return read(&Functions::default_limit, "default power limit");
}

NvmlGpu::Range NvmlGpu::limit_range() const {
    Range range;
    check(library_->call(&Functions::limit_range, device_, &range.least_mw, &range.most_mw),
          "range of the power limit");
    return range;
}

bool NvmlGpu::sliced() const {
    std::uint32_t now = 0;
    std::uint32_t pending = 0;
    const int answer = library_->call(&Functions::mig_mode, device_, &now, &pending);
    if (answer == nvml::kNotSupported || answer == nvml::kFunctionNotFound) {
        return false;
    }
    check(answer, "MIG mode");
    return now != 0;
}

void NvmlGpu::set_limit_mw(std::uint32_t limit_mw) const {
    check(library_->call(&Functions::set_limit, device_, limit_mw),
          fmt::format("power limit of {:.10g}W", 1e-3 * limit_mw));
}

std::optional<std::uint64_t> NvmlGpu::energy_mj() const {
    unsigned long long energy_mj = 0;
    const int answer = library_->call(&Functions::energy, device_, &energy_mj);
    if (answer == nvml::kNotSupported || answer == nvml::kFunctionNotFound) {
        return std::nullopt;
    }
    check(answer, "energy counter");
    return energy_mj;
}

std::uint32_t NvmlGpu::power_mw() const {
    nvml::FieldValue field{.field_id = nvml::kPowerInstant};
    const int answer = library_->call(&Functions::fields, device_, 1, &field);
    if (answer == nvml::kSuccess && field.answer == nvml::kSuccess) {
        return field.value.number;
    }
    return read(&Functions::power, "power");
}

}  // namespace alert
