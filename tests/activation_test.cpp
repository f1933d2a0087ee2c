// SPDX-License-Identifier: MIT
// Activations against their definitions in double, over all inputs in fixed point.
#include "support/both_plans.hpp"
#include "support/check_layer.hpp"

#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/hard_activation.hpp>
#include <weir/nn/smooth_activation.hpp>

using namespace test_support;
using weir::fixed16;
using weir::fixed8;
using weir::input;
using weir::sequential;
using weir::shape;

namespace {

double clamp(double v, double low, double high) { return std::fmin(std::fmax(v, low), high); }

/// A function and its derivative.
struct exact {
  double (*value)(double);
  double (*slope)(double);
};
const exact relu6 = {[](double x) { return clamp(x, 0, 6); }, [](double x) { return x > 0 && x < 6 ? 1.0 : 0.0; }};
const exact hard_tanh = {[](double x) { return clamp(x, -1, 1); },
                         [](double x) { return x > -1 && x < 1 ? 1.0 : 0.0; }};
const exact hard_sigmoid = {[](double x) { return clamp(x + 3, 0, 6) / 6; },
                            [](double x) { return x > -3 && x < 3 ? 1.0 / 6 : 0.0; }};
const exact hard_swish = {[](double x) { return x * clamp(x + 3, 0, 6) / 6; },
                          [](double x) { return x <= -3  ? 0
                                                : x >= 3 ? 1
                                                         : (2 * x + 3) / 6; }};
const exact elu = {[](double x) { return x > 0 ? x : std::expm1(x); },
                   [](double x) { return x > 0 ? 1 : std::exp(x); }};
const exact softplus = {[](double x) { return std::fmax(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); },
                        [](double x) { return 1 / (1 + std::exp(-x)); }};
const exact silu = {[](double x) { return x / (1 + std::exp(-x)); },
                    [](double x) {
                      const double s = 1 / (1 + std::exp(-x));
                      return s + x * s * (1 - s);
                    }};
const exact gelu = {
    [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); },
    [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)) + x * std::exp(-x * x / 2) / std::sqrt(2 * M_PI); }};

/// d loss / d x for d loss / d y = dy, whether the layer looks at x or at y.
template <class F, class A>
A back(A x, A dy) {
  typedef typename F::template on<shape<1>> on;
  const A y = F::value(x);
  const weir::layer_memory<A> none = {nullptr, nullptr, nullptr, nullptr, 0};
  A dx;
  on::template backward<1>(static_cast<const A*>(nullptr), &x, &y, none, static_cast<const A*>(&dy), &dx);
  return dx;
}

/// The largest error of a value or a derivative over [-20, 20].
template <class F>
double float_error(const exact& e) {
  double worst = 0;
  for (int i = -20480; i <= 20480; ++i) {
    const float x = static_cast<float>(i) / 1024.0f + 1.0f / 65536;  // not on a corner
    const double at = static_cast<double>(x);
    worst = std::fmax(worst, std::fabs(static_cast<double>(F::value(x)) - e.value(at)) / std::fmax(1, std::fabs(at)));
    worst = std::fmax(worst, std::fabs(static_cast<double>(back<F>(x, 1.0f)) - e.slope(at)));
  }
  return worst;
}

struct errors {
  double value = 0, slope = 0;
};
/// The same over all numbers of a format, in its units; deltas are a half.
template <class F, class Fixed>
errors fixed_errors(const exact& e) {
  const int32_t most = weir::raw_range<typename Fixed::rep>::highest();
  const double one = static_cast<double>(Fixed::one());
  errors worst;
  for (int32_t raw = -most; raw <= most; ++raw) {
    const Fixed x = Fixed::from_raw(static_cast<typename Fixed::rep>(raw));
    worst.value = std::fmax(worst.value, std::fabs(F::value(x).raw - clamp(e.value(raw / one) * one, -most, most)));
    if (raw == most || raw == -most) continue;
    // Where an output is rounded to an end it has no slope left: so look a unit to both sides, too.
    const double got = back<F>(x, Fixed(0.5f)).raw, half = 0.5 * one;
    double error = 1e9;
    for (int step = -4; step <= 4; ++step)
      error = std::fmin(error, std::fabs(got - e.slope((raw + step) / one) * half));
    worst.slope = std::fmax(worst.slope, error);
  }
  return worst;
}

template <class F>
void check_fixed(const exact& e, double value, double slope) {
  const errors all[] = {fixed_errors<F, fixed8<4>>(e), fixed_errors<F, fixed8<7>>(e), fixed_errors<F, fixed16<8>>(e),
                        fixed_errors<F, fixed16<12>>(e), fixed_errors<F, fixed16<13>>(e)};
  for (const errors& one : all) {
    CHECK(one.value <= value);
    CHECK(one.slope <= slope);
  }
}

/// At the end of a format's range a delta that pushes outwards is none; one that leads back is there.
template <class F, class Fixed>
void check_hold() {
  const Fixed end = Fixed::from_raw(weir::raw_range<typename Fixed::rep>::highest());
  CHECK(back<F>(end, Fixed(-0.5f)) == Fixed(0.0f));
  CHECK(Fixed(0.0f) < back<F>(end, Fixed(0.5f)));
}

}  // namespace

TEST_CASE("floats: value and derivative") {
  CHECK(float_error<weir::relu6>(relu6) == 0);
  CHECK(float_error<weir::hard_tanh>(hard_tanh) == 0);
  CHECK(float_error<weir::hard_sigmoid>(hard_sigmoid) < 1.5e-7);
  CHECK(float_error<weir::hard_swish>(hard_swish) < 3e-7);
  CHECK(float_error<weir::elu>(elu) < 1.5e-7);
  CHECK(float_error<weir::softplus>(softplus) < 3e-7);
  CHECK(float_error<weir::silu>(silu) < 1.2e-6);  // 1 - sigmoid(x) is rounded in units of 1, and x is 20
  CHECK(float_error<weir::gelu>(gelu) < 7e-7);
}

TEST_CASE("corners, and far away") {
  CHECK(back<weir::relu6>(0.0f, 1.0f) == 0);
  CHECK(back<weir::relu6>(6.0f, 1.0f) == 0);
  CHECK(back<weir::hard_tanh>(-1.0f, 1.0f) == 0);
  CHECK(back<weir::hard_sigmoid>(3.0f, 1.0f) == 0);
  CHECK(back<weir::hard_swish>(3.0f, 1.0f) == 1);
  CHECK(back<weir::hard_swish>(-3.0f, 1.0f) == 0);
  const auto near = [](float v, float want) { return std::fabs(v - want) < 1e-30f; };
  for (const float x : {-1e4f, 1e4f}) {
    CHECK(near(weir::softplus::value(x), x > 0 ? x : 0));
    CHECK(near(weir::gelu::value(x), x > 0 ? x : 0));
    CHECK(near(weir::silu::value(x), x > 0 ? x : 0));
    CHECK(near(weir::elu::value(x), x > 0 ? x : -1));
    CHECK(near(back<weir::softplus>(x, 1.0f), x > 0 ? 1 : 0));
    CHECK(near(back<weir::gelu>(x, 1.0f), x > 0 ? 1 : 0));
    CHECK(near(back<weir::silu>(x, 1.0f), x > 0 ? 1 : 0));
    CHECK(near(back<weir::elu>(x, 1.0f), x > 0 ? 1 : 0));
  }
  const float none[] = {weir::gelu::value(NAN),     weir::silu::value(NAN),       weir::elu::value(NAN),
                        weir::softplus::value(NAN), weir::sigmoid::value(NAN),    weir::tanh::value(NAN),
                        weir::relu6::value(NAN),    weir::hard_swish::value(NAN), weir::hard_tanh::value(NAN)};
  for (const float v : none) CHECK(std::isnan(v));
}

TEST_CASE("gradients of the layers") {
  check_layer<weir::elu, shape<2, 5>, 3>();
  check_layer<weir::softplus, shape<7>, 2>();
  check_layer<weir::silu, shape<7>, 2>();
  check_layer<weir::gelu, shape<2, 5>, 3>();
  check_layer<weir::hard_swish, shape<7>, 2>();
  check_layer<weir::hard_sigmoid, shape<7>, 2>();
}

TEST_CASE("fixed point over all inputs: errors in units, half of one for each rounding") {
  check_fixed<weir::relu6>(relu6, 0, 0);
  check_fixed<weir::hard_tanh>(hard_tanh, 0, 0);
  check_fixed<weir::hard_sigmoid>(hard_sigmoid, 0.51, 0.51);
  check_fixed<weir::hard_swish>(hard_swish, 2.01, 1.51);  // a rounding of hard_sigmoid's, times 3 at most, and one more
  check_fixed<weir::elu>(elu, 1.7, 0.8);                  // and what exp leaves
  check_fixed<weir::silu>(silu, 4.5, 2.6);                // the rounding of sigmoid, times x up to where it is 1
}

TEST_CASE("at the end of the range nothing pushes further out") {
  check_hold<weir::relu6, fixed16<13>>();
  check_hold<weir::hard_tanh, fixed8<7>>();
  check_hold<weir::hard_swish, fixed16<12>>();
  check_hold<weir::elu, fixed16<12>>();
  check_hold<weir::silu, fixed16<12>>();
  const fixed16<12> end = fixed16<12>::from_raw(32767);  // 6 is inside of this format, and an end
  CHECK(back<weir::relu6>(end, fixed16<12>(0.5f)).raw == 0);
}

TEST_CASE("fixed point: golden integers") {
  typedef fixed16<12> q;
  CHECK(weir::hard_sigmoid::value(q(1.0f)).raw == 2731);  // 4/6
  CHECK(weir::hard_swish::value(q(-1.0f)).raw == -1365);  // -2/6
  CHECK(weir::elu::value(q(-1.0f)).raw == -2589);         // 1/e - 1 = -0.632121
  CHECK(weir::silu::value(q(1.0f)).raw == 2994);          // 0.731059
  CHECK(weir::relu6::value(q(7.0f)).raw == 6 * 4096);
  CHECK(weir::hard_tanh::value(q(-2.0f)).raw == -4096);
}

namespace {

/// A layer over so many numbers, in place or not, against one number at a time.
template <class F, weir::index_t N>
void check_blocks() {
  typedef typename F::template on<shape<N>> on;
  layer_bench<F, shape<N>, 1> bench(1);
  for (size_t i = 0; i < N; ++i) bench.x[i] *= 8;
  bench.forward();
  bench.backward();
  bench.check_guards();
  for (size_t i = 0; i < N; ++i) {
    CHECK(bench.y[i] == doctest::Approx(F::value(bench.x[i])).epsilon(1e-6));
    CHECK(bench.dx[i] == doctest::Approx(back<F>(bench.x[i], bench.dy[i])).epsilon(1e-6));
  }
  if (!on::in_place()) return;
  const std::vector<float> y(bench.y.data(), bench.y.data() + N), dx(bench.dx.data(), bench.dx.data() + N);
  on::template forward<1>(static_cast<const float*>(bench.w.data()), static_cast<const float*>(bench.x.data()),
                          bench.x.data(), bench.memory());
  on::template backward<1>(static_cast<const float*>(bench.w.data()), static_cast<const float*>(nullptr),
                           static_cast<const float*>(bench.x.data()), bench.memory(),
                           static_cast<const float*>(bench.dy.data()), bench.dy.data());
  bench.check_guards();
  CHECK(std::equal(y.begin(), y.end(), bench.x.data()));
  CHECK(std::equal(dx.begin(), dx.end(), bench.dy.data()));
}
template <class F>
void check_blocks() {
  check_blocks<F, 1>();
  check_blocks<F, 31>();
  check_blocks<F, 32>();
  check_blocks<F, 33>();
  check_blocks<F, 100>();
}

}  // namespace

TEST_CASE("blocks and what is left of them") {
  check_blocks<weir::relu>();
  check_blocks<weir::leaky_relu<>>();
  check_blocks<weir::sigmoid>();
  check_blocks<weir::tanh>();
  check_blocks<weir::relu6>();
  check_blocks<weir::hard_tanh>();
  check_blocks<weir::hard_sigmoid>();
  check_blocks<weir::hard_swish>();
  check_blocks<weir::elu>();
  check_blocks<weir::softplus>();
  check_blocks<weir::silu>();
  check_blocks<weir::gelu>();
}

TEST_CASE("models with all of them: both plans, and who works in place") {
  typedef sequential<input<6>, weir::dense<8>, weir::gelu, weir::elu, weir::dense<8>, weir::relu6, weir::silu,
                     weir::softplus, weir::dense<8>, weir::hard_swish, weir::hard_tanh, weir::dense<3>,
                     weir::hard_sigmoid>
      net;
  typedef sequential<input<6>, weir::dense<8>, weir::elu, weir::dense<8>, weir::relu6, weir::silu, weir::dense<8>,
                     weir::hard_swish, weir::hard_tanh, weir::dense<3>, weir::hard_sigmoid>
      small;
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    both_plans<net, 1>(seed);
    both_plans<net, 5>(seed);
    both_plans<small, 2, fixed16<12>>(seed);
  }
  static_assert(sequential<input<6>, weir::dense<8>, weir::elu>::elements() == 8, "in place");
  static_assert(sequential<input<6>, weir::dense<8>, weir::silu>::elements() == 16, "needs its input");
}
