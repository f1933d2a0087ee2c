// SPDX-License-Identifier: MIT
// Runs an encoder as the gate does, cell by cell and without a kernel, and reads back what it wrote.
#pragma once

#include <doctest/doctest.h>

#include <random>
#include <utility>
#include <vector>
#include <weir/core/grid.hpp>
#include <weir/encoder/base3.hpp>
#include <weir/encoder/dense32.hpp>
#include <weir/encoder/levels.hpp>
#include <weir/encoder/logarithmic.hpp>
#include <weir/encoder/natural.hpp>
#include <weir/encoder/one_bit.hpp>
#include <weir/encoder/one_signed.hpp>
#include <weir/encoder/sparse8.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/encoder/ternary.hpp>
#include <weir/gate.hpp>
#include <weir/kernel/next_hit.hpp>

namespace test_support {

using weir::index_t;

struct encoded {
  std::vector<uint8_t> body;
  index_t hits = 0;
  bool full = false;
  index_t end = 0;  // where the scan stopped: an offset from its start
};

/// Encodes what has risen to Wt, in `room` bytes with a guard byte behind each end.
template <class Encoder, class Grid>
encoded encode(typename Encoder::state& state, Grid grid, std::vector<typename Grid::cell>& residual,
               const weir::encode_request& request, size_t room) {
  std::vector<uint8_t> out(room + 2, 0xa5);
  const Encoder encoder{};
  weir::encode_request asked = request;
  weir::detail::no_fold fold;
  if (weir::detail::wants_mean<Encoder>(state, 0))
    asked.mean = weir::detail::mean_magnitude<typename Grid::cell, Grid, weir::detail::no_fold>(
        residual.data(), request.cells, grid, fold)();
  typename Encoder::template writer<Grid> writer(encoder, state, grid, asked, weir::bytes(out.data() + 1, room));
  const typename Grid::cell wt = writer.threshold();
  encoded result;
  for (index_t offset = 0; offset < request.cells; ++offset) {
    const index_t i = (request.start + offset) % request.cells;
    result.end = offset;
    if (weir::kernel::next_hit(residual.data() + i, 0, 1, wt, weir::kernel::scalar()) == 1) continue;
    if (!weir::detail::wants(writer, residual[i], 0)) continue;
    const typename Grid::cell before = residual[i];
    if (!writer.put(offset, residual[i])) {
      REQUIRE(residual[i] == before);  // full: nothing changed
      result.full = true;
      break;
    }
    ++result.hits;
  }
  const size_t size = writer.finish(state);
  REQUIRE(size <= room);
  REQUIRE(out.front() == 0xa5);
  for (size_t i = room + 1; i < out.size(); ++i) REQUIRE(out[i] == 0xa5);
  result.body.assign(out.begin() + 1, out.begin() + 1 + static_cast<std::ptrdiff_t>(size));
  return result;
}

template <class Value>
using coordinates = std::vector<std::pair<index_t, Value>>;

/// The coordinates of a body that check accepts; every index is one of `cells`.
template <class Encoder, class Value>
coordinates<Value> decode(const std::vector<uint8_t>& body, index_t cells) {
  const weir::const_bytes bytes(body.data(), body.size());
  REQUIRE(Encoder::template check<Value>(bytes, cells) == weir::status::ok);
  coordinates<Value> got;
  Encoder::template decode<Value>(bytes, cells, [&](index_t i, Value v) {
    REQUIRE(i < cells);
    got.emplace_back(i, v);
  });
  return got;
}

/// A residual with magnitudes of an exponential distribution, mean `size` cells' units.
inline void fill(std::vector<float>& residual, uint32_t seed, float size) {
  std::mt19937 rng{seed};
  for (float& r : residual) {
    const float unit = (static_cast<float>(rng() >> 8) + 1.0f) / 16777217.0f;
    r = -size * std::log(unit) * ((rng() & 1) != 0 ? 1.0f : -1.0f);
  }
}
template <class Rep, int8_t F>
void fill(std::vector<weir::fixed<Rep, F>>& residual, uint32_t seed, float size) {
  std::vector<float> v(residual.size());
  fill(v, seed, size);
  for (size_t i = 0; i < v.size(); ++i) residual[i] = weir::fixed<Rep, F>(v[i] / weir::fixed<Rep, F>::one());
}

}  // namespace test_support
