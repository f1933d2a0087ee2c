// SPDX-License-Identifier: MIT
// For a host with a file system (C++17, POSIX). Not part of the umbrella.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Waits until the name of this file outlasts a loss of power. False: that is not sure, and errno says why.
inline bool sync_folder(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int f = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (f < 0) return false;
  const bool synced = ::fsync(f) == 0;
  ::close(f);
  return synced;
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
