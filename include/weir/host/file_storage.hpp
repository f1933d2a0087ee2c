// SPDX-License-Identifier: MIT
// For a host with a file system (C++17, POSIX). Not part of the umbrella.
#pragma once

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

#include <weir/host/sync_folder.hpp>
#include <weir/policy/storage.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A file of a fixed size, made if need be and open as long as this lives. A storage is a value: give a saving policy
/// handle(), which refers to this.
class storage_file {
 public:
  /// good() says whether that worked; errno says why not.
  storage_file(const std::string& path, size_t size)
      : size_(size), file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    struct stat s;
    detail::sync_folder(path);  // the name of a new file has to outlast everything, too
    if (file_ >= 0 && (::fstat(file_, &s) != 0 ||
                       (s.st_size < static_cast<off_t>(size) && ::ftruncate(file_, static_cast<off_t>(size)) != 0)))
      close();
  }
  storage_file(storage_file&& other) noexcept
      : size_(other.size_), file_(std::exchange(other.file_, -1)), dirty_(other.dirty_), failed_(other.failed_) {}
  storage_file& operator=(storage_file&&) = delete;
  ~storage_file() { close(); }

  bool good() const noexcept { return file_ >= 0; }

  class handle_type {
   public:
    explicit handle_type(storage_file& file) noexcept : file_(&file) {}
    size_t size() const noexcept { return file_->good() ? file_->size_ : 0; }
    void read(size_t offset, bytes into) noexcept { file_->read(offset, into); }
    size_t write(size_t offset, const_bytes from) noexcept { return file_->write(offset, from); }
    bool done() noexcept { return file_->done(); }

   private:
    storage_file* file_;
  };
  handle_type handle() noexcept { return handle_type(*this); }

 private:
  void read(size_t offset, bytes into) noexcept {
    while (!into.empty()) {
      const ssize_t n = ::pread(file_, into.data(), into.size(), static_cast<off_t>(offset));
      if (n <= 0) {  // nobody's record has a check of zeros
        memset(into.data(), 0, into.size());
        return;
      }
      offset += static_cast<size_t>(n);
      into = into.after(static_cast<size_t>(n));
    }
  }
  size_t write(size_t offset, const_bytes from) noexcept {
    const ssize_t n = ::pwrite(file_, from.data(), from.size(), static_cast<off_t>(offset));
    if (n <= 0) return 0;
    dirty_ = true;
    return static_cast<size_t>(n);
  }
  bool done() noexcept {
    if (dirty_ && ::fdatasync(file_) != 0) failed_ = true;  // and what is lost then nobody knows
    dirty_ = false;
    return !failed_;
  }
  void close() noexcept {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

  size_t size_;
  int file_;
  bool dirty_ = false;
  bool failed_ = false;
};

}  // namespace WEIR_ABI
}  // namespace weir
