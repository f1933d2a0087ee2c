// SPDX-License-Identifier: MIT
// One device of a fleet, on every machine that has a board: it trains on the rows in its flash, and its serial line leads
// to the coordinator. It runs until it is switched off.
//   WEIR_NODE_NET     digits, quarter, conv1d or gru: examples/support/mixed_fleet.hpp, where all that a fleet agrees on stands
//   WEIR_NODE_RANK    which worker this is
//   WEIR_NODE_NUMBER  weights and residual, if other than the mixed fleet's
//   WEIR_NODE_WT      a given Wt: fixed_wt and strom, whose frames are ternary's, take less flash than what finds Wt by itself
//   WEIR_NODE_PACKET  bytes of a packet: the line leads to a radio, and frames go in pieces
#include "board/board.hpp"
#include "board/packet_line.hpp"
#include "samples.hpp"

#define NODE_JOIN_(a, b) a##b
#define NODE_JOIN(a, b) NODE_JOIN_(a, b)

namespace {

typedef mixed::NODE_JOIN(net_, WEIR_NODE_NET) net;

#if !defined(WEIR_NODE_NUMBER)
#  define WEIR_NODE_NUMBER mixed::number
#endif

#if defined(WEIR_NODE_PACKET)
// The times are right for packets that are on their way for 5 ms. On the air, a LoRa packet of 51 bytes takes 2.8 s at
// spreading factor 12, and a gateway may have more than one node to listen to.
typedef board::packet_line<WEIR_NODE_PACKET> radio;
typedef weir::fragmented<radio, mixed::frame_bytes(), WEIR_NODE_PACKET> line;
// (Inlined it would be put together twice: 80 bytes of flash.)
__attribute__((noinline)) line make_line() { return line(radio(), 50); }
constexpr uint16_t resend_ms() { return 250; }
#else
typedef weir::byte_stream<board::port> line;
line make_line() { return line(board::port()); }
constexpr uint16_t resend_ms() { return 0; }  // as it likes
#endif

#if defined(WEIR_NODE_WT)
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::strom, line> pipe;
pipe make_pipe() { return pipe(weir::sgd(mixed::rate()), weir::fixed_wt(WEIR_NODE_WT), weir::strom(), make_line()); }
#else
typedef mixed::pipe_over<line> pipe;
pipe make_pipe() { return mixed::make_pipe_over<net>(make_line()); }
#endif

// All zero: in .bss, no constructor runs.
weir::worker<WEIR_NODE_NUMBER, net, weir::softmax_cross_entropy, pipe, 1, mixed::frame_bytes()> device;
mixed::pace pace;
mixed::pixel row[net::inputs()];

// Not in main(), whose stack is always there: the pipe is copied from it.
__attribute__((noinline)) void begin() {
  device.begin(make_pipe(), weir::rank_t(WEIR_NODE_RANK), mixed::seed());
  if (resend_ms() != 0) device.set_resend_ms(resend_ms());
}

void train(weir::index_t image, uint16_t turn) {
  share::fetch<net>(image, mixed::image_behind(image, turn, share::rows()), row);
  device.train(row, share::labels[image]);
}

}  // namespace

int main() {
  board::begin();
  begin();
  uint16_t turn = 0;
  for (weir::index_t next = 0;;) {
    if (pace.next(device)) {
      train(next, turn);
      if (++next == share::rows()) next = 0, ++turn;
    } else if (device.pipe().transport.idle()) {  // nothing to train, nothing to say
      board::idle();
    }
    device.poll(board::milliseconds());
  }
}
