// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

/// After LeNet (LeCun et al., Proc. IEEE 1998), with smaller windows, relu and the largest of each window.
using cnn_net =
    weir::sequential<weir::input<1, 28, 28>, weir::conv2d<12, weir::window<3, 3>, weir::same>, weir::relu,
                     weir::max_pool<weir::window<2, 2>>, weir::conv2d<24, weir::window<3, 3>, weir::same>, weir::relu,
                     weir::max_pool<weir::window<2, 2>>, weir::flatten, weir::dense<64>, weir::relu, weir::dense<10>>;

weir::index_t cnn_parameters() { return cnn_net::parameters(); }

outcome run_cnn(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds) {
  return run_model<real, cnn_net>(p, data, tell, rounds, few_encoders(), batch_list<16>());
}

}  // namespace fleet
