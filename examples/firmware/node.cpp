// SPDX-License-Identifier: MIT
// One device of a fleet, on every machine that has a board: it trains on the rows in its flash, and its serial line leads
// to the coordinator. It runs until it is switched off.
//   WEIR_NODE_NET     digits or quarter: examples/support/mixed_fleet.hpp, where all that a fleet agrees on stands
//   WEIR_NODE_RANK    which worker this is
//   WEIR_NODE_NUMBER  weights and residual, if other than the mixed fleet's
//   WEIR_NODE_WT      a given Wt: fixed_wt and strom, whose frames are ternary's, take less flash than what finds Wt by itself
// share.hpp is generated: make_share.
#include <share.hpp>

#include "board/board.hpp"
#include "support/mixed_fleet.hpp"

#define NODE_JOIN_(a, b) a##b
#define NODE_JOIN(a, b) NODE_JOIN_(a, b)

namespace {

typedef mixed::NODE_JOIN(net_, WEIR_NODE_NET) net;
static_assert(share::inputs() == net::inputs(), "the rows in flash are for another net");

#if !defined(WEIR_NODE_NUMBER)
#  define WEIR_NODE_NUMBER mixed::number
#endif
#if defined(WEIR_NODE_WT)
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::strom, weir::byte_stream<board::port>> pipe;
pipe make_pipe() {
  return pipe(weir::sgd(mixed::rate()), weir::fixed_wt(WEIR_NODE_WT), weir::strom(),
              weir::byte_stream<board::port>(board::port()));
}
#else
typedef mixed::pipe<board::port> pipe;
pipe make_pipe() { return mixed::make_pipe<net>(board::port()); }
#endif

// All zero: in .bss, no constructor runs.
weir::worker<WEIR_NODE_NUMBER, net, weir::softmax_cross_entropy, pipe, 1, mixed::frame_bytes()> device;
mixed::pace pace;
mixed::pixel row[net::inputs()];

void train(weir::index_t index) {
  for (weir::index_t i = 0; i < net::inputs(); ++i)
    row[i] = mixed::pixel::from_raw(share::pixels[static_cast<weir::index_t>(index * net::inputs() + i)]);
  device.train(row, share::labels[index]);
}

}  // namespace

int main() {
  board::begin();
  device.begin(make_pipe(), weir::rank_t(WEIR_NODE_RANK), mixed::seed());
  for (weir::index_t next = 0;;) {
    if (pace.next(device)) {
      train(next);
      if (++next == share::rows()) next = 0;
    } else if (device.pipe().transport.idle()) {  // nothing to train, nothing to say
      board::idle();
    }
    device.poll(board::milliseconds());
  }
}
