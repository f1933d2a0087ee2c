// SPDX-License-Identifier: MIT
// Compiled with WEIR_GOALS_UNIT = avx512, avx2, sse2 or native, and flags to match. Nothing here may be shared between
// units but what is in weir's own namespace, which tells them apart: no templates of the standard library.
#include "unit.hpp"

#include <string.h>

#include <weir/threshold/clipped_residual.hpp>

#include "pass.hpp"

namespace goals {
namespace {

void accumulate(float rate, float keep, float* r, float* u, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    r[i] += rate * u[i];
    u[i] *= keep;
  }
}

gate_state memory;

emitted pass(float rate, float keep, float wt, float* r, float* u, size_t n, uint8_t* out, size_t room) {
  const weir::momentum optimizer(rate, keep);
  const size_t size = worker_pass(optimizer, r, u, static_cast<weir::index_t>(n), weir::fixed_wt(wt), weir::ternary(),
                                  memory, weir::bytes(out, room));
  return {size, memory.report.hits};
}

/// A runner of hands: a unit knows no threads, whose header would bring templates of the standard library.
struct by_hands {
  hands who;
  static constexpr bool concurrent() { return true; }
  template <class Task>
  void run(uint8_t count, Task&& task) const {
    typedef typename weir::remove_reference<Task>::type type;
    who.run(
        who.who, count, [](const void* t, uint8_t i) { (*static_cast<type*>(const_cast<void*>(t)))(i); }, &task);
  }
};
typedef weir::segmented<weir::ternary, 2, by_hands> halves;
weir::gate_state<weir::fixed_wt, halves> memory_of_two;

emitted pass_in_two(const hands& by, float rate, float keep, float wt, float* r, float* u, size_t n, uint8_t* out,
                    size_t room) {
  const weir::momentum optimizer(rate, keep);
  const halves encoder(weir::ternary(), by_hands{by});
  const size_t size = worker_pass(optimizer, r, u, static_cast<weir::index_t>(n), weir::fixed_wt(wt), encoder,
                                  memory_of_two, weir::bytes(out, room));
  return {size, memory_of_two.report.hits};
}

typedef weir::warm_up<weir::target_density> warming;
typedef weir::clipped_residual<weir::fixed_wt> clipping;
struct rules {
  weir::gate_state<weir::fixed_wt, weir::ternary> fixed;
  weir::gate_state<weir::target_density, weir::ternary> density;
  weir::gate_state<weir::byte_budget, weir::ternary> budget;
  weir::gate_state<weir::link_budget, weir::ternary> link;
  weir::gate_state<warming, weir::ternary> warm;
  weir::gate_state<clipping, weir::ternary> clipped;
};
rules memory_of_rules;

emitted pass_under(rule by, float density, float rate, float keep, float wt, float* r, float* u, size_t n, uint8_t* out,
                   size_t room) {
  const weir::momentum optimizer(rate, keep);
  const weir::index_t cells = static_cast<weir::index_t>(n);
  const weir::bytes to(out, room);
  const weir::ternary encoder;
  rules& m = memory_of_rules;
  const float bytes = 1.14f * density * static_cast<float>(n);  // 8.1 bits of position at 1 %, and a sign
  switch (by) {
    case rule::fixed_wt:
      return {worker_pass(optimizer, r, u, cells, weir::fixed_wt(wt), encoder, m.fixed, to), m.fixed.report.hits};
    case rule::target_density:
      return {worker_pass(optimizer, r, u, cells, weir::target_density(density), encoder, m.density, to),
              m.density.report.hits};
    case rule::byte_budget:
      return {worker_pass(optimizer, r, u, cells, weir::byte_budget(bytes), encoder, m.budget, to),
              m.budget.report.hits};
    case rule::link_budget: {
      const weir::link_budget link(bytes + static_cast<float>(weir::link_budget::frame_overhead()), 1.0f, 1.0f);
      return {worker_pass(optimizer, r, u, cells, link, encoder, m.link, to), m.link.report.hits};
    }
    case rule::warm_up:
      return {worker_pass(optimizer, r, u, cells, warming(weir::target_density(density), 10), encoder, m.warm, to),
              m.warm.report.hits};
    case rule::clipped_residual:
      return {worker_pass(optimizer, r, u, cells, clipping(weir::fixed_wt(wt)), encoder, m.clipped, to),
              m.clipped.report.hits};
  }
  return {0, 0};
}

void begin() {
  memory = gate_state();
  memory_of_rules = rules();
  memory_of_two = weir::gate_state<weir::fixed_wt, halves>();
}

bool apply(const uint8_t* body, size_t size, float* cells, size_t n) {
  return coordinator_apply(weir::const_bytes(body, size), cells, static_cast<weir::index_t>(n), 1) == weir::status::ok;
}

void apply_raw(const uint32_t* coordinates, size_t hits, float magnitude, float* cells) {
  uint32_t bits;
  memcpy(&bits, &magnitude, sizeof bits);
  for (size_t i = 0; i < hits; ++i) {
    const uint32_t value_bits = bits ^ (coordinates[i] & 0x80000000u);
    float value;
    memcpy(&value, &value_bits, sizeof value);
    cells[coordinates[i] & 0x7fffffffu] += value;
  }
}

}  // namespace

const unit WEIR_GOALS_UNIT = {
    weir::kernel::native::name(), accumulate, pass, pass_in_two, pass_under, begin, apply, apply_raw};

}  // namespace goals
