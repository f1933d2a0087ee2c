// SPDX-License-Identifier: MIT
// Every encoder in a device and in a coordinator, in integers and floats, for the small machines: compiled, never run.
#include <weir/weir.hpp>

namespace {

struct port {
  int read() const noexcept { return -1; }
  bool write(uint8_t) const noexcept { return true; }
};
typedef weir::sequential<weir::input<8>, weir::dense<4>> net;

template <class Number, class Encoder, class Threshold>
void use(const Threshold& threshold) {
  typedef weir::pipeline<weir::sgd, Threshold, Encoder, weir::byte_stream<port>> pipe;
  static weir::worker<Number, net, weir::softmax_cross_entropy, pipe> device;
  device.begin(pipe(weir::sgd(0.03f), threshold, Encoder(), weir::byte_stream<port>(port())), weir::rank_t(0));
  device.poll(1);
  typedef weir::downlink<Encoder, weir::mean, Threshold> link;
  static weir::coordinator<Number, net, link, 4> coordinator;
  coordinator.begin(link(weir::mean(), threshold, Encoder()), weir::fleet_terms(4, 1, 0, 0.0f));
  coordinator.close_round(0);
}

template <class Number>
void use_all() {
  const weir::fixed_wt wt(0.1f);
  use<Number, weir::ternary>(wt);
  use<Number, weir::strom>(wt);
  use<Number, weir::one_signed>(wt);
  use<Number, weir::base3>(wt);
  use<Number, weir::logarithmic<3>>(wt);
  use<Number, weir::sparse8>(wt);
  const weir::always always = weir::always();
  use<Number, weir::natural>(always);
  use<Number, weir::sparse16>(always);
  use<Number, weir::sparse32>(always);
  use<Number, weir::one_bit>(always);
  use<Number, weir::levels<3>>(always);
  use<Number, weir::dense_natural>(always);
  use<Number, weir::dense32>(always);
}

}  // namespace

int main() {
  use_all<weir::fixed16<12>>();
  use_all<weir::fixed8<5>>();
  use_all<float>();
  return 0;
}
