// SPDX-License-Identifier: MIT
// Cycles of kernels on an AVR: mark 1 is a scan of 1,210 cells of 8 bits without a hit, mark 2 of 16 bits; mark 3 writes 64
// events by Rice's code with l = 6, as they fall at a density of 1 %, each with its sign.
#include <weir/weir.hpp>

#include "simavr_run/marks.hpp"

namespace {

namespace k = weir::kernel;

constexpr weir::index_t cells = 1210;
constexpr uint8_t events = 64;

uint32_t state = 1;
uint16_t noise() {
  state = state * 1664525UL + 1013904223UL;
  return static_cast<uint16_t>(state >> 16);
}

template <class Cell>
void scan(uint8_t id, Cell* r, Cell wt) {
  for (weir::index_t i = 0; i < cells; ++i)
    r[i].raw = static_cast<typename Cell::rep>(static_cast<int16_t>(noise()) % wt.raw);
  mark(id);
  const weir::index_t at = k::next_hit(r, 0, cells, wt, k::native());
  unmark();
  if (at != cells) stop_simulation(id);
}

weir::fixed8<9> small[cells];
weir::fixed16<18> large[cells];
uint16_t gaps[events];
uint8_t signs[events];
uint8_t out[160];

void write_events() {
  for (uint8_t i = 0; i < events; ++i) {
    for (gaps[i] = 0; noise() % 100 != 0; ++gaps[i]) {
    }
    signs[i] = noise() & 1;
  }
  k::rice_stream stream = {weir::detail::bit_writer8(weir::bytes(out)).position(), weir::detail::rice_code(6, 11, 1)};
  bool done = true;
  mark(3);
  for (uint8_t i = 0; i < events; ++i) done = k::put_rice(stream, gaps[i], signs[i]) && done;
  unmark();
  if (!done) stop_simulation(3);
}

}  // namespace

int main() {
  scan(1, small, weir::fixed8<9>::from_raw(100));
  scan(2, large, weir::fixed16<18>::from_raw(5000));
  write_events();
  stop_simulation(0);
}
