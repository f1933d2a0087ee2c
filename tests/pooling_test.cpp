// SPDX-License-Identifier: MIT
// Pools, and layers that only change the shape.
#include "support/check_layer.hpp"
#include "support/learn_twice.hpp"

#include <weir/nn/dense.hpp>
#include <weir/nn/flatten.hpp>
#include <weir/nn/mean_squared_error.hpp>
#include <weir/nn/pooling.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>

using namespace test_support;
using namespace weir;

namespace {

/// One axis of the definition.
struct line {
  long in, taps, step, before, out;
};
const line none = {1, 1, 1, 0, 1};

struct definition {
  long channels;
  line t, h, w;
  bool mean;

  /// visit(output, cells that see inputs).
  template <class Visit>
  void each(long batch, Visit visit) const {
    size_t o = 0;
    for (long c = 0; c < batch * channels; ++c)
      for (long ot = 0; ot < t.out; ++ot)
        for (long oh = 0; oh < h.out; ++oh)
          for (long ow = 0; ow < w.out; ++ow) {
            std::vector<size_t> cells;
            for (long kt = 0; kt < t.taps; ++kt)
              for (long kh = 0; kh < h.taps; ++kh)
                for (long kw = 0; kw < w.taps; ++kw) {
                  const long it = ot * t.step + kt - t.before, ih = oh * h.step + kh - h.before,
                             iw = ow * w.step + kw - w.before;
                  if (it < 0 || it >= t.in || ih < 0 || ih >= h.in || iw < 0 || iw >= w.in) continue;
                  cells.push_back(static_cast<size_t>(((c * t.in + it) * h.in + ih) * w.in + iw));
                }
            visit(o++, cells);
          }
  }
};

/// Outputs and deltas by the definition: exact for the largest. Means: `y_off` and `dx_off` (for each window that a cell is
/// in) from it at most.
template <class L, class In, index_t B, class A>
void check_against(const definition& d, double y_off, double dx_off) {
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    layer_bench<L, In, B, A> bench(seed);
    std::vector<double> dx(bench.x.size());
    std::vector<int> windows(bench.x.size());
    bench.forward();
    bench.backward();
    size_t outputs = 0;
    d.each(static_cast<long>(B), [&](size_t o, const std::vector<size_t>& cells) {
      outputs = o + 1;
      double sum = 0;
      size_t first = cells.at(0);
      for (const size_t i : cells) {
        sum += static_cast<double>(to_float(bench.x[i]));
        if (bench.x[first] < bench.x[i]) first = i;
      }
      const double count = static_cast<double>(cells.size()), got = static_cast<double>(to_float(bench.y[o])),
                   dy = static_cast<double>(to_float(bench.dy[o]));
      if (d.mean)
        CHECK(std::fabs(got - sum / count) <= y_off);
      else
        CHECK(bench.y[o] == bench.x[first]);
      for (const size_t i : cells) {
        if (d.mean || i == first) dx[i] += d.mean ? dy / count : dy;
        ++windows[i];
      }
    });
    CHECK(outputs == bench.y.size());
    for (size_t i = 0; i < dx.size(); ++i)
      CHECK(std::fabs(static_cast<double>(to_float(bench.dx[i])) - dx[i]) <= dx_off * std::max(windows[i], 1));
    bench.check_guards();
  }
}

template <class L, class In, index_t B>
void check(const definition& d) {
  check_against<L, In, B, float>(d, 1e-6, 1e-6);
  const double unit16 = 1.0 / 4096, unit8 = 1.0 / 8;  // means: to the nearest; shares: within a unit
  check_against<L, In, B, fixed16<12>>(d, unit16 / 2, d.mean ? unit16 : 0);
  check_against<L, In, B, fixed8<3>>(d, unit8 / 2, d.mean ? unit8 : 0);
}

template <class... Options, class In, index_t B = 2>
void check_both(In, definition d) {
  d.mean = false;
  check<max_pool<Options...>, In, B>(d);
  check<max_pool<Options...>, In, 1>(d);
  d.mean = true;
  check<average_pool<Options...>, In, B>(d);
  check_layer<average_pool<Options...>, In, B>(1);
}

}  // namespace

TEST_CASE("one axis") {
  check_both<window<2>>(shape<3, 8>(), {3, none, none, {8, 2, 2, 0, 4}, false});
  check_both<window<2>>(shape<3, 9>(), {3, none, none, {9, 2, 2, 0, 4}, false});  // the last one is left out
  check_both<window<3>, stride<2>>(shape<2, 9>(), {2, none, none, {9, 3, 2, 0, 4}, false});
  check_both<stride<1>, window<3>, padding<1>>(shape<2, 5>(), {2, none, none, {5, 3, 1, 1, 5}, false});
  check_both<window<3>, same>(shape<2, 8>(), {2, none, none, {8, 3, 3, 0, 3}, false});
  check_both<window<1>, stride<1>>(shape<2, 5>(), {2, none, none, {5, 1, 1, 0, 5}, false});
  check_both<window<20>>(shape<2, 20>(), {2, none, none, {20, 20, 20, 0, 1}, false});
}

TEST_CASE("two axes") {
  check_both<window<2, 2>>(shape<3, 4, 6>(), {3, none, {4, 2, 2, 0, 2}, {6, 2, 2, 0, 3}, false});
  check_both<window<3, 3>, stride<2, 2>, padding<1, 1>>(shape<2, 7, 6>(),
                                                        {2, none, {7, 3, 2, 1, 4}, {6, 3, 2, 1, 3}, false});
  check_both<window<2, 3>, same, stride<1, 1>>(shape<2, 3, 4>(), {2, none, {3, 2, 1, 0, 3}, {4, 3, 1, 1, 4}, false});
  check_both<window<4, 4>, padding<3, 3>, stride<1, 1>>(shape<1, 2, 2>(),
                                                        {1, none, {2, 4, 1, 3, 5}, {2, 4, 1, 3, 5}, false});
}

TEST_CASE("three axes") {
  check_both<window<2, 1, 3>, padding<1, 0, 1>>(shape<2, 3, 2, 5>(),
                                                {2, {3, 2, 2, 1, 2}, {2, 1, 1, 0, 2}, {5, 3, 3, 1, 2}, false});
}

TEST_CASE("global pools: a number for each channel, ready for a dense layer") {
  definition d = {3, none, none, {20, 20, 20, 0, 1}, false};
  check<global_max_pool, shape<3, 20>, 2>(d);
  check<global_max_pool, shape<3, 4, 5>, 2>(d);
  d.mean = true;
  check<global_average_pool, shape<3, 20>, 1>(d);
  check<global_average_pool, shape<3, 2, 2, 5>, 3>(d);
  check_layer<global_average_pool, shape<3, 4, 5>, 2>(2);
  CHECK(is_same<global_average_pool::on<shape<3, 4, 5>>::output, shape<3>>::value);
  CHECK(is_same<max_pool<window<2, 2>>::on<shape<3, 4, 6>>::output, shape<3, 2, 3>>::value);
}

TEST_CASE("of equals, the first is the largest") {
  typedef global_max_pool::on<shape<2, 3>> on;
  const float x[6] = {1, 1, 1, -2, -1, -1}, dy[2] = {3, 4};
  float y[2], dx[6];
  const layer_memory<float> m = {};
  on::forward<1>(x, x, y, m);
  CHECK(y[0] == 1);
  CHECK(y[1] == -1);
  on::backward<1>(x, x, y, m, dy, dx);
  CHECK(std::vector<float>(dx, dx + 6) == std::vector<float>{3, 0, 0, 0, 4, 0});
}

TEST_CASE("in fixed point all of a delta arrives, however many cells share it") {
  layer_bench<global_average_pool, shape<2, 7, 7>, 1, fixed16<12>> bench(1);
  for (const int delta : {0, 1, -1, 24, 25, 48, 49, 50, -50, 1000, -32767, 32767}) {
    CAPTURE(delta);
    bench.dy[0] = bench.dy[1] = fixed16<12>::from_raw(static_cast<int16_t>(delta));
    bench.backward();
    int32_t sum = 0;
    for (size_t i = 0; i < 49; ++i) {
      sum += bench.dx[i].raw;
      CHECK(std::abs(bench.dx[i].raw * 49 - delta) < 49);
    }
    CHECK(sum == delta);
  }
}

TEST_CASE("means in fixed point: halves go up, and the range does not end") {
  typedef average_pool<window<2>>::on<shape<1, 8>> on;
  typedef fixed16<12> A;
  const int16_t raw[8] = {1, 2, -1, -2, 32767, 32767, -32767, -32767};
  A x[8], y[4];
  for (size_t i = 0; i < 8; ++i) x[i] = A::from_raw(raw[i]);
  on::forward<1>(x, static_cast<const A*>(x), y, layer_memory<A>());
  CHECK(y[0].raw == 2);
  CHECK(y[1].raw == -1);
  CHECK(y[2].raw == 32767);
  CHECK(y[3].raw == -32767);
}

TEST_CASE("inputs in another format than activations") {
  typedef fixed16<12> A;
  fixed8<4> x[6];
  for (int8_t i = 0; i < 6; ++i) x[i] = fixed8<4>::from_raw(static_cast<int8_t>(i * 11 - 20));  // up to 35 / 16
  A y[6];
  const layer_memory<A> m = {};
  const A* const w = nullptr;
  average_pool<window<3>>::on<shape<1, 6>>::forward<1>(w, static_cast<const fixed8<4>*>(x), y, m);
  CHECK(y[0].raw == -9 * 256);  // -20, -9, 2
  CHECK(y[1].raw == 24 * 256);
  max_pool<window<2>>::on<shape<1, 6>>::forward<1>(w, static_cast<const fixed8<4>*>(x), y, m);
  CHECK(y[2].raw == 35 * 256);
  flatten::on<shape<2, 3>>::forward<1>(w, static_cast<const fixed8<4>*>(x), y, m);
  CHECK(y[3].raw == 13 * 256);
  fixed8<4> back[6];
  flatten::on<shape<2, 3>>::forward<1>(static_cast<const fixed8<4>*>(nullptr), static_cast<const A*>(y), back,
                                       layer_memory<fixed8<4>>());
  CHECK(std::equal(x, x + 6, back));
  average_pool<window<2>>::on<shape<1, 6>>::forward<1>(static_cast<const fixed8<4>*>(nullptr), static_cast<const A*>(y),
                                                       back, layer_memory<fixed8<4>>());
  CHECK(back[0].raw == -14);  // -14.5: halves up
}

TEST_CASE("flatten and reshape: the same numbers") {
  check_layer<flatten, shape<2, 3, 4>, 2>(1);
  check_layer<reshape<4, 6>, shape<2, 3, 4>, 3>(1);
  CHECK(is_same<flatten::on<shape<2, 3, 4>>::output, shape<24>>::value);
  CHECK(is_same<reshape<4, 6>::on<shape<24>>::output, shape<4, 6>>::value);
  typedef sequential<input<2, 3, 4>, max_pool<window<1, 2>>, flatten, dense<3>> net;
  CHECK(net::elements<float>() == 12 + 3);  // flatten costs nothing
  typedef sequential<input<24>, reshape<4, 6>, global_average_pool, dense<3>> first;
  CHECK(first::elements<float>() == 24 + 4 + 3);
}

TEST_CASE("networks: learning on the way back is backward and gradient") {
  typedef sequential<input<64>, dense<48>, reshape<3, 4, 4>, max_pool<window<2, 2>, stride<1, 1>>,
                     average_pool<window<2, 2>, same>, flatten, dense<4>>
      net;
  learn_twice<net, softmax_cross_entropy, 1>();
  learn_twice<net, softmax_cross_entropy, 3>();
  learn_twice<net, softmax_cross_entropy, 2, fixed16<12>>();
  typedef sequential<input<8>, dense<24>, reshape<2, 12>, global_max_pool, dense<2>> global;
  learn_twice<global, softmax_cross_entropy, 2>();
}
