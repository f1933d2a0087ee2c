// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/nets.hpp"
#include "simulation.hpp"

namespace simulate {

/// Everything passes.
struct open_gate : weir::always {
  explicit open_gate(const gate_choice&) noexcept {}
};

/// A Wt at least, and a budget of bytes or none.
struct chosen_gate {
  gate_choice choice;

  using state = weir::byte_budget::state;
  explicit chosen_gate(const gate_choice& c) noexcept : choice(c) {}
  static constexpr bool may_be_zero() noexcept { return false; }

  template <class Mean>
  float next(state& s, const weir::gate_report& last, Mean&& mean) const noexcept {
    if (!(choice.bytes > 0)) return choice.wt;
    return budget().next(s, last, mean);
  }
  std::size_t room(const state& s, const weir::gate_report& last) const noexcept {
    return choice.bytes > 0 ? budget().room(s, last) : static_cast<std::size_t>(-1);
  }

 private:
  weir::at_least<weir::byte_budget> budget() const noexcept {
    return weir::at_least<weir::byte_budget>(weir::byte_budget(choice.bytes), choice.wt);
  }
};

/// Everything in one frame.
template <class Model>
constexpr std::size_t whole_frame() {
  return 4 * Model::parameters() + 32;
}
template <class Model>
using dense_simulation = simulation<Model, weir::dense32, open_gate, whole_frame<Model>()>;
template <class Model, std::size_t FrameBytes = whole_frame<Model>()>
using gated_simulation = simulation<Model, weir::ternary, chosen_gate, FrameBytes>;
/// Where packets get lost, frames are no larger than what goes through the Internet in one of them: of one in many, one
/// packet would be missing too often.
template <class Model>
using lossy_simulation = gated_simulation<Model, 1232>;

template <class Model>
outcome run_model(const setup& s, const support::dataset& data, const progress& tell) {
  if (s.dense) return dense_simulation<Model>(s, data, tell).run();
  return s.may_lose() ? lossy_simulation<Model>(s, data, tell).run() : gated_simulation<Model>(s, data, tell).run();
}

template <class Model>
std::uint64_t bytes_of_model(const setup& s) {
  if (s.dense) return dense_simulation<Model>::bytes_needed(s);
  return s.may_lose() ? lossy_simulation<Model>::bytes_needed(s) : gated_simulation<Model>::bytes_needed(s);
}

}  // namespace simulate
