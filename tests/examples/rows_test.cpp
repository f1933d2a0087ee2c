// SPDX-License-Identifier: MIT
// The examples' own data sets: clips that move as their labels say, windows of texts.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <doctest/doctest.h>

#include "support/dataset.hpp"

namespace {

namespace fs = std::filesystem;

/// Pixel (y, x) of a frame, which has no sides.
std::uint8_t pixel(const support::row_set& clips, std::size_t clip, std::size_t frame, std::size_t y, std::size_t x) {
  constexpr std::size_t side = support::clip_side();
  return clips.pixels[((clip * support::clip_frames() + frame) * side + y % side) * side + x % side];
}

/// A folder that is gone afterwards.
struct scratch {
  fs::path folder = fs::temp_directory_path() / ("weir_rows_test_" + std::to_string(::getpid()));
  scratch() { fs::create_directories(folder); }
  ~scratch() { fs::remove_all(folder); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return (folder / name).string();
  }
};

/// So many characters, a and b and c in turn.
std::string letters(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += "abc"[i % 3];
  return all;
}

}  // namespace

TEST_CASE("clips: each frame is the one before, moved by a pixel as the label says") {
  const support::dataset d = support::make_clips(1);
  REQUIRE(d.train.size() == 1437);
  REQUIRE(d.test.size() == 360);
  REQUIRE(d.inputs == 8 * 12 * 12);
  const int down[] = {-1, -1, 0, 1, 1, 1, 0, -1}, right[] = {0, 1, 1, 1, 0, -1, -1, -1};
  std::size_t seen[support::clip_directions()] = {};
  for (std::size_t clip = 0; clip < d.test.size(); ++clip) {
    const std::uint8_t label = d.test.labels[clip];
    REQUIRE(label < support::clip_directions());
    ++seen[label];
    bool moved = true;
    for (std::size_t t = 1; t < support::clip_frames(); ++t)
      for (std::size_t y = 0; y < 12; ++y)
        for (std::size_t x = 0; x < 12; ++x)
          moved &= pixel(d.test, clip, t, y + 12 + static_cast<std::size_t>(down[label]),
                         x + 12 + static_cast<std::size_t>(right[label])) == pixel(d.test, clip, t - 1, y, x);
    CHECK(moved);
  }
  for (const std::size_t count : seen) CHECK(count > 20);
}

TEST_CASE("clips are the same each time, and of digits that are not tested with") {
  const support::dataset a = support::make_clips(2), b = support::make_clips(2), digits = support::load_digits();
  CHECK(a.train.pixels == b.train.pixels);
  CHECK(a.test.labels == b.test.labels);
  // What moves is a digit of the same half: the sum over a frame is that of its pixels.
  const auto sum = [](const std::vector<std::uint8_t>& from, std::size_t at, std::size_t n) {
    unsigned all = 0;
    for (std::size_t i = at; i < at + n; ++i) all += from[i];
    return all;
  };
  for (std::size_t i = 0; i < a.test.size(); i += 7)
    CHECK(sum(a.test.pixels, i * a.inputs, 144) == sum(digits.test.pixels, i / 2 * 64, 64));
}

TEST_CASE("texts: windows of characters by how often they occur, and the next ones") {
  const scratch in;
  // 'a' every other byte, then 'b', 'c', 'd', of which there are fewer and fewer
  std::string text;
  for (std::size_t i = 0; i < 32 * 320 + 1; ++i) text += i % 2 == 0 ? 'a' : i % 4 == 1 ? 'b' : i % 8 == 3 ? 'c' : 'd';
  const support::dataset d = support::load_text(in.write("text", text));
  REQUIRE(d.train.size() == 288);
  REQUIRE(d.test.size() == 32);
  REQUIRE(d.inputs == 32);
  REQUIRE(d.classes == 64);
  for (std::size_t i = 0; i < d.train.pixels.size(); ++i) {
    const std::size_t at = i % 8;
    CHECK(d.train.pixels[i] == (at % 2 == 0 ? 0 : at % 4 == 1 ? 1 : at == 3 ? 2 : 3));
    if (i + 1 < d.train.pixels.size()) CHECK(d.train.labels[i] == d.train.pixels[i + 1]);
  }
}

TEST_CASE("texts: what is rare is one character") {
  const scratch in;
  std::string text;
  for (int i = 0; i < 32 * 160 + 1; ++i) text += static_cast<char>(1 + (i % 11 == 0 ? i % 200 : i % 60));
  const support::dataset d = support::load_text(in.write("text", text));
  CHECK(*std::max_element(d.train.pixels.begin(), d.train.pixels.end()) == 63);
  CHECK(std::count(d.train.pixels.begin(), d.train.pixels.end(), 63) > 100);
}

TEST_CASE("texts: a folder is its files in the order of their names, without links and what is no text") {
  const scratch in;
  const std::string whole = letters(6000);
  in.write("b", whole.substr(3000));
  in.write("a", whole.substr(0, 3000));
  in.write("c", std::string("abc\0", 4));
  fs::create_symlink(in.folder / "a", in.folder / "d");
  const support::dataset folder = support::load_text(in.folder.string());
  const scratch file;
  const support::dataset one = support::load_text(in.write("e", whole));
  CHECK(folder.train.pixels == one.train.pixels);
  CHECK(folder.test.labels == one.test.labels);
}

TEST_CASE("texts that are none are refused") {
  const scratch in;
  CHECK_THROWS_WITH_AS(support::load_text((in.folder / "none").string()), doctest::Contains("no such file or folder"),
                       support::bad_input);
  CHECK_THROWS_WITH_AS(support::load_text(in.write("bytes", std::string(9000, '\0'))), doctest::Contains("no text"),
                       support::bad_input);
  CHECK_THROWS_WITH_AS(support::load_text(in.write("short", letters(4640))), doctest::Contains("too few"),
                       support::bad_input);
  CHECK(support::load_text(in.write("enough", letters(4641))).test.size() == 1);
}
