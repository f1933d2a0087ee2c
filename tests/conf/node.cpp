// SPDX-License-Identifier: MIT
// A whole node and nothing else, for cmake/size_report.cmake: 64-16-10, WEIR_SIZE_NUMBER weights, sgd, target_density,
// ternary, a byte stream over a port of two registers.
#include <weir/weir.hpp>

namespace {

struct port {
  volatile uint8_t* data_register;
  int read() const noexcept { return *data_register; }
  bool write(uint8_t b) const noexcept {
    *data_register = b;
    return true;
  }
};

typedef weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>> net;
typedef weir::pipeline<weir::sgd, weir::target_density, weir::ternary, weir::byte_stream<port>> pipe_type;
typedef weir::worker<WEIR_SIZE_NUMBER, net, weir::softmax_cross_entropy, pipe_type> node;

node device;
volatile uint8_t line;
WEIR_SIZE_NUMBER pixels[64];

}  // namespace

#if WEIR_SIZE_SYMBOL  // so that the symbol table tells
extern "C" {
uint8_t weir_size_of_node[sizeof(node)];
}
#endif

int main() {
  const port serial = {&line};
  device.begin(pipe_type(weir::sgd(0.03f), weir::target_density(0.01f), weir::ternary(), weir::byte_stream<port>(serial)),
               weir::rank_t(3));
  for (uint32_t now = 0;; ++now) {
    device.train(pixels, static_cast<weir::index_t>(line));
    device.poll(now);
  }
}
