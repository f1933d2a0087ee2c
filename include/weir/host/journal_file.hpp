// SPDX-License-Identifier: MIT
// For a host with a file system (C++17, POSIX). Not part of the umbrella.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <vector>

#include <weir/core/span.hpp>
#include <weir/host/sync_folder.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A file to which is written behind its end, and which is replaced as a whole, or not at all: by a new one under another
/// name (the same with ".new"), which then takes its. One process has it: another one that opens it is told so.
/// Failures are std::system_error: what was asked for has then not been done, or not been done for sure.
class journal_file {
 public:
  enum class durability {
    machine,  ///< sync() waits until a loss of power does no harm
    process   ///< what the operating system has taken is safe: from all that may happen to this process
  };

  explicit journal_file(std::string path, durability d = durability::machine) : path_(std::move(path)), durability_(d) {
    const std::string lock = path_ + ".lock";
    lock_ = open(lock, O_RDWR | O_CREAT);
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
      const int why = errno;
      ::close(lock_);
      throw std::system_error(why, std::generic_category(), path_ + " is another process's");
    }
  }
  journal_file(const journal_file&) = delete;
  journal_file& operator=(const journal_file&) = delete;
  ~journal_file() {
    if (file_ >= 0) ::close(file_);
    ::close(lock_);
  }

  /// All that is there; empty if there is nothing.
  std::vector<uint8_t> load() {
    std::vector<uint8_t> all;
    const int f = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (f < 0 && errno == ENOENT) return all;
    if (f < 0) fail(path_);
    struct stat s = {};
    ssize_t n = ::fstat(f, &s) == 0 ? 1 : -1;
    all.resize(n < 0 ? 0 : static_cast<size_t>(s.st_size));
    for (size_t at = 0; n > 0 && at < all.size(); at += static_cast<size_t>(n))
      n = ::read(f, &all[at], all.size() - at);
    const int why = errno;
    ::close(f);
    if (n < 0) throw std::system_error(why, std::generic_category(), path_);
    return all;
  }

  void replace(const_bytes all) {
    const std::string fresh = path_ + ".new";
    const int f = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_APPEND);
    if (file_ >= 0) ::close(file_);
    file_ = f;
    append(all);
    sync();
    if (::rename(fresh.c_str(), path_.c_str()) != 0) fail(path_);
    if (durability_ == durability::machine && !detail::sync_folder(path_)) fail(path_);  // the name, too
  }

  void append(const_bytes more) {
    while (!more.empty()) {
      const ssize_t n = ::write(file_, more.data(), more.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail(path_);
      more = more.after(static_cast<size_t>(n));
    }
  }

  void sync() {
    if (durability_ == durability::machine && ::fdatasync(file_) != 0) fail(path_);
  }

 private:
  [[noreturn]] static void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  static int open(const std::string& path, int flags) {
    const int f = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (f < 0) fail(path);
    return f;
  }

  std::string path_;
  durability durability_;
  int lock_;
  int file_ = -1;
};

}  // namespace WEIR_ABI
}  // namespace weir
