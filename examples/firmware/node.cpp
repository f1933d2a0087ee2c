// SPDX-License-Identifier: MIT
// One device of a fleet, on every machine that has a board: it trains on the rows in its flash, and its serial line leads
// to the coordinator. It runs until it is switched off.
//   WEIR_NODE_NET     digits or quarter: examples/support/mixed_fleet.hpp, where all that a fleet agrees on stands
//   WEIR_NODE_RANK    which worker this is
// share.hpp is generated: make_share.
#include <share.hpp>

#include "board/board.hpp"
#include "support/mixed_fleet.hpp"

#define NODE_JOIN_(a, b) a##b
#define NODE_JOIN(a, b) NODE_JOIN_(a, b)

namespace {

typedef mixed::NODE_JOIN(net_, WEIR_NODE_NET) net;
static_assert(share::inputs() == net::inputs(), "the rows in flash are for another net");

mixed::node<net, board::port> device;  // all zero: in .bss, no constructor runs
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
  device.begin(mixed::make_pipe<net>(board::port()), weir::rank_t(WEIR_NODE_RANK), mixed::seed());
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
