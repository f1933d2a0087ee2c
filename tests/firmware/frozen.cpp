// SPDX-License-Identifier: MIT
// A device trains the last layer of the 64-16-10 net on the rows in its flash; the first is frozen, and is in flash, too:
// trunk.hpp (generated: make_trunk), which the command line includes. Prints what must be the same on every machine.
#include "printing.hpp"
#include "samples.hpp"

namespace {

using printing::line;
using weir::index_t;

struct trunk {
  static const weir::flash_table<int16_t, 65 * 16>& table() { return trunk_weights; }
  static constexpr uint32_t id() { return 1; }
};
typedef weir::sequential<weir::input<64>, weir::frozen<trunk, weir::dense<16>, weir::relu>, weir::dense<10>> net;

constexpr index_t head = 17 * 10;
static_assert(net::parameters() == head, "nothing else is trained");

// The head's weights and residual. Outputs of both layers, deltas in their place; a row of the trunk and its bias.
constexpr size_t trained = head * (2 + 2), activations = (16 + 10 + 10 + 64 + 1) * 2;

weir::learner<mixed::number, net, weir::softmax_cross_entropy, weir::sgd, weir::fixed_wt> device;
static_assert(sizeof device <= trained + activations + 64, "the trunk's 2,080 bytes are not in RAM");

mixed::pixel row[net::inputs()];

}  // namespace

int main() {
  board::begin();
  device.begin(weir::sgd(mixed::rate()), weir::fixed_wt(1.0f / 4096), mixed::seed());
  constexpr index_t seen = share::rows() - share::rows() / 4;
  for (uint16_t i = 0, next = 0; i < 600; ++i) {
    share::read(next, row);
    device.train(row, share::labels[next]);
    if (++next == seen) next = 0;
  }
  index_t hits = 0;
  for (index_t i = seen; i < share::rows(); ++i) {
    share::read(i, row);
    if (device.hit(row, share::labels[i])) ++hits;
  }
  line("saturated ", device.saturated());
  line("weights crc ", weir::wire::hash(device.weights().data(), net::parameters()));
  line("hits ", hits);
  line("of ", share::rows() - seen);
  line("# sizeof device ", sizeof device);
  line("# stack ", static_cast<uint32_t>(board::stack_peak()));
  printing::put("end\n");
  board::stop(0);
}
