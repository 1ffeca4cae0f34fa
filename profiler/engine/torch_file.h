#pragma once

#include <filesystem>
#include <string_view>

namespace alert {

/// What PyTorch wrote into a file.
enum class FileContent {
    kNetwork,  ///< a TorchScript module
    kData,     ///< anything that torch.save wrote
};

/// Looks into a file without reading all of it. Throws RequestError, which ends with `mend`, where
/// it cannot be read or is not of PyTorch 1.6 or later.
FileContent content_of(const std::filesystem::path& file, std::string_view mend);

}  // namespace alert
