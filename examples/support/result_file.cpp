// SPDX-License-Identifier: MIT
#include "result_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <unistd.h>

#include "dataset.hpp"

namespace support {

result_file::result_file(const std::string& path) {
  if (path.empty()) return;
  std::error_code ignored;
  path_ = std::filesystem::weakly_canonical(path, ignored);  // through links: the file moves, the link stays
  if (path_.empty()) path_ = path;
  if (std::filesystem::exists(path_, ignored) && !std::filesystem::is_regular_file(path_, ignored))
    throw bad_input("cannot write " + path + ": not a regular file");
  beside_ = path_;
  beside_ += "." + std::to_string(getpid()) + ".tmp";
  std::FILE* const probe = std::fopen(beside_.c_str(), "wb");
  if (probe == nullptr) throw bad_input("cannot write " + path + ": " + std::strerror(errno));
  std::fclose(probe);
  std::filesystem::remove(beside_, ignored);
}

void result_file::write(const std::string& text) const {
  if (path_.empty()) return;
  std::FILE* const f = std::fopen(beside_.c_str(), "wb");
  bool ok = f != nullptr;
  ok = ok && std::fwrite(text.data(), 1, text.size(), f) == text.size();
  ok = ok && std::fflush(f) == 0 && fsync(fileno(f)) == 0;
  if (f != nullptr) ok = std::fclose(f) == 0 && ok;
  ok = ok && std::rename(beside_.c_str(), path_.c_str()) == 0;
  if (ok) return;
  const std::string why = std::strerror(errno);
  std::remove(beside_.c_str());
  throw std::runtime_error("cannot write " + path_.string() + ": " + why);
}

}  // namespace support
