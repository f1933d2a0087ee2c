// SPDX-License-Identifier: MIT
// Layers one by one: gradients, and the memory they ask for.
#include "support/check_layer.hpp"

#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>

using namespace test_support;
using weir::shape;

TEST_CASE("dense") {
  check_layer<weir::dense<4>, shape<5>, 1>();
  check_layer<weir::dense<3>, shape<17>, 2>();
  check_layer<weir::dense<33>, shape<20>, 5>();
}

TEST_CASE("element-wise") {
  check_layer<weir::sigmoid, shape<2, 5>, 3>();
  check_layer<weir::tanh, shape<11>, 2>();
}
