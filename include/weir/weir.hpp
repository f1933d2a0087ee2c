// SPDX-License-Identifier: MIT
// The umbrella: everything a firmware needs, nothing that needs an operating system.
#pragma once

// clang-format off: from the bottom up, as the layers stand
#include <weir/config.hpp>
#include <weir/version.hpp>

#include <weir/core/bits.hpp>
#include <weir/core/bytes.hpp>
#include <weir/core/crc.hpp>
#include <weir/core/fingerprint.hpp>
#include <weir/core/fixed.hpp>
#include <weir/core/float_bits.hpp>
#include <weir/core/grid.hpp>
#include <weir/core/meta.hpp>
#include <weir/core/number.hpp>
#include <weir/core/placed.hpp>
#include <weir/core/random.hpp>
#include <weir/core/serial.hpp>
#include <weir/core/span.hpp>
#include <weir/core/status.hpp>
#include <weir/core/wire_value.hpp>
#include <weir/kernel/axpy.hpp>
#include <weir/kernel/dot.hpp>
#include <weir/kernel/isa.hpp>
#include <weir/kernel/largest.hpp>
#include <weir/kernel/matvec.hpp>
#include <weir/kernel/next_hit.hpp>
#include <weir/policy/aggregation.hpp>
#include <weir/policy/encoder.hpp>
#include <weir/policy/layer.hpp>
#include <weir/policy/local.hpp>
#include <weir/policy/loss.hpp>
#include <weir/policy/optimizer.hpp>
#include <weir/policy/shape.hpp>
#include <weir/policy/threshold.hpp>
#include <weir/policy/transport.hpp>
#include <weir/nn/activation.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/fixed_math.hpp>
#include <weir/nn/hinge.hpp>
#include <weir/nn/init.hpp>
#include <weir/nn/mean_squared_error.hpp>
#include <weir/nn/sequential.hpp>
#include <weir/nn/softmax_cross_entropy.hpp>
#include <weir/optimizer/clipped.hpp>
#include <weir/optimizer/decayed.hpp>
#include <weir/optimizer/momentum.hpp>
#include <weir/optimizer/nesterov.hpp>
#include <weir/optimizer/rate.hpp>
#include <weir/optimizer/sgd.hpp>
#include <weir/threshold/always.hpp>
#include <weir/threshold/fixed_wt.hpp>
#include <weir/threshold/target_density.hpp>
#include <weir/threshold/warm_up.hpp>
#include <weir/encoder/dense32.hpp>
#include <weir/encoder/rice.hpp>
#include <weir/encoder/sparse.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/encoder/ternary.hpp>
#include <weir/local/accumulate_only.hpp>
#include <weir/local/local_steps.hpp>
#include <weir/aggregation/mean.hpp>
#include <weir/transport/buffered.hpp>
#include <weir/transport/byte_stream.hpp>
#include <weir/transport/cobs.hpp>
#include <weir/transport/loopback.hpp>
#include <weir/transport/star.hpp>
#include <weir/wire/acks.hpp>
#include <weir/wire/bodies.hpp>
#include <weir/wire/frame.hpp>

#include <weir/gate.hpp>
#include <weir/fleet.hpp>
#include <weir/pipeline.hpp>
#include <weir/downlink.hpp>
#include <weir/trainer.hpp>
#include <weir/inference.hpp>
#include <weir/learner.hpp>
#include <weir/worker.hpp>
#include <weir/coordinator.hpp>

#if WEIR_ARDUINO
#  include <weir/transport/arduino_stream.hpp>
#endif
