// SPDX-License-Identifier: MIT
// Labelled rows of bytes (pixels of images and of clips, indices of characters), and where they come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bad_input.hpp"

namespace support {

/// What a row is. Of a text it is a window: indices of its characters, and for each of them, as its label, the next one.
enum class row_kind { image, clip, text };

struct row_set {
  std::vector<std::uint8_t> pixels;  ///< row by row
  std::vector<std::uint8_t> labels;
  std::size_t labels_each = 1;  ///< of a row

  std::size_t size() const { return labels.size() / labels_each; }
};

struct dataset {
  std::string name;
  row_kind kind;
  std::size_t inputs;   ///< pixels of a row
  std::size_t classes;  ///< labels are below
  float unit;           ///< times a pixel gives [0, 1]; 1 where it is an index
  row_set train;
  row_set test;

  /// Writes row `index` of `from` to x[inputs], scaled to [0, 1].
  void scaled(const row_set& from, std::size_t index, float* x) const {
    const std::uint8_t* const p = from.pixels.data() + index * inputs;
    for (std::size_t i = 0; i < inputs; ++i) x[i] = unit * static_cast<float>(p[i]);
  }
};

/// The digits that are compiled into the program: examples/data/README.md.
dataset load_digits();

/// The four files of an MNIST-like set in `folder`, plain or with .gz: train-images-idx3-ubyte,
/// train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte. Throws bad_input.
dataset load_idx(const std::string& folder);

/// Clips of moving digits: 8 frames of 12 x 12 pixels, in which a digit of 8 x 8 moves by one pixel a frame in one of 8
/// directions, which is the label, and what leaves on one side comes back on the other. It starts anywhere, so that a frame
/// by itself says nothing about the label. The digits' rows for training make those for training, and so many clips each.
dataset make_clips(std::size_t clips_of_a_digit = 4);
constexpr std::size_t clip_frames() { return 8; }
constexpr std::size_t clip_side() { return 12; }
constexpr std::size_t clip_directions() { return 8; }

/// Windows of 32 characters out of a file, or of all files in a folder that are text, in the order of their names: links
/// and files with a byte 0 are left out. Sixteen windows in turn, of 160, are for testing. The 63 most frequent bytes
/// of those for training are characters 0 to 62, all others are 63. Throws bad_input.
dataset load_text(const std::string& path);
constexpr std::size_t text_window() { return 32; }
constexpr std::size_t text_characters() { return 64; }

}  // namespace support
