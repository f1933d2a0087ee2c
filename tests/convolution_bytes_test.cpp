// SPDX-License-Identifier: MIT
// Convolutions of samples in 8 bits: their sums are made another way than those of 16 bits, and are the same.
#include "support/gradient_buffer.hpp"

#include <doctest/doctest.h>

#include <vector>
#include <weir/nn/convolution.hpp>

using namespace test_support;
using weir::conv1d;
using weir::conv2d;
using weir::conv3d;
using weir::dilation;
using weir::fixed16;
using weir::fixed8;
using weir::groups;
using weir::index_t;
using weir::padding;
using weir::shape;
using weir::stride;
using weir::window;

namespace {

typedef fixed16<12> A;

template <class On, index_t B, class X>
struct passes {
  std::vector<A> y;
  std::vector<float> gradient;

  passes(const std::vector<A>& w, const std::vector<int8_t>& raw, const std::vector<A>& dy)
      : y(B * On::output::size()) {
    std::vector<X> x;
    for (int8_t r : raw) x.push_back(X::from_raw(r));
    std::vector<A> scratch(On::template scratch<A>(B) + 1, A(3.0f));
    const weir::layer_memory<A> m = {nullptr, nullptr, scratch.data(), nullptr, 0};
    On::template forward<B>(w.data(), static_cast<const X*>(x.data()), y.data(), m);
    CHECK(scratch.back() == A(3.0f));
    gradient_buffer sink(On::parameters());
    On::template gradient<B>(static_cast<const X*>(x.data()), static_cast<const A*>(y.data()), m, dy.data(), sink,
                             index_t(0));
    gradient = sink.g;
  }
};

template <class On, index_t B>
void compare(const std::vector<A>& w, const std::vector<int8_t>& x, const std::vector<A>& dy) {
  const passes<On, B, fixed8<6>> of_bytes(w, x, dy);
  const passes<On, B, fixed16<6>> of_words(w, x, dy);
  CHECK(of_bytes.y == of_words.y);
  CHECK(of_bytes.gradient == of_words.gradient);
}

template <class L, class In, index_t B>
void check() {
  typedef typename L::template on<In> on;
  CAPTURE(B);
  CAPTURE(on::fingerprint());
  weir::random_bits random(B);
  std::vector<A> w(on::parameters()), dy(B * on::output::size());
  std::vector<int8_t> x(B * In::size());
  for (A& v : w) v = A(8 * random.unit() - 4);
  for (int8_t& v : x) v = static_cast<int8_t>(random.unit() < 0.5f ? 0 : 255 * random.unit() - 128);
  for (A& v : dy) v = random.unit() < 0.5f ? A() : A(2 * random.unit() - 1);
  compare<on, B>(w, x, dy);
}

}  // namespace

TEST_CASE("samples in 8 bits give the outputs and the gradient of the same samples in 16") {
  check<conv1d<8, window<3>>, shape<8, 8>, 1>();
  check<conv1d<8, window<3>>, shape<8, 8>, 3>();
  check<conv1d<3, window<5>, stride<3>, dilation<2>>, shape<2, 20>, 2>();
  check<conv1d<6, window<1>, groups<2>>, shape<4, 7>, 2>();
  check<conv1d<2, window<3>, padding<1>>, shape<3, 9>, 2>();
  check<conv2d<4, window<3, 2>, stride<2, 1>, groups<2>>, shape<4, 7, 5>, 2>();
  check<conv2d<3, window<2, 3>, dilation<2, 1>>, shape<1, 6, 6>, 1>();
  check<conv3d<2, window<2, 3, 2>, stride<1, 2, 2>>, shape<3, 4, 7, 6>, 2>();
}

TEST_CASE("sums of extreme products, as many as 32 bits hold, and more") {
  typedef conv1d<1, window<1>>::on<shape<1, 511>> most;
  typedef conv1d<1, window<1>>::on<shape<1, 513>> too_many;
  for (const float sign : {1.0f, -1.0f}) {
    const std::vector<A> w(2, A(-8.0f * sign)), dy(513, A(8.0f * sign));
    compare<most, 1>(w, std::vector<int8_t>(511, -128), std::vector<A>(dy.begin() + 2, dy.end()));
    compare<too_many, 1>(w, std::vector<int8_t>(513, -128), dy);
  }
}
