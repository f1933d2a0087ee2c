// SPDX-License-Identifier: MIT
// Step one and two alone on an AVR: gate and encoder, from a residual of the 64-16-10 net to a frame of 128 bytes, again and
// again while the residual grows. Mark 1 is a pass.
//   WEIR_MEASURE_GATE      0: without them, the program that the others are compared with; 1: target_density and ternary;
//                          2: fixed_wt and strom
//   WEIR_MEASURE_DENSITY   of what the residual lets rise to Wt, for 1 in a thousand cells
#include "simavr_run/marks.hpp"
#include "support/mixed_fleet.hpp"

namespace {

typedef weir::number<mixed::number>::residual cell;
constexpr weir::index_t cells = mixed::net_digits::parameters();

cell residual[cells];
uint32_t state = 1;

int16_t noise() {
  state = state * 1664525UL + 1013904223UL;
  return static_cast<int16_t>(static_cast<int16_t>(state >> 16) >> 5);
}

#if WEIR_MEASURE_GATE == 1
typedef weir::target_density threshold;
typedef weir::ternary encoder;
const float parameter = static_cast<float>(WEIR_MEASURE_DENSITY) / 1000;
#elif WEIR_MEASURE_GATE == 2
typedef weir::fixed_wt threshold;
typedef weir::strom encoder;
const float parameter = 1.0f / 64;
#endif

#if WEIR_MEASURE_GATE
weir::gate_state<threshold, encoder> gate_state;
uint8_t frame[128];

__attribute__((noinline)) void pass() {
  mark(1);
  volatile size_t size =
      weir::gate(residual, cells, weir::worker_grid<weir::number<mixed::number>>::make(), threshold(parameter),
                 encoder(), gate_state, weir::bytes(frame), weir::detail::no_fold(), weir::detail::no_forget());
  unmark();
  (void)size;
}
#else
__attribute__((noinline)) void pass() { __asm__ volatile("" ::"r"(residual) : "memory"); }
#endif

}  // namespace

int main() {
  for (uint8_t i = 0; i < 40; ++i) {
    for (cell& c : residual) c.raw = weir::saturate<int16_t>(static_cast<int32_t>(c.raw) + noise());
    pass();
  }
  stop_simulation(0);
}
