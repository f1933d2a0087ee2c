// SPDX-License-Identifier: MIT
// Any bytes on a line: what a receiver gathers stays in its buffer, also when the line takes and gives a few bytes at a
// time. And any datagram comes through: stuffed, and gathered behind whatever was on the line.
#include "fuzz.hpp"

#include <cstring>
#include <weir/transport/byte_stream.hpp>
#include <weir/transport/cobs.hpp>

namespace {

constexpr size_t most = 1024;

struct line {
  weir::const_bytes in;
  size_t at = 0;
  uint8_t out[2 * most];
  size_t written = 0;
  uint8_t chance = 0;

  bool now() { return (chance = static_cast<uint8_t>(chance * 77 + 29)) < 200; }
};
struct port {
  line* of;
  int read() const { return of->at == of->in.size() || !of->now() ? -1 : of->in[of->at++]; }
  bool write(uint8_t b) const {
    if (!of->now()) return false;
    fuzz::expect(of->written < sizeof of->out);
    of->out[of->written++] = b;
    return true;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > most) return 0;
  static line l;
  l.in = weir::const_bytes(data + 2, size - 2);
  l.at = l.written = 0;
  l.chance = data[0];
  const size_t room = data[1];
  uint8_t into[257];
  into[room] = 0xa5;

  // The line as it is; then a datagram, made of the same bytes, is sent over it.
  weir::byte_stream<port> stream{port{&l}};
  for (size_t reads = 0; l.at < l.in.size() && reads < 8 * most; ++reads) {
    fuzz::expect(stream.receive(weir::bytes(into, room)) <= room);
    fuzz::expect(into[room] == 0xa5);
  }
  weir::status sent = weir::status::busy;
  for (int tries = 0; tries < 100 && sent == weir::status::busy; ++tries) sent = stream.send(l.in);
  fuzz::expect(sent == weir::status::ok);
  for (int tries = 0; tries < 8192 && !stream.idle(); ++tries) continue;
  fuzz::expect(stream.idle() && l.written <= l.in.size() + l.in.size() / 254 + 2);
  fuzz::expect(l.written >= 2 && l.out[l.written - 1] == 0 && std::memchr(l.out, 0, l.written - 1) == nullptr);

  uint8_t whole[most];
  size_t got = 0;
  weir::cobs_receiver receiver{};
  for (size_t i = 0; i < l.written; ++i) got = receiver.take(l.out[i], weir::bytes(whole));
  fuzz::expect(got == l.in.size() && (got == 0 || std::memcmp(whole, l.in.data(), got) == 0));
  return 0;
}
