// SPDX-License-Identifier: MIT
// Two promises, on every machine that has a board: integer encoders write the same bytes, and training in fixed point gives
// the same numbers, to the bit. Prints lines; the tests compare the frames with selftest.golden and everything with what
// the host prints, except lines that begin with `#`: they are the machine's own.
//
// A device trains on the rows in its flash, as in a fleet of one: what it sends comes back as the broadcast.
//   WEIR_SELFTEST_NET      digits, quarter, conv1d or gru, as the rows of share.hpp are
//   WEIR_SELFTEST_NUMBER   weights and residual, if other than the mixed fleet's
//   WEIR_SELFTEST_STEPS    how many samples it trains on: 400
//   WEIR_SELFTEST_UNSEEN   so many of the last rows it does not train on, and they are what it is tested with; 0: with all
#include "board/board.hpp"
#include "printing.hpp"
#include "samples.hpp"
#if defined(__AVR__)
#  include "simavr_run/marks.hpp"
#else
inline void mark(uint8_t) {}
inline void unmark() {}
#endif

#define SELFTEST_JOIN_(a, b) a##b
#define SELFTEST_JOIN(a, b) SELFTEST_JOIN_(a, b)

#if !defined(WEIR_SELFTEST_NUMBER)
#  define WEIR_SELFTEST_NUMBER mixed::number
#endif
#if !defined(WEIR_SELFTEST_STEPS)
#  define WEIR_SELFTEST_STEPS 400
#endif
#if !defined(WEIR_SELFTEST_UNSEEN)
#  define WEIR_SELFTEST_UNSEEN 0
#endif

namespace {

using printing::line;
using printing::put;
using printing::put_hex;
using printing::put_number;
using weir::index_t;

// ---- golden frames: the integer inputs of tests/encoder_golden_test.cpp, by the gate ---------------------------------
typedef weir::number<mixed::number>::residual cell;

/// Frames: of the golden inputs, and then what the coordinator answers. (An ATmega328P has no stack to spare.)
uint8_t reply[mixed::frame_bytes()];

struct given_wt {
  float wt;
  struct state {};
  static constexpr bool may_be_zero() noexcept { return true; }
  template <class Mean>
  float next(state&, const weir::gate_report&, Mean&&) const noexcept {
    return wt;
  }
};

struct coordinate {
  uint8_t index;
  int16_t raw;  // units of 2^-18, 64 to a weight unit
};

/// Prints what the gate makes of `n` cells, `count` of which are not zero, and the first ten that it leaves. Not inlined:
/// its cells would be on the stack once for each call.
template <class Encoder>
__attribute__((noinline)) void golden(const char* name, index_t n, float wt, index_t start, index_t expected,
                                      const coordinate* set, uint8_t count) {
  cell cells[100] = {};
  for (uint8_t i = 0; i < count; ++i) cells[set[i].index] = cell::from_raw(set[i].raw);
  weir::gate_state<given_wt, Encoder> state = {};
  state.start = start;
  state.report.rounds = 1;
  state.report.hits = expected;
  const given_wt threshold = {wt};
  const size_t size = weir::gate(cells, n, weir::worker_grid<weir::number<mixed::number>>::make(), threshold, Encoder(),
                                 state, weir::bytes(reply), weir::detail::no_fold(), weir::detail::no_forget());
  put(name);
  for (size_t i = 0; i < size; ++i) put_hex(reply[i]);
  for (uint8_t i = 0; i < 10; ++i) {
    put(i == 0 ? ' ' : ',');
    const int16_t left = cells[i].raw;
    if (left < 0) put('-');
    put_number(static_cast<uint32_t>(left < 0 ? -static_cast<int32_t>(left) : left));
  }
  put('\n');
}

void golden_frames() {
  const coordinate signs[] = {{3, 20480}, {4, -16384}, {9, 16383}};
  golden<weir::ternary>("frame ternary ", 10, 0.0625f, 0, 2, signs, 3);
  golden<weir::strom>("frame strom ", 10, 0.0625f, 0, 2, signs, 3);
  const coordinate late[] = {{25, 20480}};
  golden<weir::ternary>("frame escaped ", 100, 0.0625f, 0, 100, late, 1);
  const coordinate around[] = {{60, 20480}, {1, -20480}};
  golden<weir::ternary>("frame around ", 100, 0.0625f, 60, 100, around, 2);
  const coordinate values[] = {{3, -202}, {5, 63}};
  golden<weir::sparse32>("frame sparse32 ", 10, 1.0f / 4096, 0, 2, values, 2);
  const coordinate large[] = {{3, 300 * 64 + 5}};
  golden<weir::sparse16>("frame sparse16 ", 10, 1.0f / 4096, 0, 2, large, 1);
  const coordinate all[] = {{0, 130}, {1, -64}};
  golden<weir::dense32>("frame dense32 ", 10, 0.0f, 0, 2, all, 2);
}

// ---- a fleet of one --------------------------------------------------------------------------------------------------
typedef mixed::SELFTEST_JOIN(net_, WEIR_SELFTEST_NET) net;
typedef mixed::node<net, board::port, WEIR_SELFTEST_NUMBER> node;
constexpr index_t seen_rows() { return share::rows() - WEIR_SELFTEST_UNSEEN; }
constexpr index_t first_tested() { return WEIR_SELFTEST_UNSEEN == 0 ? 0 : seen_rows(); }
static_assert(WEIR_SELFTEST_UNSEEN < share::rows(), "there is something to train on");

node device;
mixed::pixel row[net::inputs()];
uint16_t last_sequence;
uint32_t frames_crc;
uint32_t frames;
uint32_t frame_bytes;

/// Says which part went wrong, and the status, and ends.
[[noreturn]] void fail(const char* what, weir::status why) {
  put(what);
  line(" status ", static_cast<uint32_t>(why));
  board::stop(1);
}

/// The coordinator's part: welcomes the device, and broadcasts its updates as they are.
weir::const_bytes answer(weir::const_bytes datagram) {
  weir::frame_header h;
  weir::const_bytes body;
  const weir::status opened = weir::wire::open(datagram, h, body);
  if (opened != weir::status::ok) fail("sent", opened);
  const weir::bytes whole(reply, sizeof reply);
  weir::frame_header to = {weir::frame_kind::welcome, h.fingerprint, 0, 0, device.round_number()};
  if (h.kind == weir::frame_kind::join) {
    weir::join_body join;
    if (weir::join_body::get(body, join) != weir::status::ok) fail("join", weir::status::malformed);
    if (join.claim) last_sequence = h.sequence;
    const weir::welcome_body welcome = {
        1, mixed::settings<net>::steps_per_round(), 0.0f, h.sequence, last_sequence, 0, false, false, false};
    weir::byte_writer w(weir::wire::body_room(to.kind, 0, whole));
    welcome.put(w);
    return weir::const_bytes(reply, weir::wire::seal(to, w.size(), whole));
  }
  if (h.kind != weir::frame_kind::update) fail("kind", weir::status::wrong_kind);
  frames_crc = weir::crc32c(datagram, frames_crc);
  ++frames;
  frame_bytes += static_cast<uint32_t>(datagram.size());
  to.kind = weir::frame_kind::broadcast;
  ++to.round_number;
  memcpy(weir::wire::body_room(to.kind, 0, whole).data(), body.data(), body.size());
  return weir::const_bytes(reply, weir::wire::seal(to, body.size(), whole));
}

/// Sends what is due and takes the answer; false when nothing was.
bool exchange() {
  mark(2);  // gate, encoder and check, when a frame is made
  const weir::const_bytes datagram = device.outgoing(0);
  unmark();
  if (datagram.empty()) return false;
  device.sent(0);
  const weir::const_bytes answered = answer(datagram);
  mark(3);  // check, decode, apply
  const weir::status taken = device.handle(answered, 0);
  unmark();
  if (taken != weir::status::ok) fail("taken", taken);
  return true;
}

void train_alone(uint16_t batches) {
  device.begin(mixed::make_pipe<net>(board::port()), weir::rank_t(0), mixed::seed());
  while (exchange()) {  // joins
  }
  index_t next = 0;
  uint16_t turn = 0;
  for (uint16_t i = 0; i < batches; ++i) {
    share::fetch<net>(next, mixed::image_behind(next, turn, seen_rows()), row);
    mark(1);
    device.train(row, share::labels[next]);
    unmark();
    if (++next == seen_rows()) next = 0, ++turn;
    exchange();
  }
  index_t hits = 0;
  constexpr index_t first = first_tested(), tested = share::rows() - first;
  for (index_t i = 0; i < tested; ++i) {
    share::fetch<net>(first + i, first + mixed::image_behind(i, 0, tested), row);
    if (device.hit(row, share::labels[first + i])) ++hits;
  }
  line("frames ", frames);
  line("bytes ", frame_bytes);
  line("frames crc ", frames_crc);
  line("weights crc ", weir::wire::hash(device.weights().data(), net::parameters()));
  line("residual crc ", weir::wire::hash(device.pending().data(), net::parameters()));
  line("hits ", hits);
  line("of ", tested);
}

}  // namespace

int main() {
  board::begin();
  golden_frames();
  train_alone(WEIR_SELFTEST_STEPS);
  line("# sizeof node ", sizeof device);
  line("# stack ", static_cast<uint32_t>(board::stack_peak()));
  put("end\n");
  board::stop(0);
}
