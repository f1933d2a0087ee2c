// SPDX-License-Identifier: MIT
// For a host with a file system (C++17, POSIX). Not part of the umbrella.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

inline std::string errno_text() { return std::generic_category().message(errno); }

/// A file that is written beside its place (the same with this process's number and ".tmp") and then moved there: under its
/// name it is whole, or still the old one. What has not been moved is removed.
class whole_file {
 public:
  explicit whole_file(std::string path)
      : path_(std::move(path)), beside_(path_ + "." + std::to_string(::getpid()) + ".tmp") {}
  whole_file(whole_file&& other) noexcept
      : path_(std::move(other.path_)), beside_(std::move(other.beside_)), there_(std::exchange(other.there_, false)) {}
  whole_file& operator=(whole_file&&) = delete;
  ~whole_file() {
    if (there_) ::unlink(beside_.c_str());
  }

  /// Writes it beside, and waits until it outlasts a loss of power. False: errno says why not.
  bool write(std::string_view all) {
    const int f = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (f < 0) return false;
    there_ = true;
    bool ok = true;
    while (ok && !all.empty()) {
      const ssize_t n = ::write(f, all.data(), all.size());
      if (n < 0 && errno == EINTR) continue;
      ok = n > 0;
      if (ok) all.remove_prefix(static_cast<size_t>(n));
    }
    ok = ok && ::fsync(f) == 0;
    const int why = errno;
    const bool closed = ::close(f) == 0;
    if (!ok) errno = why;
    return ok && closed;
  }
  /// Moves it to its place.
  bool move() {
    if (::rename(beside_.c_str(), path_.c_str()) != 0) return false;
    there_ = false;
    return true;
  }

 private:
  std::string path_, beside_;
  bool there_ = false;
};

/// Reads a file of at most so many bytes. Returns nothing, or why not. It takes memory for what is there, not for what
/// somebody says; pipes, folders and devices are refused, and waited for never.
inline std::string read_whole(const std::string& path, size_t most, std::vector<uint8_t>& into) {
  const int f = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (f < 0) return errno_text();
  struct stat s = {};
  std::string why;
  if (::fstat(f, &s) != 0) {
    why = errno_text();
  } else if (!S_ISREG(s.st_mode)) {
    why = "it is not a regular file";
  } else if (static_cast<uint64_t>(s.st_size) > most) {
    why = "it has " + std::to_string(s.st_size) + " bytes, more than it can need";
  } else {
    into.resize(static_cast<size_t>(s.st_size));
    for (size_t at = 0; at < into.size();) {
      const ssize_t n = ::read(f, &into[at], into.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) why = errno_text();
      if (n <= 0) into.resize(at);  // shorter meanwhile: what is there counts
      at += static_cast<size_t>(n < 0 ? 0 : n);
    }
  }
  ::close(f);
  return why;
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
