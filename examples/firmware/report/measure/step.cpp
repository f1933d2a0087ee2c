// SPDX-License-Identifier: MIT
// Cycles of a training step on an AVR, on the rows of the digits that share.hpp has (generated: make_share), each twice.
//   WEIR_MEASURE_NUMBER   float, weir::fixed16<12>, weir::numbers<...>
//   WEIR_MEASURE_WHOLE    1: a learner, with its residual and what moves the weights; mark 1 is the step (forward, loss,
//                         backward, the update into the residual), mark 2 the gate that follows.
//                         0: the same step with the update going straight into the weights, for floats, whose residual does
//                         not fit 8 KB. The work is the same: as many multiplications and additions, to other addresses.
#include <share.hpp>

#include "simavr_run/marks.hpp"
#include "support/mixed_fleet.hpp"

namespace {

typedef WEIR_MEASURE_NUMBER number;
typedef weir::number<number>::weight weight;
typedef mixed::net_digits net;
static_assert(share::inputs() == net::inputs(), "the rows in flash are for another net");

#if WEIR_MEASURE_WHOLE

/// A given Wt; the gate asks for it when the step is over.
struct marking_wt : weir::fixed_wt {
  constexpr explicit marking_wt(float wt_) noexcept : weir::fixed_wt(wt_) {}
  template <class Mean>
  float next(state&, const weir::gate_report&, Mean&&) const noexcept {
    unmark();
    mark(2);
    return wt;
  }
};

weir::learner<number, net, weir::softmax_cross_entropy, weir::sgd, marking_wt> device;

void begin() { device.begin(weir::sgd(mixed::rate()), marking_wt(1.0f / 256)); }

template <class X>
void step(const X* x, uint8_t label) {
  mark(1);
  device.train(x, label);
  unmark();
}

#else

weight weights[net::parameters()];
net::workspace<weight, 1> space;

struct into_weights {
  void add(weir::index_t offset, float scale, const weight* row, weir::index_t n) {
    weir::kernel::axpy(-scale, row, weights + offset, n, weir::kernel::native());
  }
};

void begin() { net::initialize(weights, mixed::seed()); }

template <class X>
void step(const X* x, uint8_t label) {
  typedef weir::softmax_cross_entropy loss;
  mark(1);
  const weight* const y = net::forward<1>(static_cast<const weight*>(weights), x, space.cells);
  loss::gradient(y, net::outputs(), label, space.delta());
  into_weights into;
  weir::detail::scaled_rows<into_weights, float> sink = {into, mixed::rate()};
  net::learn<1>(weights, x, space, sink);
  unmark();
}

#endif

// Fixed point takes the pixels as they are, in 8 bits.
template <class To>
struct input {
  typedef mixed::pixel type;
  static type of(int8_t raw) { return mixed::pixel::from_raw(raw); }
};
template <>
struct input<float> {
  typedef float type;
  static type of(int8_t raw) { return static_cast<float>(raw) * (1.0f / 64); }
};

input<weight>::type row[net::inputs()];

}  // namespace

int main() {
  begin();
  for (uint8_t epoch = 0; epoch < 2; ++epoch)
    for (weir::index_t r = 0; r < share::rows(); ++r) {
      for (weir::index_t i = 0; i < net::inputs(); ++i)
        row[i] = input<weight>::of(share::pixels[static_cast<weir::index_t>(r * net::inputs() + i)]);
      step(row, share::labels[r]);
    }
  stop_simulation(0);
}
