// SPDX-License-Identifier: MIT
#include "support/gradient_buffer.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>
#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/frozen.hpp>
#include <weir/nn/sequential.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>

using namespace test_support;
using weir::dense;
using weir::frozen;
using weir::index_t;
using weir::input;
using weir::sequential;

namespace {

typedef sequential<input<12>, dense<9>, weir::relu, dense<7>, weir::tanh, dense<5>, weir::relu, dense<3>> whole;
constexpr index_t trunk_size = 13 * 9 + 10 * 7 + 8 * 5, head_size = 6 * 3;
static_assert(whole::parameters() == trunk_size + head_size, "");

typedef weir::fixed16<12> q;

template <class A>
std::vector<A>& all_weights() {
  static std::vector<A> w(whole::parameters());
  return w;
}

struct in_memory {
  static const float* data() { return all_weights<float>().data(); }
  static constexpr uint32_t id() { return 1; }
};
struct in_memory_fixed {
  static const q* data() { return all_weights<q>().data(); }
  static constexpr uint32_t id() { return 1; }
};
struct other : in_memory {
  static constexpr uint32_t id() { return 2; }
};

// The units of the first weights are k * 37 mod 4001 - 2000.
#define WEIR_TEN(k)                                                                                                \
  unit(k), unit(k + 1), unit(k + 2), unit(k + 3), unit(k + 4), unit(k + 5), unit(k + 6), unit(k + 7), unit(k + 8), \
      unit(k + 9)
#define WEIR_HUNDRED(k)                                                                                  \
  WEIR_TEN(k), WEIR_TEN(k + 10), WEIR_TEN(k + 20), WEIR_TEN(k + 30), WEIR_TEN(k + 40), WEIR_TEN(k + 50), \
      WEIR_TEN(k + 60), WEIR_TEN(k + 70), WEIR_TEN(k + 80), WEIR_TEN(k + 90)
constexpr int16_t unit(int k) { return static_cast<int16_t>(k * 37 % 4001 - 2000); }
constexpr weir::flash_table<int16_t, 230> units WEIR_FLASH = {
    {WEIR_HUNDRED(0), WEIR_HUNDRED(100), WEIR_TEN(200), WEIR_TEN(210), WEIR_TEN(220)}};
struct in_flash {
  static const weir::flash_table<int16_t, 230>& table() { return units; }
  static constexpr uint32_t id() { return 1; }
};

template <class Source>
using head_only =
    sequential<input<12>, frozen<Source, dense<9>, weir::relu, dense<7>, weir::tanh, dense<5>, weir::relu>, dense<3>>;

template <class Net, index_t B, class A>
std::vector<float> gradient_of(const A* w, const A* x, std::vector<A>& outputs) {
  static typename Net::template workspace<A, B> space;
  for (A& cell : space.cells) cell = A(3.0f);
  const A* const y = Net::template forward<B>(w, x, space.cells);
  outputs.assign(y, y + B * 3);
  for (index_t b = 0; b < B; ++b) weir::softmax_cross_entropy::gradient(y + b * 3, 3, b % 3, space.delta() + b * 3);
  gradient_buffer sink(Net::parameters());
  Net::template learn<B>(w, x, space, sink);
  return sink.g;
}

template <class Source, index_t B, class A>
void compare() {
  typedef head_only<Source> net;
  static_assert(net::parameters() == head_size, "only the head has weights");
  weir::random_bits random(B);
  std::vector<A> x(B * 12), want, got;
  for (A& v : x) v = A(random.unit() - 0.5f);
  const std::vector<float> g = gradient_of<whole, B, A>(all_weights<A>().data(), x.data(), want);
  const std::vector<float> of_head = gradient_of<net, B, A>(all_weights<A>().data() + trunk_size, x.data(), got);
  CHECK(std::memcmp(got.data(), want.data(), got.size() * sizeof(A)) == 0);
  REQUIRE(of_head.size() == head_size);
  for (size_t i = 0; i < head_size; ++i) CHECK(of_head[i] == g[trunk_size + i]);
}

}  // namespace

TEST_CASE("a frozen trunk and a head are the whole model, to the bit: in memory and out of flash") {
  whole::initialize(all_weights<float>().data(), 5);
  compare<in_memory, 1, float>();
  compare<in_memory, 3, float>();
  compare<in_memory, 9, float>();
  for (size_t i = 0; i < whole::parameters(); ++i) all_weights<q>()[i] = q::from_raw(unit(static_cast<int>(i)));
  compare<in_memory_fixed, 1, q>();
  compare<in_flash, 1, q>();
  compare<in_flash, 4, q>();
}

TEST_CASE("frozen layers take two outputs at a time, and a row") {
  typedef head_only<in_flash>::layers::layer flash_layer;
  typedef head_only<in_memory_fixed>::layers::layer memory_layer;
  static_assert(memory_layer::scratch<q>(1) == 9 + 7, "the widest pair; relu and tanh work in place");
  static_assert(flash_layer::scratch<q>(1) == 9 + 7 + 10, "and a row of nine with its bias");
  static_assert(flash_layer::scratch<q>(2) == 2 * (9 + 7) + 10, "");
  static_assert(memory_layer::constants() == trunk_size, "");
  typedef head_only<in_memory_fixed> net;
  static_assert(sizeof(net::workspace<q, 1>) == (5 + 9 + 7) * sizeof(q), "deltas stand where scratch was");
  static_assert(head_only<in_memory>::fingerprint() != head_only<other>::fingerprint(), "by what Source says it is");
  static_assert(head_only<in_memory>::fingerprint() != whole::fingerprint(), "");
}
