// SPDX-License-Identifier: MIT
#pragma once

#include <math.h>

#include <weir/policy/observer.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// What one pass of a gate did, and what it left.
struct observation {
  uint16_t round_number;  ///< a worker's: of its weights; a coordinator's: the one that it closes
  gate_report gate;       ///< Wt, weights, hits, bytes
  float residual_norm;    ///< Euclidean, of what stays, in the scale of the weights
  uint16_t oldest;        ///< passes that the residual which waits for longest has seen, 65,534 at most; 0: none waits

  float density() const noexcept {
    return gate.cells == 0 ? 0.0f : static_cast<float>(gate.hits) / static_cast<float>(gate.cells);
  }
};

/// Tells a sink, `void operator()(const observation&) const`, of each pass. The sink is a plain value: what it fills belongs
/// to somebody else, and it points there.
///
///   struct print { void operator()(const weir::observation& o) const { Serial.println(o.gate.wt); } };
///   using pipe = weir::pipeline<..., weir::save_nothing, weir::observe<print>>;
///
/// RAM: 2 bytes a weight, how long it has waited. Time: one more look at the residual, after each pass.
template <class Sink>
struct observe {
  Sink sink;

  constexpr explicit observe(Sink sink_ = Sink()) noexcept : sink(sink_) {}

  template <index_t N>
  struct state {
    uint16_t waited[N];  // passes in which the cell was not zero and did not leave
  };

  template <class State>
  void emitted(State& s, index_t i) const noexcept {
    s.waited[i] = just_left();
  }

  template <class State, class Residual>
  void passed(State& s, uint16_t round_number, const gate_report& report, const Residual& residual) const noexcept {
    observation o = {round_number, report, 0.0f, 0};
    float squares = 0;
    for (index_t i = 0; i < residual.size();) {
      const index_t end = residual.size() - i > 1024 ? static_cast<index_t>(i + 1024) : residual.size();
      float part = 0;  // one sum over millions would lose what is small
      for (; i < end; ++i) {
        const float m = residual.magnitude(i);
        part += m * m;
        s.waited[i] = waited(s.waited[i], m > 0 && report.wt > 0);  // where Wt is 0 all leaves, but for rounding
        if (s.waited[i] > o.oldest) o.oldest = s.waited[i];
      }
      squares += part;
    }
    o.residual_norm = sqrtf(squares);
    sink(o);
  }

 private:
  static constexpr uint16_t just_left() noexcept { return 0xffff; }
  static uint16_t waited(uint16_t before, bool waits) noexcept {
    if (!waits || before == just_left()) return 0;
    return before == just_left() - 1 ? before : static_cast<uint16_t>(before + 1);
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
