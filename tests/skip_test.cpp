// SPDX-License-Identifier: MIT
// Layers that have layers inside.
#include "support/both_plans.hpp"
#include "support/check_layer.hpp"

#include <weir/nn/activation.hpp>
#include <weir/nn/batch_norm.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/dropout.hpp>
#include <weir/nn/layer_norm.hpp>
#include <weir/nn/recomputed.hpp>
#include <weir/nn/skip.hpp>

using namespace test_support;
using weir::dense;
using weir::index_t;
using weir::input;
using weir::recomputed;
using weir::relu;
using weir::sequential;
using weir::shape;
using weir::skip;
using weir::skip_with;

namespace {

typedef weir::fixed16<12> q;

/// The outputs of a plain model at these weights.
template <class Net, index_t B, class A>
std::vector<A> outputs_of(const A* w, const A* x) {
  std::vector<A> space(Net::template elements<A>(B));
  const A* const y = Net::template forward<B>(w, x, space.data());
  return std::vector<A>(y, y + B * Net::outputs());
}

/// y = x + what was fed in the last training batch, which it remembers.
struct remembering {
  template <class In>
  struct on : weir::layer_defaults {
    typedef In output;
    static constexpr index_t parameters() { return 0; }
    static constexpr uint32_t fingerprint() { return 1; }
    static constexpr bool knows_training() { return true; }
    template <class A>
    static constexpr index_t carried(index_t batch) {
      return batch * In::size();
    }
    template <class A>
    static void initialize(A*, weir::random_bits&) {}
    template <index_t B, class A, class X>
    static void forward(const A*, const X* x, A* y, const weir::layer_memory<A>& m) {
      for (index_t i = 0; i < B * In::size(); ++i) {
        y[i] = x[i] + m.carried[i];
        if (m.chance != 0) m.carried[i] = x[i];
      }
    }
    template <index_t B, class A, class X>
    static void backward(const A*, const X*, const A*, const weir::layer_memory<A>&, const A* dy, A* dx) {
      std::copy(dy, dy + B * In::size(), dx);
    }
    template <index_t B, class A, class X, class Sink>
    static void gradient(const X*, const A*, const weir::layer_memory<A>&, const A*, Sink&, index_t) {}
  };
};

/// y = x, and leaves rubbish in its scratch.
struct scribbling {
  template <class In>
  struct on : weir::relu::on<In> {
    static constexpr bool in_place() { return false; }
    static constexpr bool needs_output() { return false; }
    template <class A>
    static constexpr index_t scratch(index_t batch) {
      return 2 * batch * In::size();
    }
    template <index_t B, class A, class X>
    static void forward(const A*, const X* x, A* y, const weir::layer_memory<A>& m) {
      std::copy(x, x + B * In::size(), y);
      std::fill(m.scratch, m.scratch + scratch<A>(B), A(99.0f));
    }
    template <index_t B, class A, class X>
    static void backward(const A*, const X*, const A*, const weir::layer_memory<A>& m, const A* dy, A* dx) {
      std::copy(dy, dy + B * In::size(), dx);
      std::fill(m.scratch, m.scratch + scratch<A>(B), A(-99.0f));
    }
  };
};

/// A model with and without the wrapping gives the same bits.
template <class Plain, class Wrapped, index_t B, class A = float>
void check_same() {
  static_assert(Plain::parameters() == Wrapped::parameters(), "");
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    const pass_results plain = both_plans<Plain, B, A>(seed), wrapped = both_plans<Wrapped, B, A>(seed);
    CHECK(plain.outputs == wrapped.outputs);
    CHECK(plain.gradient == wrapped.gradient);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("skip adds its input to what its layers make of it", A, float, q) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    layer_bench<skip<dense<9>, weir::tanh, dense<6>>, shape<6>, 3, A> bench(seed);
    bench.forward();
    bench.check_guards();
    const std::vector<A> f =
        outputs_of<sequential<input<6>, dense<9>, weir::tanh, dense<6>>, 3, A>(bench.w.data(), bench.x.data());
    for (size_t i = 0; i < 18; ++i) CHECK(bench.y[i] == bench.x[i] + f[i]);
  }
}

TEST_CASE_TEMPLATE("skip_with has a layer on the short way, too", A, float, q) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    layer_bench<skip_with<dense<4>, dense<9>, weir::tanh, dense<4>>, shape<6>, 3, A> bench(seed);
    bench.forward();
    bench.check_guards();
    const std::vector<A> p = outputs_of<sequential<input<6>, dense<4>>, 3, A>(bench.w.data(), bench.x.data());
    const std::vector<A> f =
        outputs_of<sequential<input<6>, dense<9>, weir::tanh, dense<4>>, 3, A>(bench.w.data() + 28, bench.x.data());
    for (size_t i = 0; i < 12; ++i) CHECK(bench.y[i] == p[i] + f[i]);
  }
}

TEST_CASE("fixed point saturates where the two ways meet, forward and backward") {
  layer_bench<skip<weir::tanh>, shape<2>, 1, q> bench(1);
  bench.x[0].raw = 32000, bench.x[1].raw = -32000;
  bench.dy[0].raw = 32000, bench.dy[1].raw = -32000;
  bench.forward();
  CHECK(bench.y[0].raw == 32767);
  CHECK(bench.y[1].raw == -32767);
  bench.x[0].raw = bench.x[1].raw = 0;  // where tanh's slope is 1
  bench.forward();
  bench.backward();
  CHECK(bench.dx[0].raw == 32767);
  CHECK(bench.dx[1].raw == -32767);
}

TEST_CASE("gradients of skip, skip_with and recomputed, inside of each other") {
  check_layer<skip<dense<4>>, shape<4>, 1>();
  check_layer<skip<weir::tanh>, shape<4, 3>, 2>();
  check_layer<skip<weir::tanh, dense<5>, weir::tanh>, shape<5>, 3>();
  check_layer<skip<dense<7>, weir::tanh, dense<5>>, shape<5>, 2>();
  check_layer<skip<weir::layer_norm<>, dense<6>, weir::tanh>, shape<6>, 2>();
  check_layer<skip_with<dense<3>, dense<7>, weir::tanh, dense<3>>, shape<5>, 2>();
  check_layer<skip_with<weir::sigmoid, weir::tanh>, shape<5>, 2>();
  check_layer<recomputed<dense<7>, weir::tanh, dense<4>>, shape<5>, 2>();
  check_layer<recomputed<weir::tanh>, shape<5>, 3>();
  check_layer<skip<weir::tanh, skip<dense<5>, weir::tanh>, dense<5>>, shape<5>, 2>();
  check_layer<skip<recomputed<dense<6>, weir::tanh>, dense<5>>, shape<5>, 2>();
  check_layer<recomputed<skip<dense<5>, weir::tanh>, recomputed<dense<3>, weir::tanh>>, shape<5>, 2>();
  check_layer<skip_with<recomputed<dense<3>>, skip_with<dense<4>, dense<4>, weir::tanh>, dense<3>>, shape<5>, 3>();
}

TEST_CASE("chances and training reach the layers inside") {
  typedef skip<dense<6>, weir::dropout<1, 3>, weir::tanh> block;
  static_assert(block::on<shape<6>>::knows_training() && !skip<weir::tanh>::on<shape<6>>::knows_training(), "");
  check_layer<block, shape<6>, 3>(5, 1.0f / 64, 42, 7);
  check_layer<recomputed<block, weir::dropout<>>, shape<6>, 3>(5, 1.0f / 64, 42, 7);
  check_layer<skip_with<weir::dropout<>, weir::dropout<>>, shape<20>, 2>(5, 1.0f / 64, 0, 7);
  check_layer<skip<recomputed<weir::batch_norm, weir::tanh>>, shape<3, 4>, 3>(5, 1.0f / 64, 6, 1);

  layer_bench<skip_with<weir::dropout<>, weir::dropout<>>, shape<200>, 1> bench(1);
  bench.chance = 3;
  bench.forward();
  size_t one_way = 0;
  for (size_t i = 0; i < 200; ++i) one_way += bench.y[i] == 2 * bench.x[i];
  CHECK(one_way > 50);  // half of them: the two ways draw by themselves
  CHECK(one_way < 150);
}

TEST_CASE("what is carried reaches the layers inside, each its own") {
  typedef skip<remembering, skip_with<remembering, weir::tanh, remembering>> block;
  static_assert(block::on<shape<4>>::carried<float>(2) == 24, "");
  layer_bench<block, shape<4>, 2> bench(1);
  bench.chance = 1;
  const auto by_hand = [&](size_t i, const double(&was)[3]) {
    const double x = static_cast<double>(bench.x[i]), a = x + was[0];
    return x + (a + was[1] + std::tanh(a) + was[2]);
  };
  for (size_t i = 0; i < 8; ++i) bench.x[i] = 0.5f;
  bench.forward();
  CHECK(static_cast<double>(bench.y[7]) == doctest::Approx(by_hand(7, {0, 0, 0})));
  bench.forward();
  CHECK(static_cast<double>(bench.y[7]) == doctest::Approx(by_hand(7, {0.5, 0.5, std::tanh(0.5)})));
  bench.check_guards();
}

TEST_CASE("scratch inside is nobody's memory") {
  check_layer<skip<scribbling, dense<4>, scribbling>, shape<4>, 2>();
  check_layer<skip_with<scribbling, scribbling, dense<4>, scribbling>, shape<4>, 2>();
  check_layer<recomputed<scribbling, weir::sigmoid, dense<4>, scribbling>, shape<4>, 2>();
  check_layer<recomputed<skip_with<recomputed<scribbling>, skip<scribbling>>, dense<4>>, shape<4>, 2>();
}

TEST_CASE("models with blocks: both plans agree, first, in the middle and last") {
  typedef sequential<input<6>, skip<dense<6>, relu>, dense<8>, weir::tanh,
                     skip<dense<5>, weir::tanh, skip<relu>, dense<8>>, skip_with<dense<3>, weir::tanh, dense<3>>>
      net;
  typedef sequential<input<6>, recomputed<skip<weir::tanh, dense<6>>, weir::tanh>, recomputed<dense<4>, weir::tanh>,
                     dense<2>, relu>
      again;
  typedef sequential<input<6>, skip<weir::tanh>, recomputed<weir::tanh>, dense<2>> nothing_to_train_in_front;
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    both_plans<net, 1>(seed);
    both_plans<net, 4>(seed);
    both_plans<again, 1>(seed);
    both_plans<again, 3>(seed);
    both_plans<net, 2, q>(seed);
    both_plans<again, 2, q>(seed);
    both_plans<nothing_to_train_in_front, 2>(seed);
  }
}

TEST_CASE("recomputed gives the same bits as without, in less memory") {
  typedef sequential<input<6>, dense<9>, weir::tanh, dense<7>, weir::layer_norm<>, relu, dense<3>> plain;
  check_same<plain,
             sequential<input<6>, recomputed<dense<9>, weir::tanh, dense<7>>, weir::layer_norm<>, relu, dense<3>>, 1>();
  check_same<plain,
             sequential<input<6>, dense<9>, recomputed<weir::tanh, dense<7>, weir::layer_norm<>, relu>, dense<3>>, 5>();
  check_same<
      plain,
      sequential<input<6>, dense<9>, weir::tanh, recomputed<recomputed<dense<7>>, weir::layer_norm<>, relu, dense<3>>>,
      2>();
  check_same<sequential<input<6>, skip<weir::tanh, dense<6>>, dense<2>>,
             sequential<input<6>, recomputed<skip<weir::tanh, dense<6>>>, dense<2>>, 2>();
  check_same<sequential<input<6>, dense<9>, weir::tanh, dense<7>, relu, dense<3>>,
             sequential<input<6>, recomputed<dense<9>, weir::tanh>, recomputed<dense<7>, relu>, dense<3>>, 2, q>();

  typedef skip<dense<16>, weir::tanh, dense<16>, weir::tanh, dense<16>, weir::tanh, dense<16>> block;
  typedef sequential<input<16>, block, block, block, block, block, block, block, block> kept;
  typedef recomputed<block> again_block;
  typedef sequential<input<16>, again_block, again_block, again_block, again_block, again_block, again_block,
                     again_block, again_block>
      again;
  static_assert(again_block::on<shape<16>>::kept<float>(2) == 0, "");
  // In units of 2 x 16 numbers. Kept: 4 activations and an output for each block; the deltas of one block at a time.
  static_assert(kept::workspace<float, 2>::size() == 2 * 16 * (8 * 5 + 4 + 2), "");
  // Else: an output for each block; activations, deltas and room for the forward pass of one block.
  static_assert(again::workspace<float, 2>::size() == 2 * 16 * (8 + 5 + 5 + 2 + 5), "");
}

TEST_CASE("fingerprints tell blocks apart") {
  typedef skip<dense<4>> a;
  typedef recomputed<dense<4>> b;
  typedef skip_with<dense<4>, dense<4>> c;
  typedef skip<dense<4>, dense<4>> d;
  typedef skip<skip<dense<4>>, dense<4>> e;
  typedef skip<skip<dense<4>, dense<4>>> f;
  const uint32_t all[] = {a::on<shape<4>>::fingerprint(), b::on<shape<4>>::fingerprint(),
                          c::on<shape<4>>::fingerprint(), d::on<shape<4>>::fingerprint(),
                          e::on<shape<4>>::fingerprint(), f::on<shape<4>>::fingerprint()};
  for (size_t i = 0; i < 6; ++i)
    for (size_t k = 0; k < i; ++k) CHECK(all[i] != all[k]);
}
