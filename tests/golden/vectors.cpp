// SPDX-License-Identifier: MIT
#include "vectors.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace golden {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::string part;
  for (std::istringstream in(text); std::getline(in, part, at);)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

uint32_t number_of(const block& b, const std::string& text) {
  char* end = nullptr;
  const unsigned long long v = std::strtoull(text.c_str(), &end, 0);
  if (text.empty() || *end != '\0' || text[0] == '-' || v > 0xffffffff) b.fail("`" + text + "` is not a number");
  return static_cast<uint32_t>(v);
}

double real_of(const block& b, const std::string& text) {
  char* end = nullptr;
  const double v = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') b.fail("`" + text + "` is not a number");
  return v;
}

}  // namespace

void block::fail(const std::string& what) const {
  throw std::runtime_error(file + ":" + std::to_string(line) + ": " + kind + " " + name + ": " + what);
}

const std::string& block::text(const std::string& key) const {
  const auto found = fields.find(key);
  if (found == fields.end()) fail("no `" + key + "`");
  return found->second;
}

uint32_t block::number(const std::string& key) const { return number_of(*this, text(key)); }
float block::real(const std::string& key) const { return static_cast<float>(real_of(*this, text(key))); }

data block::bytes(const std::string& key) const {
  data all;
  for (const std::string& word : split(text(key), ' ')) {
    const size_t star = word.find('*');
    const std::string digits = word.substr(0, star);
    if (digits.size() % 2 != 0 || digits.find_first_not_of("0123456789abcdef") != std::string::npos)
      fail("`" + word + "` is not hexadecimal");
    uint32_t times = star == std::string::npos ? 1 : number_of(*this, word.substr(star + 1));
    for (; times != 0; --times)
      for (size_t i = 0; i < digits.size(); i += 2)
        all.push_back(static_cast<uint8_t>(std::strtoul(digits.substr(i, 2).c_str(), nullptr, 16)));
  }
  return all;
}

std::vector<std::pair<uint32_t, double>> block::coordinates(const std::string& key, uint32_t cells) const {
  std::vector<std::pair<uint32_t, double>> all;
  for (const std::string& word : split(text(key), ' ')) {
    const std::vector<std::string> halves = split(word, ':');
    if (halves.size() != 2) fail("`" + word + "` is not INDEX:VALUE");
    const std::vector<std::string> values = split(halves[1], ',');
    const size_t plus = halves[0].find('+'), times = halves[0].find('x');
    std::vector<std::string> strides = {"0"};
    uint32_t count = 1;
    if (plus != std::string::npos) {
      if (times == std::string::npos) fail("`" + word + "` does not say how many");
      strides = split(halves[0].substr(plus + 1, times - plus - 1), ',');
      count = number_of(*this, halves[0].substr(times + 1));
    }
    uint64_t at = number_of(*this, halves[0].substr(0, plus));
    if (values.empty() || strides.empty()) fail("`" + word + "` is not a run");
    for (uint32_t i = 0; i < count; ++i) {
      all.emplace_back(static_cast<uint32_t>(at % cells), real_of(*this, values[i % values.size()]));
      at += number_of(*this, strides[i % strides.size()]);
    }
  }
  return all;
}

std::vector<uint32_t> block::numbers(const std::string& key) const {
  std::vector<uint32_t> all;
  for (const std::string& word : split(text(key), ' ')) {
    const size_t dash = word.find('-');
    const uint32_t first = number_of(*this, word.substr(0, dash));
    const uint32_t last = dash == std::string::npos ? first : number_of(*this, word.substr(dash + 1));
    for (uint32_t i = first; i <= last; ++i) all.push_back(i);
  }
  return all;
}

std::vector<block> read(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error(path + ": cannot be read");
  std::vector<block> all;
  bool open = false;
  std::string line;
  for (size_t n = 1; std::getline(in, line); ++n) {
    const size_t comment = line.find('#');
    const bool only_comment = comment == 0;
    line = line.substr(0, comment);
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.empty()) {
      open = open && only_comment;
      continue;
    }
    const size_t space = line.find(' ');
    const std::string key = line.substr(0, space);
    const std::string value = space == std::string::npos ? "" : line.substr(space + 1);
    if (!open) {
      all.push_back({std::filesystem::path(path).filename().string(), n, key, value, {}});
      open = true;
    } else {
      std::string& field = all.back().fields[key];
      field += field.empty() ? value : " " + value;
    }
  }
  return all;
}

std::vector<block> read_all(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt")
      files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  std::vector<block> all;
  for (const std::string& file : files) {
    const std::vector<block> more = read(file);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

std::vector<std::string> hex(const data& bytes) {
  std::vector<std::string> words;
  const char* const digits = "0123456789abcdef";
  for (size_t i = 0, end; i < bytes.size(); i = end) {
    for (end = i; end < bytes.size() && bytes[end] == bytes[i];) ++end;
    const std::string word = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
    if (end - i >= 16)
      words.push_back(word + "*" + std::to_string(end - i));
    else
      words.insert(words.end(), end - i, word);
  }
  return words;
}

}  // namespace golden
