// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#include "dataset.hpp"

namespace support {
namespace {

constexpr std::size_t digit_side = 8;

struct step {
  std::size_t down, right;  ///< pixels a frame, modulo the side
};

/// Clockwise, from up.
step step_of(std::size_t direction) {
  constexpr std::size_t back = clip_side() - 1;
  constexpr step all[clip_directions()] = {{back, 0}, {back, 1}, {0, 1},    {1, 1},
                                           {1, 0},    {1, back}, {0, back}, {back, back}};
  return all[direction];
}

void add_clip(const std::uint8_t* digit, std::size_t row, std::size_t column, std::size_t direction, row_set& into) {
  constexpr std::size_t side = clip_side();
  const step by = step_of(direction);
  for (std::size_t t = 0; t < clip_frames(); ++t) {
    const std::size_t frame = into.pixels.size();
    into.pixels.resize(frame + side * side);
    for (std::size_t y = 0; y < digit_side; ++y)
      for (std::size_t x = 0; x < digit_side; ++x)
        into.pixels[frame + (row + y) % side * side + (column + x) % side] = digit[y * digit_side + x];
    row += by.down;
    column += by.right;
  }
  into.labels.push_back(static_cast<std::uint8_t>(direction));
}

row_set clips_of(const row_set& digits, std::size_t each, weir::random_bits& random) {
  row_set clips;
  for (std::size_t i = 0; i < digits.size(); ++i)
    for (std::size_t n = 0; n < each; ++n) {
      const std::size_t row = random.below(clip_side()), column = random.below(clip_side());
      add_clip(digits.pixels.data() + i * digit_side * digit_side, row, column, random.below(clip_directions()), clips);
    }
  return clips;
}

}  // namespace

dataset make_clips(std::size_t clips_of_a_digit) {
  const dataset digits = load_digits();
  weir::random_bits random(weir::name_id("clips"));
  dataset d{"clips", row_kind::clip, clip_frames() * clip_side() * clip_side(), clip_directions(), digits.unit, {}, {}};
  d.train = clips_of(digits.train, clips_of_a_digit, random);
  d.test = clips_of(digits.test, clips_of_a_digit, random);
  return d;
}

}  // namespace support
