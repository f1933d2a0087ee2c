// SPDX-License-Identifier: MIT
// The samples of a device, made of the images in its flash: share.hpp is generated (make_share).
#pragma once

#include <share.hpp>

#include "support/mixed_fleet.hpp"

namespace share {

inline void read(weir::index_t image, mixed::pixel* to) {
  for (weir::index_t i = 0; i < inputs(); ++i)
    to[i] = mixed::pixel::from_raw(pixels[static_cast<weir::index_t>(image * inputs() + i)]);
}

/// A sample of a net: an image and, where it takes two, another one behind it. The label is the first one's.
template <class Net>
typename weir::enable_if<Net::inputs() == inputs()>::type fetch(weir::index_t image, weir::index_t, mixed::pixel* to) {
  read(image, to);
}
template <class Net>
typename weir::enable_if<Net::inputs() == 2 * inputs()>::type fetch(weir::index_t image, weir::index_t behind,
                                                                    mixed::pixel* to) {
  read(image, to);
  read(behind, to + inputs());
}

}  // namespace share
