// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace support {

/// A file that is there whole or, until then, as it was: written beside its place, then moved there.
class result_file {
 public:
  /// Throws bad_input if nothing can be written there, before any work is lost for it. An empty path: no file.
  explicit result_file(const std::string& path);

  /// Throws std::runtime_error if that fails; what stood there before is then untouched.
  void write(const std::string& text) const;

 private:
  std::filesystem::path path_;
  std::filesystem::path beside_;
};

}  // namespace support
