// EXPECT: weir: a stepper needs recurrent layers in front: only behind last_output may others stand
// SPDX-License-Identifier: MIT
#include <weir/nn/activation.hpp>
#include <weir/nn/simple_rnn.hpp>
#include <weir/nn/stepper.hpp>

#if !defined(WEIR_EXPECT_ERROR)
typedef weir::sequential<weir::input<8, 2>, weir::simple_rnn<4>, weir::tanh> net;
#else
typedef weir::sequential<weir::input<8, 2>, weir::simple_rnn<4, weir::all_outputs>, weir::tanh, weir::simple_rnn<3>>
    net;
#endif
const float* next(weir::stepper<net>& now, const float* w, const float* x) { return now.step(w, x); }
