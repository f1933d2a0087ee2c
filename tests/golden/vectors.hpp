// SPDX-License-Identifier: MIT
// Reads the files of tests/golden; README.md there has the format.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace golden {

typedef std::vector<uint8_t> data;

/// One vector: `kind name` on its first line, then `key value` lines. Throws std::runtime_error, with file and line, for
/// what is not there and for what it cannot read.
struct block {
  std::string file;
  size_t line;  ///< of its first line
  std::string kind, name;
  std::map<std::string, std::string> fields;  ///< of a key that stands in several lines: all of them in one

  bool has(const std::string& key) const { return fields.count(key) != 0; }
  const std::string& text(const std::string& key) const;
  /// Decimal, or hexadecimal behind 0x.
  uint32_t number(const std::string& key) const;
  uint32_t number(const std::string& key, uint32_t otherwise) const { return has(key) ? number(key) : otherwise; }
  float real(const std::string& key) const;
  /// Hexadecimal; `07*254` is a byte that comes 254 times.
  data bytes(const std::string& key) const;
  /// Indices and values: `5:0.5`, or `0+3,1x40:1,-1`: 40 of them, from 0 on, 3 and 1 apart in turn, values in turn.
  std::vector<std::pair<uint32_t, double>> coordinates(const std::string& key, uint32_t cells) const;
  /// Numbers and ranges of them: `3 70-72`.
  std::vector<uint32_t> numbers(const std::string& key) const;

  [[noreturn]] void fail(const std::string& what) const;
};

/// All vectors of a file.
std::vector<block> read(const std::string& path);
/// All vectors of all files of a folder, *.txt but CMakeLists.txt, in the order of their names.
std::vector<block> read_all(const std::string& folder);

/// Bytes as the files have them: a word for each, and one for many that are equal.
std::vector<std::string> hex(const data& bytes);

}  // namespace golden
