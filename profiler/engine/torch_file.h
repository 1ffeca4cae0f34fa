#pragma once

#include <caffe2/serialize/inline_container.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>

#include "profiler/read_watch.h"

namespace alert {

/// What PyTorch wrote into a file.
enum class FileContent {
    kNetwork,  ///< a TorchScript module
    kData,     ///< anything that torch.save wrote
};

/// The bytes of a file, read in parts; between the parts a watch is called with the progress.
class WatchedBytes final : public caffe2::serialize::ReadAdapterInterface {
   public:
    WatchedBytes(const std::filesystem::path& file, ReadWatch watch);

    std::size_t size() const override { return size_; }

    /// Returns the number of bytes read. What the watch throws must not pass through the archive
    /// reader, which is C: from then on this returns 0, so that the reader fails, and rethrow()
    /// throws it.
    std::size_t read(std::uint64_t at, void* to, std::size_t count,
                     const char* what) const override;
    void rethrow() const;

   private:
    mutable std::ifstream in_;
    std::size_t size_;
    ReadWatch watch_;
    mutable double all_ = 0;  ///< bytes read until now
    mutable std::exception_ptr thrown_;
};

/// A file that PyTorch wrote, open: a zip archive of records.
struct TorchFile {
    FileContent content = FileContent::kData;
    std::shared_ptr<const WatchedBytes> bytes;
    std::unique_ptr<caffe2::serialize::PyTorchStreamReader> records;
};

/// Opens a file without reading all of it. Throws RequestError, which ends with the remedy
/// `remedy`, if it cannot be read, is older than PyTorch 1.6, or has another byte order.
TorchFile open_torch_file(const std::filesystem::path& file, std::string_view remedy,
                          const ReadWatch& watch = {});

/// What is in the file; throws as open_torch_file does.
FileContent content_of(const std::filesystem::path& file, std::string_view remedy);

}  // namespace alert
