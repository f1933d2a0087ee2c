// SPDX-License-Identifier: MIT
// Labelled images with 8-bit pixels, and where they come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bad_input.hpp"

namespace support {

struct image_set {
  std::vector<std::uint8_t> pixels;  ///< image by image
  std::vector<std::uint8_t> labels;

  std::size_t size() const { return labels.size(); }
};

struct dataset {
  std::string name;
  std::size_t inputs;  ///< pixels of an image
  float unit;          ///< times a pixel gives [0, 1]
  image_set train;
  image_set test;

  static constexpr std::size_t classes() { return 10; }

  /// Writes image `index` of `from` to x[inputs], scaled to [0, 1].
  void scaled(const image_set& from, std::size_t index, float* x) const {
    const std::uint8_t* const p = from.pixels.data() + index * inputs;
    for (std::size_t i = 0; i < inputs; ++i) x[i] = unit * static_cast<float>(p[i]);
  }
};

/// The digits that are compiled into the program: examples/data/README.md.
dataset load_digits();

/// The four files of an MNIST-like set in `folder`, plain or with .gz: train-images-idx3-ubyte,
/// train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte. Throws bad_input.
dataset load_idx(const std::string& folder);

}  // namespace support
