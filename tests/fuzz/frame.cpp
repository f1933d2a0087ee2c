// SPDX-License-Identifier: MIT
// Any bytes as a frame: as they are, and with the version, the length and the check put right, so that bodies are reached.
#include "fuzz.hpp"

#include <cstring>
#include <weir/wire/acks.hpp>
#include <weir/wire/bodies.hpp>
#include <weir/wire/frame.hpp>

namespace {

void look(weir::const_bytes frame) {
  weir::frame_header h;
  weir::const_bytes body;
  if (weir::wire::open(frame, h, body) != weir::status::ok) return;
  const size_t head = weir::wire::header_bytes(h.kind, h.rank, body.size());
  fuzz::expect(h.rank < weir::wire::max_ranks());
  fuzz::expect(body.data() == frame.data() + head && head + body.size() + weir::wire::check_bytes() == frame.size());

  // There is one spelling: what was read is written as it was.
  uint8_t again[300];
  weir::byte_writer w{weir::bytes(again)};
  weir::join_body join;
  weir::welcome_body welcome;
  weir::ask_body ask;
  switch (h.kind) {
    case weir::frame_kind::join:
      if (weir::join_body::get(body, join) != weir::status::ok) return;
      join.put(w);
      break;
    case weir::frame_kind::welcome:
      if (weir::welcome_body::get(body, welcome) != weir::status::ok) return;
      welcome.put(w);
      break;
    case weir::frame_kind::ask:
      if (weir::ask_body::get(body, ask) != weir::status::ok) return;
      ask.put(w);
      break;
    default: return;
  }
  fuzz::expect(w.ok() && w.size() == body.size() && std::memcmp(again, body.data(), body.size()) == 0);
  const weir::bytes room = weir::wire::body_room(h.kind, h.rank, weir::bytes(again));
  std::memmove(room.data(), body.data(), body.size());
  fuzz::expect(weir::wire::seal(h, body.size(), weir::bytes(again)) == frame.size() &&
               std::memcmp(again, frame.data(), frame.size()) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  look(weir::const_bytes(data, size));
  static uint8_t frame[512];
  if (size < 3 || size > 200) return 0;
  // The same kind, fingerprint, rank, sequence and body, well wrapped.
  fuzz::input in(data, size);
  const uint8_t kinds[] = {1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14};
  const weir::frame_kind kind = static_cast<weir::frame_kind>(kinds[in.byte() % sizeof kinds]);
  const weir::frame_header h = {kind, in.word(), static_cast<uint16_t>(in.word() & 0x3fff), in.word(), in.word()};
  const weir::const_bytes body = in.rest();
  if (!body.empty())
    std::memcpy(weir::wire::body_room(kind, h.rank, weir::bytes(frame)).data(), body.data(), body.size());
  const size_t sealed = weir::wire::seal(h, body.size(), weir::bytes(frame));
  weir::frame_header got;
  weir::const_bytes inside;
  fuzz::expect(weir::wire::open(weir::const_bytes(frame, sealed), got, inside) == weir::status::ok);
  fuzz::expect(got.kind == kind && inside.size() == body.size());
  look(weir::const_bytes(frame, sealed));
  return 0;
}
