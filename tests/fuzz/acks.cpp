// SPDX-License-Identifier: MIT
// Any bytes as acknowledgements; and any bitmap, written and read: every rank hears the truth.
#include "fuzz.hpp"

#include <weir/wire/acks.hpp>
#include <weir/wire/frame.hpp>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in(data, size);
  const uint16_t ranks = static_cast<uint16_t>(1 + in.word() % weir::wire::max_ranks());
  const uint16_t rank = static_cast<uint16_t>(in.word() % ranks);
  {
    weir::byte_reader r(in.rest());
    bool counted = false;
    const weir::status got = weir::wire::get_acks(r, ranks, rank, counted);
    fuzz::expect(got == weir::status::ok || got == weir::status::malformed);
    if (got == weir::status::ok) fuzz::expect(r.ok() && r.size() >= 1 && r.size() <= in.rest().size());
  }
  const size_t bitmap = (static_cast<size_t>(ranks) + 7) / 8;
  const weir::const_bytes counted_bits = in.rest();
  if (counted_bits.size() < bitmap || bitmap > 64) return 0;
  uint8_t out[80];
  const size_t room = 1 + (data[2] & 63);
  out[room] = 0xa5;
  const size_t written = weir::wire::put_acks(counted_bits.data(), ranks, weir::bytes(out, room));
  fuzz::expect(written >= 1 && written <= room && out[room] == 0xa5);
  weir::byte_reader r{weir::const_bytes(out, written)};
  bool counted = false;
  fuzz::expect(weir::wire::get_acks(r, ranks, rank, counted) == weir::status::ok && r.size() == written);
  const bool truth = ((counted_bits[rank / 8] >> (rank % 8)) & 1) != 0;
  fuzz::expect(counted == (out[0] != 0xc0 && truth));
  return 0;
}
