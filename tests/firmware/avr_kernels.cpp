// SPDX-License-Identifier: MIT
// On an AVR: the kernels in assembly against the portable ones, over many seeds. Ends with the number of the first kernel
// that differs, or 0.
#include <weir/weir.hpp>

#include "simavr_run/marks.hpp"

namespace {

namespace k = weir::kernel;

uint32_t state = 1;
uint16_t next_random() {
  state = state * 1664525UL + 1013904223UL;
  return static_cast<uint16_t>(state >> 16);
}

/// Small, zero or extreme; never the value that is outside of the symmetric range.
template <class Rep>
Rep random_raw() {
  const uint16_t r = next_random();
  const Rep most = weir::raw_range<Rep>::highest();
  switch (next_random() % 8) {
    case 0: return 0;
    case 1: return most;
    case 2: return static_cast<Rep>(-most);
    case 3: return static_cast<Rep>(static_cast<int16_t>(r) % 100);
    default: return weir::saturate<Rep>(static_cast<int16_t>(r));
  }
}
template <class Fixed>
void fill(Fixed* to, uint16_t n) {
  for (uint16_t i = 0; i < n; ++i) to[i].raw = random_raw<typename Fixed::rep>();
}

constexpr uint16_t most_cells = 90;
uint8_t memory[8 * most_cells];  // of all tests, one after the other: an ATmega328P has 2 KB
typedef weir::fixed16<12> weight;
typedef weir::fixed16<18> residual;

template <class Input>
bool dots_agree() {
  weight* const m = reinterpret_cast<weight*>(memory);
  Input* const x = reinterpret_cast<Input*>(memory) + 3 * 2 * most_cells / sizeof(Input);
  for (uint16_t trial = 0; trial < 300; ++trial) {
    const uint16_t n = next_random() % (most_cells + 1), stride = 1 + next_random() % 3;
    fill(m, 3 * most_cells);
    fill(x, most_cells);
    if (trial % 2 != 0)  // so that not all sums saturate
      for (uint16_t i = 0; i < 3 * most_cells; ++i) m[i].raw = static_cast<int16_t>(m[i].raw >> 7);
    const weight bias = weight::from_raw(random_raw<int16_t>());
    if (k::rounded_dot(m, stride, x, n, bias, k::avr()) != k::rounded_dot(m, stride, x, n, bias, k::scalar()))
      return false;
  }
  return true;
}

/// Sizes that the compiler knows, n twice the stride: it may want to keep equal things in one register.
bool constant_dots_agree() {
  weight* const m = reinterpret_cast<weight*>(memory);
  weight* const x = m + 32;
  for (uint8_t i = 0; i < 32; ++i) m[i].raw = static_cast<int16_t>(100 * i);
  for (uint8_t i = 0; i < 8; ++i) x[i].raw = 4096;
  const weight none = weight::from_raw(0);
  return k::rounded_dot(m, 4, x, 8, none, k::avr()) == k::rounded_dot(m, 4, x, 8, none, k::scalar());
}

template <class Row>
bool axpys_agree() {
  Row* const x = reinterpret_cast<Row*>(memory);
  residual* const y = reinterpret_cast<residual*>(memory) + most_cells;
  residual* const want = y + most_cells + 1;
  for (uint16_t trial = 0; trial < 600; ++trial) {
    const uint16_t n = next_random() % (most_cells + 1);
    fill(x, most_cells);
    fill(y, most_cells + 1);
    memcpy(want, y, (most_cells + 1) * sizeof *y);
    const weir::fixed_scale s = {random_raw<int16_t>(), static_cast<int8_t>(next_random() % 40)};
    const uint16_t saturated = k::axpy(s, x, y, n, k::avr());
    if (saturated != k::axpy(s, x, want, n, k::scalar())) return false;
    if (memcmp(want, y, (most_cells + 1) * sizeof *y) != 0) return false;  // the cell behind the last one included
  }
  return true;
}

bool rice_writers_agree() {
  constexpr size_t most_bytes = 26;
  uint8_t *const bytes = memory, *const want = memory + most_bytes;
  for (uint16_t trial = 0; trial < 600; ++trial) {
    const uint8_t l = static_cast<uint8_t>(trial % 17), tail = static_cast<uint8_t>(trial % 3 == 2 ? 16 : trial % 3);
    const size_t size = 1 + next_random() % 24;
    memset(bytes, 0xaa, most_bytes);
    memset(want, 0xaa, most_bytes);
    const weir::detail::rice_code code(l, 16, tail);
    weir::detail::rice_stream writer(code, weir::bytes(bytes, size));
    weir::detail::bit_writer8 reference((weir::bytes(want, size)));
    bool room = true;
    for (uint8_t i = 0; i < 40 && room; ++i) {
      const uint16_t gap = static_cast<uint16_t>(next_random() >> (next_random() % 16));
      const uint32_t value = tail == 0 ? 0 : tail == 1 ? gap & 1 : next_random();
      room = weir::detail::rice_symbol(gap, code).put(reference, code, value);
      if (writer.put(gap, value) != room) return false;
    }
    if (writer.finish() - bytes != reference.finish() - want) return false;
    const size_t used = static_cast<size_t>(reference.finish() - want);
    if (memcmp(bytes, want, used) != 0) return false;
    for (size_t i = size; i < most_bytes; ++i)
      if (bytes[i] != 0xaa) return false;
  }
  return true;
}

template <class Cell>
bool scans_agree() {
  Cell* const r = reinterpret_cast<Cell*>(memory);
  for (uint16_t trial = 0; trial < 600; ++trial) {
    const uint16_t n = next_random() % (most_cells + 1), from = n == 0 ? 0 : next_random() % n;
    fill(r, most_cells);
    Cell wt = Cell::from_raw(random_raw<typename Cell::rep>());
    if (wt.raw < 0) wt = -wt;
    if (trial % 2 != 0)
      for (uint16_t i = 0; i < most_cells; ++i) r[i].raw = static_cast<typename Cell::rep>(r[i].raw / 8);
    if (k::next_hit(r, from, n, wt, k::avr()) != k::next_hit(r, from, n, wt, k::scalar())) return false;
  }
  return true;
}

}  // namespace

int main() {
  uint8_t wrong = 0;
  if (!dots_agree<weight>()) wrong = 1;
  if (!dots_agree<weir::fixed8<6>>()) wrong = 2;
  if (!axpys_agree<weight>()) wrong = 3;
  if (!axpys_agree<weir::fixed8<6>>()) wrong = 4;
  if (!rice_writers_agree()) wrong = 5;
  if (!scans_agree<residual>()) wrong = 6;
  if (!scans_agree<weir::fixed8<9>>()) wrong = 7;
  if (!constant_dots_agree()) wrong = 8;
  stop_simulation(wrong);
}
