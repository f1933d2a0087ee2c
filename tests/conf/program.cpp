// SPDX-License-Identifier: MIT
// A device, a learner and a coordinator that instantiate the library, for every compiler, dialect and target. Compiled with
// WEIR_CONF_HEADER being the umbrella or the single header, and linked for the ATmega2560, where it must fit.
#include WEIR_CONF_HEADER

static_assert(sizeof(weir::index_t) == (sizeof(void*) == 2 ? 2 : 4), "an index is 16 bits where pointers have 16");

namespace {

struct port {
  volatile uint8_t* data_register;
  int read() const noexcept { return *data_register; }
  bool write(uint8_t b) const noexcept {
    *data_register = b;
    return true;
  }
};
volatile uint8_t line;

typedef weir::fixed16<12> fixed;
typedef weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>> net;
typedef weir::pipeline<weir::sgd, weir::target_density, weir::ternary, weir::byte_stream<port>> device_pipe;
typedef weir::worker<fixed, net, weir::softmax_cross_entropy, device_pipe> device_type;
static_assert(sizeof(void*) != 2 || sizeof(device_type) <= 5210, "weights, residual, frames: all the memory there is");

typedef weir::sequential<weir::input<4>, weir::dense<3, weir::xavier_uniform>, weir::tanh, weir::dense<2>> small;
typedef weir::learner<float, small, weir::mean_squared_error,
                      weir::decayed<weir::clipped<weir::basic_nesterov<weir::cosine_rate>>>,
                      weir::warm_up<weir::fixed_wt>>
    learner_type;

typedef weir::downlink<weir::strom, weir::mean, weir::target_density, weir::sparse16> link;
typedef weir::coordinator<fixed, small, link, 4> coordinator_type;

device_type device;
learner_type learner;
coordinator_type coordinator;

}  // namespace

volatile weir::index_t weir_conf_sink;

int main() {
  const port serial = {&line};
  device.begin(device_pipe(weir::sgd(0.03f), weir::target_density(0.01f), weir::ternary(),
                           weir::byte_stream<port>(serial)),
               weir::rank_t(3));
  static fixed pixels[64];
  device.train(pixels, 7);
  device.poll(1000);

  const weir::clipped<weir::basic_nesterov<weir::cosine_rate>> clipped(
      weir::basic_nesterov<weir::cosine_rate>(weir::cosine_rate(0.1f, 100)), 1.0f);
  learner.begin(weir::decayed<weir::clipped<weir::basic_nesterov<weir::cosine_rate>>>(clipped, 1e-4f),
                weir::warm_up<weir::fixed_wt>(weir::fixed_wt(0.01f), 10));
  static const float x[4] = {0.1f, 0.2f, 0.3f, 0.4f};
  static const float wanted[2] = {0.0f, 1.0f};
  learner.train(x, wanted);

  const weir::fleet_terms terms = {4, 1, 0, 0.0f};
  coordinator.begin(link(weir::mean(21, 4), weir::target_density(0.02f), weir::sparse16()), terms);
  static const uint8_t noise[3] = {1, 2, 3};
  coordinator.handle(weir::const_bytes(noise, sizeof noise));
  coordinator.close_round(0);

  weir_conf_sink = static_cast<weir::index_t>(device.predict(pixels) + learner.predict(x) + coordinator.round_number());
  return 0;
}
