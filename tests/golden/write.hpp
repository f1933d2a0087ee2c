// SPDX-License-Identifier: MIT
// The bytes that weir writes for a vector.
#pragma once

#include <weir/config.hpp>

#include "vectors.hpp"

namespace golden {

/// What is left in the residual, in cells' units, where an encoder took something; in the order of the scan.
typedef std::vector<std::pair<uint32_t, double>> residual;

/// The bytes of any block that can be written: body, frame, join, welcome, ask, acks, cobs; fails for others. Guard bytes
/// around the buffer are checked. `left`, if not null: of a body, what its residual is afterwards.
data written(const block& b, residual* left = nullptr);
/// The same of a body by weir::gate, from all of the residual.
data gated(const block& b);

/// The weights of a body's model, as this machine counts them.
inline weir::index_t cells_of(const block& b) { return static_cast<weir::index_t>(b.number("cells")); }

/// A frame's kind by its name in weir/wire/README.md.
uint8_t kind_number(const block& b);

}  // namespace golden
