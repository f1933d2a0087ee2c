// SPDX-License-Identifier: MIT
#include "input.hpp"

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <weir/transport/cobs.hpp>

#include "support/bad_input.hpp"

namespace inspect {
namespace {

typedef std::vector<std::uint8_t> data;

data from_hex(const std::vector<std::string>& words) {
  data bytes;
  int high = -1;
  for (const std::string& word : words)
    for (const char c : word) {
      if (std::isspace(static_cast<unsigned char>(c))) continue;
      if (!std::isxdigit(static_cast<unsigned char>(c)))
        throw support::bad_input("--hex: `" + std::string(1, c) + "` is no hexadecimal digit");
      const int digit = std::isdigit(static_cast<unsigned char>(c))
                            ? c - '0'
                            : std::tolower(static_cast<unsigned char>(c)) - 'a' + 10;
      if (high >= 0) bytes.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = high >= 0 ? -1 : digit;
    }
  if (high >= 0) throw support::bad_input("--hex: an odd number of digits");
  return bytes;
}

data from_file(const std::string& path) {
  const auto close = [](std::FILE* f) {
    if (f != stdin) std::fclose(f);
  };
  const std::unique_ptr<std::FILE, decltype(close)> f(
      path.empty() || path == "-" ? stdin : std::fopen(path.c_str(), "rb"), close);
  if (!f) throw support::bad_input("cannot read " + path + ": " + std::strerror(errno));
  data bytes;
  std::uint8_t block[4096];
  for (std::size_t n; (n = std::fread(block, 1, sizeof block, f.get())) != 0;)
    bytes.insert(bytes.end(), block, block + n);
  if (std::ferror(f.get()) != 0) throw support::bad_input("cannot read " + (path.empty() ? "standard input" : path));
  return bytes;
}

std::vector<datagram> unstuffed(const data& line) {
  std::vector<datagram> all;
  data into(line.size() + 1);
  weir::cobs_receiver receiver{};
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::size_t size = receiver.take(line[i], weir::bytes(into.data(), into.size()));
    if (line[i] != 0) continue;
    const auto part = [](const data& d, std::size_t from, std::size_t to) {
      return data(d.begin() + static_cast<std::ptrdiff_t>(from), d.begin() + static_cast<std::ptrdiff_t>(to));
    };
    if (size != 0) all.push_back({begin, true, part(into, 0, size)});
    if (size == 0 && i > begin + 1) all.push_back({begin, false, part(line, begin, i)});
    begin = i + 1;
  }
  if (begin < line.size())
    all.push_back({begin, false, data(line.begin() + static_cast<std::ptrdiff_t>(begin), line.end())});
  return all;
}

}  // namespace

std::vector<datagram> read(const options& o) {
  const data bytes = o.hex.empty() ? from_file(o.file) : from_hex(o.hex);
  if (!o.cobs) return {{0, true, bytes}};
  return unstuffed(bytes);
}

}  // namespace inspect
