#pragma once

#include <caffe2/serialize/inline_container.h>

#include <filesystem>
#include <memory>
#include <string_view>

namespace alert {

/// What PyTorch wrote into a file.
enum class FileContent {
    kNetwork,  ///< a TorchScript module
    kData,     ///< anything that torch.save wrote
};

/// A file that PyTorch wrote, open: a zip archive of records.
struct TorchFile {
    FileContent content = FileContent::kData;
    std::unique_ptr<caffe2::serialize::PyTorchStreamReader> records;
};

/// Opens a file without reading all of it. Throws RequestError, which ends with `mend`, where it
/// cannot be read, is not of PyTorch 1.6 or later, or was written in another order of bytes.
TorchFile open_torch_file(const std::filesystem::path& file, std::string_view mend);

/// What is in the file; throws as open_torch_file does.
FileContent content_of(const std::filesystem::path& file, std::string_view mend);

}  // namespace alert
