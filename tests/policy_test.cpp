// SPDX-License-Identifier: MIT
// The library's own policies meet the contracts that it asks of others, and the traits can say no.
#include <doctest/doctest.h>

#include <weir/encoder/dense32.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/encoder/ternary.hpp>
#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/hinge.hpp>
#include <weir/nn/mean_squared_error.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>
#include <weir/optimizer/clipped.hpp>
#include <weir/optimizer/decayed.hpp>
#include <weir/optimizer/momentum.hpp>
#include <weir/optimizer/nesterov.hpp>
#include <weir/optimizer/sgd.hpp>
#include <weir/policy/aggregation.hpp>
#include <weir/policy/transport.hpp>
#include <weir/threshold/always.hpp>
#include <weir/threshold/byte_budget.hpp>
#include <weir/threshold/fixed_wt.hpp>
#include <weir/threshold/link_budget.hpp>
#include <weir/threshold/target_density.hpp>
#include <weir/threshold/warm_up.hpp>

namespace {

struct nothing {};

template <template <class> class Trait, class... Ts>
constexpr bool all() {
  return (Trait<Ts>::value && ...);
}
template <class L>
using is_layer_on_4 = weir::is_layer<L, weir::shape<4>>;

}  // namespace

TEST_CASE("every policy of the library is one") {
  CHECK(all<is_layer_on_4, weir::dense<3>, weir::relu, weir::leaky_relu<>, weir::sigmoid, weir::tanh>());
  CHECK(all<weir::is_loss, weir::softmax_cross_entropy, weir::mean_squared_error, weir::hinge>());
  CHECK(all<weir::is_optimizer, weir::sgd, weir::momentum, weir::nesterov, weir::basic_sgd<weir::cosine_rate>,
            weir::clipped<weir::decayed<weir::nesterov>>, weir::decayed<weir::clipped<weir::sgd>>>());
  CHECK(all<weir::is_threshold, weir::always, weir::fixed_wt, weir::target_density, weir::warm_up<weir::target_density>,
            weir::byte_budget, weir::link_budget>());
  CHECK(all<weir::is_encoder, weir::ternary, weir::strom, weir::sparse32, weir::sparse16, weir::dense32>());
}

TEST_CASE("and other things are none") {
  CHECK_FALSE(weir::is_layer<nothing, weir::shape<4>>::value);
  CHECK_FALSE(weir::is_loss<nothing>::value);
  CHECK_FALSE(weir::is_optimizer<weir::fixed_wt>::value);
  CHECK_FALSE(weir::is_threshold<weir::sgd>::value);
  CHECK_FALSE(weir::is_encoder<weir::relu>::value);
  CHECK_FALSE(weir::is_transport<nothing>::value);
  CHECK_FALSE(weir::is_aggregation<nothing>::value);
}
