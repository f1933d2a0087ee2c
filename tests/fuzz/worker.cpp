// SPDX-License-Identifier: MIT
// A worker that hears whatever the input says: frames with a right check and any body, in any order, between batches and
// its own frames. What it does not take changes nothing.
#include "fleet.hpp"

namespace {

const fuzz::worker& begun() {
  static fuzz::worker w;
  w.begin(fuzz::pipe{weir::sgd{0.1f}, weir::fixed_wt{0.002f}, weir::ternary{}, fuzz::by_hand{}}, weir::rank_t{3}, 1,
          77);
  return w;
}

uint8_t before[sizeof(fuzz::worker)];

weir::status hear(fuzz::worker& w, weir::const_bytes datagram, uint32_t now) {
  std::memcpy(before, static_cast<const void*>(&w), sizeof w);
  const weir::status got = w.handle(datagram, now);
  if (got != weir::status::ok && got != weir::status::ahead)
    fuzz::expect(std::memcmp(before, static_cast<const void*>(&w), sizeof w) == 0);
  return got;
}

void speak(fuzz::worker& w, uint32_t now) {
  const weir::const_bytes said = w.outgoing(now);
  if (said.empty()) return;
  weir::frame_header h;
  weir::const_bytes body;
  fuzz::expect(said.size() <= 64 && weir::wire::open(said, h, body) == weir::status::ok);
  fuzz::expect(weir::from_worker(h.kind) && h.rank == w.rank());
  if (h.kind == weir::frame_kind::update)
    fuzz::expect(weir::ternary::check<int32_t>(body, fuzz::net::parameters()) == weir::status::ok);
  w.sent(now);
}

void train(fuzz::worker& w, uint8_t seed) {
  fuzz::number x[5];
  for (uint8_t i = 0; i < 5; ++i)
    x[i] = fuzz::number::from_raw(static_cast<int16_t>((seed * (i + 3) & 0xff) * 32 - 4096));
  w.train(x, seed % 3u);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const fuzz::worker& fresh = begun();
  static fuzz::worker w;
  std::memcpy(static_cast<void*>(&w), static_cast<const void*>(&fresh), sizeof w);
  fuzz::input in(data, size);
  uint32_t now = 0;
  for (uint8_t steps = 0; steps < 32 && !in.empty(); ++steps) {
    const uint8_t what = in.byte();
    const uint8_t more = in.byte();
    // Mostly the round that comes next, and the sequence that is under way.
    const uint16_t round = static_cast<uint16_t>(w.round_number() + ((what & 0x10) != 0 ? more : 1));
    switch (what & 15) {
      case 0: speak(w, now); break;
      case 1: now += static_cast<uint32_t>(more) * 1000; break;
      case 2: train(w, more); break;
      case 3: hear(w, in.some(more), now); break;
      case 4: {  // a welcome that makes sense
        const weir::welcome_body b = {8,
                                      0,
                                      0,
                                      w.sequence(),
                                      static_cast<uint16_t>(w.sequence() + (more >> 6)),
                                      static_cast<uint16_t>((what & 0x20) != 0 ? more : 0),
                                      (more & 1) != 0,
                                      (more & 2) != 0,
                                      (more & 4) != 0};
        uint8_t body[16];
        weir::byte_writer out{weir::bytes(body)};
        b.put(out);
        hear(w,
             fuzz::sealed(weir::frame_kind::welcome, 3, 0, static_cast<uint16_t>(w.round_number() + (more >> 3 & 7)),
                          weir::const_bytes(body, out.size())),
             now);
        break;
      }
      case 5: {  // its update is acknowledged
        uint8_t body[2];
        weir::store16(body, w.sequence());
        hear(w, fuzz::sealed(weir::frame_kind::acknowledgement, 3, 0, round, weir::const_bytes(body)), now);
        break;
      }
      case 6: {  // pieces of a snapshot
        uint8_t body[1 + 2 * 39];
        body[0] = more % 39;
        std::memset(body + 1, more, sizeof body - 1);
        const size_t count = (what & 0x20) != 0 ? 39u - body[0] : 1u;
        hear(w, fuzz::sealed(weir::frame_kind::piece, 3, 0, w.round_number(), weir::const_bytes(body, 1 + 2 * count)),
             now);
        break;
      }
      case 7: speak(w, now), train(w, more), speak(w, now += 5000); break;
      default: {
        const uint8_t kinds[] = {8, 9, 10, 11, 12, 13, 14, 9};
        const uint16_t rank = (what & 0x20) != 0 ? more : 3;
        const uint8_t length = in.byte();
        const uint16_t rounds = (what & 0x40) != 0 ? w.round_number() : round;
        hear(w, fuzz::sealed(static_cast<weir::frame_kind>(kinds[what & 7]), rank, 0, rounds, in.some(length)), now);
      }
    }
  }
  return 0;
}
