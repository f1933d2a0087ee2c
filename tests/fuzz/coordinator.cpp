// SPDX-License-Identifier: MIT
// A coordinator that hears whatever the input says: frames with a right check and any body, in any order, between rounds.
// What it refuses changes nothing, its books balance, and what it says can be read.
#include "fleet.hpp"

namespace {

constexpr weir::index_t n = fuzz::net::parameters();
constexpr uint16_t ranks = 9;

const fuzz::coordinator& begun() {
  static fuzz::coordinator c;
  c.begin(fuzz::link{weir::mean{}, weir::fixed_wt{0.0005f}, weir::ternary{}}, weir::fleet_terms{ranks, 2, 1000, 0.5f});
  return c;
}

/// What has been taken in and not broadcast: the ledger that the residual must be.
struct books {
  int64_t pending[n];
  int32_t weights[n];
};

void check(const fuzz::coordinator& c, const books& b) {
  if (c.saturated() != 0) return;
  for (weir::index_t i = 0; i < n; ++i)
    fuzz::expect(c.pending()[i].raw == b.pending[i] && c.weights()[i].raw == b.weights[i]);
}

void hear(fuzz::coordinator& c, books& b, weir::const_bytes datagram) {
  const uint16_t round = c.round_number(), counted = c.counted();
  const fuzz::coordinator::outcome o = c.handle(datagram);
  fuzz::expect(c.round_number() == round);
  weir::frame_header h;
  weir::const_bytes body;
  if (!o.answer.empty()) {
    fuzz::expect(o.answer.size() <= 64 && weir::wire::open(o.answer, h, body) == weir::status::ok);
    fuzz::expect(!weir::from_worker(h.kind));
  }
  if (o.result != weir::status::ok) fuzz::expect(c.counted() == counted);
  if (weir::wire::open(datagram, h, body) == weir::status::ok && h.kind == weir::frame_kind::update &&
      o.result == weir::status::ok) {
    const uint16_t gain = c.link().aggregation.gain(static_cast<uint8_t>(round - h.round_number));
    weir::ternary::decode<int32_t>(body, n, [&](weir::index_t i, int32_t v) { b.pending[i] += int64_t{v} * gain; });
  }
  check(c, b);
}

void close(fuzz::coordinator& c, books& b) {
  const uint16_t round = c.round_number();
  const weir::const_bytes said = c.close_round(0);
  weir::frame_header h;
  weir::const_bytes body;
  fuzz::expect(c.round_number() == static_cast<uint16_t>(round + 1) && c.counted() == 0);
  fuzz::expect(said.size() <= 64 && weir::wire::open(said, h, body) == weir::status::ok);
  weir::byte_reader r(body);
  bool counted;
  if (h.kind == weir::frame_kind::broadcast_some)
    fuzz::expect(weir::wire::get_acks(r, ranks, 0, counted) == weir::status::ok);
  const weir::status got = weir::ternary::decode<int32_t>(r.rest(), n, [&](weir::index_t i, int32_t v) {
    fuzz::number w = fuzz::number::from_raw(static_cast<int16_t>(b.weights[i]));
    weir::subtract(w, v);
    b.weights[i] = w.raw;
    b.pending[i] -= int64_t{v} * c.divisor();
  });
  fuzz::expect(got == weir::status::ok);
  check(c, b);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::coordinator& fresh = begun();
  static fuzz::coordinator c;
  std::memcpy(static_cast<void*>(&c), static_cast<const void*>(&fresh), sizeof c);
  books b = {};
  for (weir::index_t i = 0; i < n; ++i) b.weights[i] = c.weights()[i].raw;

  fuzz::input in(data, size);
  uint16_t sequence = 0;
  for (uint8_t steps = 0; steps < 32 && !in.empty(); ++steps) {
    const uint8_t what = in.byte();
    const uint8_t more = in.byte();
    const uint16_t rank = static_cast<uint16_t>(more & 15);  // some are not here
    const uint16_t round = static_cast<uint16_t>(c.round_number() - (more >> 4));
    switch (what & 7) {
      case 0: close(c, b); break;
      case 1: hear(c, b, in.some(more)); break;
      case 2: {  // a join that makes sense
        const weir::join_body j = {fuzz::coordinator::fingerprint(),
                                   (what & 0x40) != 0 ? 0u : weir::wire::hash(c.weights().data(), n),
                                   round,
                                   0,
                                   64,
                                   (what & 0x80) != 0,
                                   (more & 8) != 0};
        uint8_t body[32];
        weir::byte_writer out{weir::bytes(body)};
        j.put(out);
        hear(c, b, fuzz::sealed(weir::frame_kind::join, rank, sequence, round, weir::const_bytes(body, out.size())));
        break;
      }
      case 3: {  // anything else from a worker
        const uint8_t length = in.byte();
        const weir::frame_kind kind = (what & 8) != 0 ? weir::frame_kind::join : weir::frame_kind::ask;
        hear(c, b, fuzz::sealed(kind, rank, sequence, round, in.some(length)));
        break;
      }
      case 4: {  // what is not from a worker
        const uint8_t kinds[] = {8, 9, 10, 11, 12, 13, 4, 14};
        hear(c, b, fuzz::sealed(static_cast<weir::frame_kind>(kinds[what >> 5]), rank, sequence, round, in.some(more)));
        break;
      }
      default: {  // updates, mostly new ones
        if ((what & 8) == 0) ++sequence;
        const uint8_t length = in.byte();
        hear(c, b, fuzz::sealed(weir::frame_kind::update, rank, sequence, round, in.some(length)));
      }
    }
  }
  return 0;
}
