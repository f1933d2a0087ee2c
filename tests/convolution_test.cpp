// SPDX-License-Identifier: MIT
// Convolutions: against their definition, against numerical derivatives, and each way of computing them against the others.
#include "support/check_layer.hpp"
#include "support/learn_twice.hpp"

#include <cmath>
#include <weir/nn/activation.hpp>
#include <weir/nn/convolution.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/flatten.hpp>
#include <weir/nn/pooling.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>

using namespace test_support;
using namespace weir;

namespace {

typedef std::vector<double> numbers;

/// One axis of the definition.
struct line {
  long in, taps, step, before, spread, out;
};
const line none = {1, 1, 1, 0, 1, 1};

struct definition {
  long channels, outputs, groups;
  line t, h, w;

  long taps() const { return t.taps * h.taps * w.taps; }
  long depth() const { return channels / groups * taps(); }
  long inputs() const { return channels * t.in * h.in * w.in; }
  long positions() const { return t.out * h.out * w.out; }

  /// visit(output, weight, input) for every product that there is; biases are the weights behind the filters.
  template <class Visit>
  void each(Visit visit) const {
    for (long o = 0; o < outputs; ++o)
      for (long ot = 0; ot < t.out; ++ot)
        for (long oh = 0; oh < h.out; ++oh)
          for (long ow = 0; ow < w.out; ++ow)
            for (long c = 0; c < channels / groups; ++c)
              for (long kt = 0; kt < t.taps; ++kt)
                for (long kh = 0; kh < h.taps; ++kh)
                  for (long kw = 0; kw < w.taps; ++kw) {
                    const long it = ot * t.step + kt * t.spread - t.before, ih = oh * h.step + kh * h.spread - h.before,
                               iw = ow * w.step + kw * w.spread - w.before;
                    if (it < 0 || it >= t.in || ih < 0 || ih >= h.in || iw < 0 || iw >= w.in) continue;
                    const long channel = o / (outputs / groups) * (channels / groups) + c;
                    visit(static_cast<size_t>(((o * t.out + ot) * h.out + oh) * w.out + ow),
                          static_cast<size_t>(o * depth() + ((c * t.taps + kt) * h.taps + kh) * w.taps + kw),
                          static_cast<size_t>(((channel * t.in + it) * h.in + ih) * w.in + iw));
                  }
  }
};

/// What a layer does to all samples of a bench, by the definition.
struct expected {
  numbers y, dx, g;

  template <class Bench>
  expected(const definition& d, Bench& bench, size_t batch) : y(bench.y.size()), dx(bench.x.size()), g(bench.w.size()) {
    const size_t in = static_cast<size_t>(d.inputs()), out = static_cast<size_t>(d.outputs * d.positions()),
                 biases = static_cast<size_t>(d.outputs * d.depth()), positions = static_cast<size_t>(d.positions());
    const auto of = [](auto& cells, size_t i) { return static_cast<double>(to_float(cells[i])); };
    for (size_t b = 0; b < batch; ++b) {
      for (size_t o = 0; o < out; ++o) {
        y[b * out + o] = of(bench.w, biases + o / positions);
        g[biases + o / positions] += of(bench.dy, b * out + o);
      }
      d.each([&](size_t o, size_t w, size_t i) {
        y[b * out + o] += of(bench.w, w) * of(bench.x, b * in + i);
        dx[b * in + i] += of(bench.w, w) * of(bench.dy, b * out + o);
        g[w] += of(bench.x, b * in + i) * of(bench.dy, b * out + o);
      });
    }
  }
};

template <class Cells>
double farthest(Cells& got, const numbers& want) {
  double most = 0;
  for (size_t i = 0; i < want.size(); ++i)
    most = std::fmax(most, std::fabs(static_cast<double>(to_float(got[i])) - want[i]));
  return most;
}

/// A sink that says where its cells are.
struct cells_sink : gradient_buffer {
  using gradient_buffer::gradient_buffer;
  float* cells(index_t offset) { return g.data() + offset; }
  float scale_of_cells() const { return 1; }
};

/// The layer as the library takes it for floats here, and number by number.
template <class L, class In, index_t B>
void check_floats(const definition& d) {
  typedef typename L::template on<In> on;
  typedef weir::detail::convolution_by_position<typename on::sizes> by_position;
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    layer_bench<L, In, B> bench(seed);
    const expected want(d, bench, B);
    // Sums of `terms` products of numbers up to 1.
    const double terms =
        std::sqrt(static_cast<double>(std::max<size_t>(on::sizes::depth(), B * on::sizes::positions())));
    const double near = 1e-6 * terms * terms;
    bench.forward();
    bench.backward();
    const std::vector<float> g = bench.gradient();
    CHECK(farthest(bench.y, want.y) <= near);
    CHECK(farthest(bench.dx, want.dx) <= near);
    CHECK(farthest(g, want.g) <= near);

    cells_sink cells(on::parameters());
    on::template gradient<B>(static_cast<const float*>(bench.x.data()), static_cast<const float*>(bench.y.data()),
                             bench.memory(), static_cast<const float*>(bench.dy.data()), cells, index_t(0));
    CHECK(farthest(cells.g, want.g) <= near);
    bench.check_guards();

    for (size_t i = 0; i < bench.y.size(); ++i) bench.y[i] = 5.0f;
    for (size_t i = 0; i < bench.x.size(); ++i) bench.dx[i] = 5.0f;
    guarded<float> gathered{by_position::template scratch<float>(B), 3.0f};
    by_position::template forward<B>(static_cast<const float*>(bench.w.data()),
                                     static_cast<const float*>(bench.x.data()), bench.y.data(), gathered.data());
    by_position::template backward<B>(static_cast<const float*>(bench.w.data()),
                                      static_cast<const float*>(bench.dy.data()), bench.dx.data(), gathered.data());
    gradient_buffer sink(on::parameters());
    by_position::template gradient<B>(static_cast<const float*>(bench.x.data()),
                                      static_cast<const float*>(bench.dy.data()), sink, index_t(0), gathered.data());
    CHECK(farthest(bench.y, want.y) <= near);
    CHECK(farthest(bench.dx, want.dx) <= near);
    CHECK(farthest(sink.g, want.g) <= near);
    CHECK(gathered.intact());
    bench.check_guards();
  }
}

/// Fixed point: sums are exact, so all that differs from the definition is one rounding, half a unit. A row of the gradient
/// has 15 significant bits, or a sixteenth of the unit where that is more; the sink of this test adds floats.
template <class L, class In, index_t B, class A>
void check_fixed(const definition& d) {
  const double half = 0.5 / static_cast<double>(A::one());
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    layer_bench<L, In, B, A> bench(seed);
    expected want(d, bench, B);
    const double range = static_cast<double>(raw_range<typename A::rep>::highest()) * 2 * half;
    for (numbers* v : {&want.y, &want.dx})
      for (double& n : *v) n = std::fmax(-range, std::fmin(range, n));
    bench.forward();
    bench.backward();
    const std::vector<float> g = bench.gradient();
    CHECK(farthest(bench.y, want.y) <= half);
    CHECK(farthest(bench.dx, want.dx) <= half);
    double most = 0;
    for (const double v : want.g) most = std::fmax(most, std::fabs(v));
    CHECK(farthest(g, want.g) <= half / 16 + std::fmax(half / 16, most / 32767));
    bench.check_guards();
  }
}

template <class L, class In, index_t B>
void check(const definition& d) {
  CHECK(L::template on<In>::output::size() == static_cast<size_t>(d.outputs * d.positions()));
  CHECK(L::template on<In>::parameters() == static_cast<size_t>(d.outputs * (d.depth() + 1)));
  check_layer<L, In, B>(1);
  check_floats<L, In, B>(d);
  check_fixed<L, In, B, fixed16<12>>(d);
  check_fixed<L, In, B, fixed8<5>>(d);
}

}  // namespace

TEST_CASE("one axis") {
  check<conv1d<3, window<3>>, shape<2, 7>, 1>({2, 3, 1, none, none, {7, 3, 1, 0, 1, 5}});
  check<conv1d<3, window<3>>, shape<2, 7>, 2>({2, 3, 1, none, none, {7, 3, 1, 0, 1, 5}});
  check<conv1d<5, window<4>, stride<3>>, shape<3, 21>, 3>({3, 5, 1, none, none, {21, 4, 3, 0, 1, 6}});
  check<conv1d<2, window<3>, padding<1>>, shape<2, 19>, 2>({2, 2, 1, none, none, {19, 3, 1, 1, 1, 19}});
  check<conv1d<2, window<5>, dilation<2>, padding<3>>, shape<2, 9>, 1>({2, 2, 1, none, none, {9, 5, 1, 3, 2, 7}});
  check<conv1d<4, window<3>, stride<2>, dilation<3>, padding<4>>, shape<2, 17>, 2>(
      {2, 4, 1, none, none, {17, 3, 2, 4, 3, 10}});
  check<conv1d<3, window<9>>, shape<1, 9>, 2>({1, 3, 1, none, none, {9, 9, 1, 0, 1, 1}});
  check<conv1d<17, window<2>>, shape<9, 35>, 1>({9, 17, 1, none, none, {35, 2, 1, 0, 1, 34}});
}

TEST_CASE("two axes") {
  check<conv2d<3, window<3, 3>>, shape<2, 5, 6>, 1>({2, 3, 1, none, {5, 3, 1, 0, 1, 3}, {6, 3, 1, 0, 1, 4}});
  check<conv2d<3, window<3, 3>>, shape<2, 5, 6>, 5>({2, 3, 1, none, {5, 3, 1, 0, 1, 3}, {6, 3, 1, 0, 1, 4}});
  check<conv2d<4, padding<2, 1>, window<5, 3>>, shape<1, 6, 4>, 3>(
      {1, 4, 1, none, {6, 5, 1, 2, 1, 6}, {4, 3, 1, 1, 1, 4}});
  check<conv2d<2, window<3, 2>, stride<2, 3>, padding<1, 0>, dilation<1, 2>>, shape<3, 7, 9>, 2>(
      {3, 2, 1, none, {7, 3, 2, 1, 1, 4}, {9, 2, 3, 0, 2, 3}});
}

TEST_CASE("three axes") {
  check<conv3d<2, window<2, 3, 3>>, shape<2, 3, 4, 5>, 1>(
      {2, 2, 1, {3, 2, 1, 0, 1, 2}, {4, 3, 1, 0, 1, 2}, {5, 3, 1, 0, 1, 3}});
  check<conv3d<3, window<3, 2, 2>, stride<1, 2, 1>, padding<1, 1, 0>, dilation<1, 1, 2>>, shape<2, 3, 4, 5>, 2>(
      {2, 3, 1, {3, 3, 1, 1, 1, 3}, {4, 2, 2, 1, 1, 3}, {5, 2, 1, 0, 2, 3}});
}

TEST_CASE("as much padding as it takes for `same`") {
  check<conv1d<2, window<3>, same>, shape<2, 8>, 2>({2, 2, 1, none, none, {8, 3, 1, 1, 1, 8}});
  check<conv1d<2, window<4>, same>, shape<2, 8>, 2>({2, 2, 1, none, none, {8, 4, 1, 1, 1, 8}});  // one more behind
  check<conv1d<2, window<3>, same, stride<2>>, shape<2, 8>, 1>({2, 2, 1, none, none, {8, 3, 2, 0, 1, 4}});
  check<conv1d<2, window<3>, same, stride<2>>, shape<2, 7>, 1>({2, 2, 1, none, none, {7, 3, 2, 1, 1, 4}});
  check<conv1d<2, window<1>, same, stride<3>>, shape<2, 7>, 1>({2, 2, 1, none, none, {7, 1, 3, 0, 1, 3}});
  check<conv1d<2, window<7>, same, dilation<2>>, shape<1, 3>, 1>({1, 2, 1, none, none, {3, 7, 1, 6, 2, 3}});
  check<conv2d<3, same, window<5, 2>>, shape<2, 3, 6>, 2>({2, 3, 1, none, {3, 5, 1, 2, 1, 3}, {6, 2, 1, 0, 1, 6}});
}

TEST_CASE("a window of one: nothing slides") {
  check<conv2d<5, window<1, 1>>, shape<3, 4, 5>, 3>({3, 5, 1, none, {4, 1, 1, 0, 1, 4}, {5, 1, 1, 0, 1, 5}});
  check<conv3d<5, window<1, 1, 1>>, shape<3, 2, 3, 3>, 1>(
      {3, 5, 1, {2, 1, 1, 0, 1, 2}, {3, 1, 1, 0, 1, 3}, {3, 1, 1, 0, 1, 3}});
  check<conv2d<4, window<1, 1>, stride<2, 3>>, shape<3, 5, 7>, 2>(
      {3, 4, 1, none, {5, 1, 2, 0, 1, 3}, {7, 1, 3, 0, 1, 3}});
  check<conv2d<4, window<1, 1>, padding<1, 2>>, shape<3, 2, 3>, 2>(
      {3, 4, 1, none, {2, 1, 1, 1, 1, 4}, {3, 1, 1, 2, 1, 7}});
  check<conv1d<6, window<1>, groups<2>>, shape<4, 9>, 2>({4, 6, 2, none, none, {9, 1, 1, 0, 1, 9}});
}

TEST_CASE("windows larger than the input, and padding wider than the window") {
  check<conv2d<2, window<5, 5>, padding<2, 2>>, shape<1, 2, 1>, 1>(
      {1, 2, 1, none, {2, 5, 1, 2, 1, 2}, {1, 5, 1, 2, 1, 1}});
  check<conv1d<2, window<2>, padding<5>>, shape<2, 3>, 2>({2, 2, 1, none, none, {3, 2, 1, 5, 1, 12}});
  check<conv1d<2, window<2>, padding<5>, stride<4>>, shape<2, 3>, 2>({2, 2, 1, none, none, {3, 2, 4, 5, 1, 3}});
  check<conv1d<2, window<2>, padding<3>, dilation<4>>, shape<2, 2>, 2>({2, 2, 1, none, none, {2, 2, 1, 3, 4, 4}});
}

TEST_CASE("groups, down to one channel each") {
  check<conv1d<4, groups<2>, window<3>>, shape<6, 8>, 2>({6, 4, 2, none, none, {8, 3, 1, 0, 1, 6}});
  check<conv2d<6, groups<3>, window<2, 3>, stride<1, 2>, padding<1, 1>>, shape<6, 4, 5>, 1>(
      {6, 6, 3, none, {4, 2, 1, 1, 1, 5}, {5, 3, 2, 1, 1, 3}});
  check<conv2d<4, groups<4>, window<3, 3>, same>, shape<4, 6, 5>, 2>(
      {4, 4, 4, none, {6, 3, 1, 1, 1, 6}, {5, 3, 1, 1, 1, 5}});
  check<conv2d<6, groups<3>, window<3, 3>, stride<2, 2>, padding<1, 1>>, shape<3, 7, 20>, 2>(
      {3, 6, 3, none, {7, 3, 2, 1, 1, 4}, {20, 3, 2, 1, 1, 10}});  // two of each
  check<conv1d<3, groups<3>, window<1>>, shape<3, 9>, 2>({3, 3, 3, none, none, {9, 1, 1, 0, 1, 9}});
  check<conv3d<2, groups<2>, window<2, 2, 3>, dilation<1, 2, 1>, padding<1, 0, 2>>, shape<2, 3, 5, 4>, 2>(
      {2, 2, 2, {3, 2, 1, 1, 1, 4}, {5, 2, 1, 0, 2, 3}, {4, 3, 1, 2, 1, 6}});
}

TEST_CASE("inputs in another format than weights") {
  typedef conv1d<3, window<3>, padding<1>> layer;
  typedef layer::on<shape<2, 9>> on;
  typedef fixed16<12> A;
  layer_bench<layer, shape<2, 9>, 2, A> bench(1);
  std::vector<fixed8<6>> x(bench.x.size());
  std::vector<A> same_x(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = fixed8<6>(to_float(bench.x[i]));
    bench.x[i] = A(to_float(x[i]));  // exactly: it has all those bits
  }
  bench.forward();
  const std::vector<A> want(bench.y.data(), bench.y.data() + bench.y.size());
  on::forward<2>(static_cast<const A*>(bench.w.data()), static_cast<const fixed8<6>*>(x.data()), bench.y.data(),
                 bench.memory());
  CHECK(std::equal(want.begin(), want.end(), bench.y.data()));
  gradient_buffer sink(on::parameters());
  on::gradient<2>(static_cast<const fixed8<6>*>(x.data()), static_cast<const A*>(bench.y.data()), bench.memory(),
                  static_cast<const A*>(bench.dy.data()), sink, index_t(0));
  CHECK(sink.g == bench.gradient());
}

TEST_CASE("fixed point saturates, and a gradient beyond its range arrives all the same") {
  typedef conv1d<1, window<2>> layer;
  typedef fixed16<12> A;
  layer_bench<layer, shape<1, 40>, 1, A> bench(1);
  for (size_t i = 0; i < 3; ++i) bench.w[i] = A(7.0f);
  for (size_t i = 0; i < 40; ++i) bench.x[i] = A(i < 20 ? 7.0f : -7.0f);
  for (size_t i = 0; i < 39; ++i) bench.dy[i] = A(7.0f);
  bench.forward();
  CHECK(bench.y[0].raw == 32767);
  CHECK(bench.y[38].raw == -32767);
  bench.backward();
  CHECK(bench.dx[0].raw == 32767);
  const std::vector<float> g = bench.gradient();
  CHECK(g[0] == 7.0f * 7.0f);   // 20 of one sign, 19 of the other
  CHECK(g[1] == -7.0f * 7.0f);  // far beyond 8
  CHECK(g[2] == 7.0f * 39.0f);
}

TEST_CASE("the same bits everywhere: initial weights and a pass in fixed point") {
  typedef conv2d<2, window<2, 2>, groups<2>, stride<1, 2>> layer;
  typedef layer::on<shape<2, 3, 4>> on;
  CHECK(on::parameters() == 10);
  layer_bench<layer, shape<2, 3, 4>, 1, fixed16<12>> bench(7, 0.0f);
  // He's bound for 4 inputs: sqrt(6 / 4) = 1.22 = 5016 units. Biases begin at 0.
  const int16_t weights[] = {4444, -2824, -329, 568, -69, 2689, -4325, -816, 0, 0};
  const int16_t outputs[] = {1865, 1946, -3317, 977, 2519, 992, -2862, 3687};
  for (size_t i = 0; i < 10; ++i) CHECK(bench.w[i].raw == weights[i]);
  bench.forward();
  for (size_t i = 0; i < 8; ++i) CHECK(bench.y[i].raw == outputs[i]);
}

TEST_CASE("networks: learning on the way back is backward and gradient") {
  typedef sequential<input<1, 12, 12>, conv2d<4, window<5, 5>, padding<2, 2>>, relu, max_pool<window<2, 2>>,
                     conv2d<6, window<3, 3>, groups<2>>, relu, conv2d<6, window<3, 3>, groups<6>, same>,
                     average_pool<window<2, 2>>, flatten, dense<5>>
      lenet;
  static_assert(lenet::outputs() == 5, "");
  learn_twice<lenet, softmax_cross_entropy, 1>();
  learn_twice<lenet, softmax_cross_entropy, 3>();
  learn_twice<lenet, softmax_cross_entropy, 2, fixed16<12>>();
  typedef sequential<input<3, 40>, conv1d<8, window<7>, stride<2>>, relu, conv1d<8, window<3>, dilation<2>>, relu,
                     conv1d<4, window<1>>, global_average_pool, dense<3>>
      series;
  learn_twice<series, softmax_cross_entropy, 1>();
  learn_twice<series, softmax_cross_entropy, 5>();
  learn_twice<series, softmax_cross_entropy, 2, fixed16<12>>();
}
