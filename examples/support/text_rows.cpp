// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <set>

#include "dataset.hpp"

namespace support {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string all((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof()) throw bad_input("cannot read " + file.string());
  return all;
}

bool is_text(const std::string& bytes) { return bytes.find('\0') == std::string::npos; }

std::string text_at(const fs::path& path) {
  std::error_code none;
  if (fs::is_regular_file(path, none)) {
    const std::string all = bytes_of(path);
    if (!is_text(all)) throw bad_input(path.string() + ": is no text, there is a byte 0 in it");
    return all;
  }
  if (!fs::is_directory(path, none)) throw bad_input("no such file or folder: " + path.string());
  std::set<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path))
    if (entry.is_regular_file() && !entry.is_symlink()) files.insert(entry.path());
  std::string all;
  for (const fs::path& file : files) {
    const std::string one = bytes_of(file);
    if (is_text(one)) all += one;
  }
  return all;
}

bool for_testing(std::size_t window) {
  constexpr std::size_t run = 16;  // in turn: a test window's neighbours are test windows, too
  return window / run % 10 == 9;
}

/// Of each byte its character: most frequent first, the lower one of equals.
std::array<std::uint8_t, 256> characters_of(const std::string& text, std::size_t windows) {
  std::array<std::size_t, 256> counts{};
  for (std::size_t i = 0; i < windows * text_window(); ++i)
    if (!for_testing(i / text_window())) ++counts[static_cast<std::uint8_t>(text[i])];
  std::array<std::size_t, 256> order;
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  constexpr std::size_t other = text_characters() - 1;
  std::array<std::uint8_t, 256> characters;
  for (std::size_t rank = 0; rank < order.size(); ++rank)
    characters[order[rank]] = static_cast<std::uint8_t>(std::min(rank, other));
  return characters;
}

}  // namespace

dataset load_text(const std::string& path) {
  constexpr std::size_t window = text_window();
  const std::string text = text_at(path);
  const std::size_t windows = text.empty() ? 0 : (text.size() - 1) / window;
  dataset d{path, row_kind::text, window, text_characters(), 1, {}, {}};
  d.train.labels_each = d.test.labels_each = window;
  const std::array<std::uint8_t, 256> characters = characters_of(text, windows);
  const auto character = [&](std::size_t i) { return characters[static_cast<std::uint8_t>(text[i])]; };
  for (std::size_t i = 0; i < windows; ++i) {
    row_set& into = for_testing(i) ? d.test : d.train;
    for (std::size_t at = i * window; at < (i + 1) * window; ++at) {
      into.pixels.push_back(character(at));
      into.labels.push_back(character(at + 1));
    }
  }
  if (d.test.size() == 0)
    throw bad_input(path + ": " + std::to_string(text.size()) + " characters of text are too few, there must be 4641");
  return d;
}

}  // namespace support
