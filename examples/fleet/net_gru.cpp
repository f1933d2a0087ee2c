// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

/// Characters to the next character, at each of them.
using gru_net = weir::sequential<weir::input<support::text_window()>, weir::embedding<support::text_characters(), 24>,
                                 weir::gru<64, weir::all_outputs>, each_step<weir::dense<support::text_characters()>>>;

template <>
struct training<gru_net> {
  using loss = mean_over_steps<weir::softmax_cross_entropy, support::text_characters()>;
  static constexpr bool limited() { return true; }
};

weir::index_t gru_parameters() { return gru_net::parameters(); }

outcome run_gru(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds) {
  return run_model<real_of_indices, gru_net>(p, data, tell, rounds, few_encoders(), batch_list<16>());
}

}  // namespace fleet
