// SPDX-License-Identifier: MIT
// Bytes make a residual, of floats or of integers; encoder FUZZ_ENCODER takes from it what rises to Wt, and what is decoded
// is what was taken, cell by cell and to the bit. Nothing is written behind the frame. The gate, with its vector kernels, does
// the same to the bit.
#include "../golden/encoders.hpp"
#include "fuzz.hpp"

#include <cstring>
#include <weir/core/number.hpp>
#include <weir/gate.hpp>
#include <weir/threshold/fixed_wt.hpp>

namespace {

constexpr weir::index_t most_cells = 1200;
constexpr size_t most_bytes = 512;

template <class Value>
struct numbers;
template <>
struct numbers<float> {
  typedef weir::grid<float, float> grid;
  static grid make(uint8_t) { return grid(1.0f); }
  static float cell(uint8_t exponent, uint8_t mantissa) {
    const uint32_t bits = (static_cast<uint32_t>(exponent & 0x80) << 24) |
                          (static_cast<uint32_t>(96 + (exponent & 0x3f)) << 23) |
                          (static_cast<uint32_t>(mantissa) << 15);
    return weir::float_of_bits(bits);
  }
  static float left(grid g, float before, float v) {
    grid::take(before, g.cells(v));
    return before;
  }
  static float wt(uint8_t choice) { return choice == 0 ? 0.0f : cell(choice & 0x7f, choice); }
};
template <>
struct numbers<int32_t> {
  typedef weir::grid<weir::fixed<int32_t, 0>, int32_t> grid;
  static grid make(uint8_t choice) { return grid(weir::grid_units(1 + (choice & 0x7f), 1.0f)); }
  static grid::cell cell(uint8_t high, uint8_t low) {
    const int32_t v = (static_cast<int32_t>(high & 0x7f) << (low & 23)) | low;
    return grid::cell::from_raw((high & 0x80) != 0 ? -v : v);
  }
  static grid::cell left(grid g, grid::cell before, int32_t v) { return grid::cell::from_raw(before.raw - g.cells(v)); }
  static float wt(uint8_t choice) { return static_cast<float>(choice) * static_cast<float>(1 + (choice & 7)); }
};

/// One frame of `initial`, by the writer and by the gate.
template <class Encoder, class Value>
void frame(const typename numbers<Value>::grid& grid, const typename numbers<Value>::grid::cell* initial,
           weir::gate_state<weir::fixed_wt, Encoder>& s, float wt, weir::index_t cells, size_t room) {
  typedef numbers<Value> kind;
  typedef typename kind::grid::cell cell;
  static cell before[most_cells], after[most_cells], by_gate[most_cells];
  static uint8_t out[most_bytes + 8], gated[most_bytes + 8];
  for (cell* const to : {before, after, by_gate})
    std::memcpy(static_cast<void*>(to), static_cast<const void*>(initial), cells * sizeof(cell));
  for (uint8_t* const to : {out, gated}) std::memset(to, 0xa5, sizeof out);

  // The writer, cell by cell.
  const Encoder encoder{};
  typename Encoder::state state = s.encoder;
  weir::detail::no_fold fold;
  const weir::detail::mean_magnitude<cell, typename kind::grid, weir::detail::no_fold> mean(before, cells, grid, fold);
  const weir::encode_request request(wt, cells, s.start, s.report.hits,
                                     weir::detail::wants_mean<Encoder>(state, 0) ? mean() : 0.0f);
  typename Encoder::template writer<typename kind::grid> writer(encoder, state, grid, request, weir::bytes(out, room));
  const cell threshold = writer.threshold();
  weir::index_t hits = 0;
  for (weir::index_t offset = 0; offset < cells; ++offset) {
    const weir::index_t i = static_cast<weir::index_t>((s.start + offset) % cells);
    if (weir::magnitude(after[i]) < threshold || !weir::detail::wants(writer, after[i], 0)) continue;
    if (!writer.put(offset, after[i])) {
      fuzz::expect(before[i] == after[i]);
      break;
    }
    ++hits;
  }
  const size_t written = writer.finish(state);
  fuzz::expect(written <= room && (written == 0) == (hits == 0));
  fuzz::expect(written <= Encoder::max_bytes(cells, hits));
  for (size_t i = room; i < sizeof out; ++i) fuzz::expect(out[i] == 0xa5);

  // The gate.
  const size_t by_gate_written =
      weir::gate(by_gate, cells, grid, weir::fixed_wt(wt), encoder, s, weir::bytes(gated, room),
                 weir::detail::no_fold(), weir::detail::no_forget());
  fuzz::expect(written == by_gate_written && hits == s.report.hits && std::memcmp(out, gated, written) == 0);
  fuzz::expect(std::memcmp(out + room, gated + room, sizeof out - room) == 0);
  fuzz::expect(std::memcmp(static_cast<const void*>(after), static_cast<const void*>(by_gate), cells * sizeof(cell)) ==
               0);

  // The reader.
  weir::index_t decoded = 0;
  const weir::status got =
      Encoder::template decode<Value>(weir::const_bytes(out, written), cells, [&](weir::index_t i, Value v) {
        fuzz::expect(i < cells && kind::left(grid, before[i], v) == after[i]);
        before[i] = after[i];  // taken
        ++decoded;
      });
  fuzz::expect(got == weir::status::ok && decoded >= hits);
  for (weir::index_t i = 0; i < cells; ++i) fuzz::expect(before[i] == after[i]);
}

template <class Encoder, class Value>
void round_trip(fuzz::input in) {
  typedef numbers<Value> kind;
  typedef typename kind::grid::cell cell;
  static cell residual[most_cells];

  const typename kind::grid grid = kind::make(in.byte());
  const float wt = grid.sendable(kind::wt(in.byte()));
  if (Encoder::needs_wt() && !(wt > 0)) return;
  weir::gate_state<weir::fixed_wt, Encoder> s;
  std::memset(static_cast<void*>(&s), 0, sizeof s);
  const weir::index_t cells = static_cast<weir::index_t>(1 + in.word() % most_cells);
  s.start = static_cast<weir::index_t>(in.word() % cells);
  s.report.rounds = 1;
  s.report.hits = static_cast<weir::index_t>(in.word());
  const size_t room = in.word() % (most_bytes + 1);
  const uint8_t frames = 1 + in.byte() % 3;

  // The rest: cells, by a gap and two bytes each.
  std::memset(static_cast<void*>(residual), 0, cells * sizeof(cell));
  weir::index_t at = s.start;
  while (!in.empty()) {
    const uint8_t gap = in.byte();
    at = static_cast<weir::index_t>((at + 1 + (gap < 0xc0 ? gap & 15 : gap)) % cells);
    const uint8_t high = in.byte();
    residual[at] = kind::cell(high, in.byte());
  }
  for (uint8_t i = 0; i < frames; ++i) frame<Encoder, Value>(grid, residual, s, wt, cells, room);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in(data, size);
  if ((in.byte() & 1) != 0)
    round_trip<golden::encoders::FUZZ_ENCODER, float>(in);
  else
    round_trip<golden::encoders::FUZZ_ENCODER, int32_t>(in);
  return 0;
}
