// SPDX-License-Identifier: MIT
// Every encoder by its name. Who adds one adds a line here, vectors to bodies.txt, a decoder to decode.py and a line to
// examples/inspect/body.cpp; tests say what is missing. Its fuzz targets come by themselves.
#pragma once

#include <string>
#include <weir/encoder/base3.hpp>
#include <weir/encoder/dense32.hpp>
#include <weir/encoder/levels.hpp>
#include <weir/encoder/logarithmic.hpp>
#include <weir/encoder/natural.hpp>
#include <weir/encoder/one_bit.hpp>
#include <weir/encoder/one_signed.hpp>
#include <weir/encoder/segmented.hpp>
#include <weir/encoder/sparse8.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/encoder/ternary.hpp>

// ENCODER(name, type), a line for each: tests/fuzz/CMakeLists.txt reads them too.
#define WEIR_GOLDEN_ENCODERS(ENCODER)         \
  ENCODER(ternary, weir::ternary)             \
  ENCODER(strom, weir::strom)                 \
  ENCODER(one_signed, weir::one_signed)       \
  ENCODER(logarithmic2, weir::logarithmic<2>) \
  ENCODER(logarithmic4, weir::logarithmic<4>) \
  ENCODER(natural, weir::natural)             \
  ENCODER(sparse8, weir::sparse8)             \
  ENCODER(sparse16, weir::sparse16)           \
  ENCODER(sparse32, weir::sparse32)           \
  ENCODER(one_bit, weir::one_bit)             \
  ENCODER(levels1, weir::levels<1>)           \
  ENCODER(levels7, weir::levels<7>)           \
  ENCODER(dense_natural, weir::dense_natural) \
  ENCODER(base3, weir::base3)                 \
  ENCODER(dense32, weir::dense32)             \
  ENCODER(segmented2_ternary, weir::segmented<weir::ternary, 2>)

namespace golden {

/// The types by those names.
namespace encoders {
#define WEIR_GOLDEN_TYPE(name, ...) typedef __VA_ARGS__ name;
WEIR_GOLDEN_ENCODERS(WEIR_GOLDEN_TYPE)
#undef WEIR_GOLDEN_TYPE
}  // namespace encoders

template <class Encoder, class Value>
struct codec {
  typedef Encoder encoder;
  typedef Value value;
};

/// visit(name, codec<Encoder, Value>()) for each encoder, of floats and of integers.
template <class Visit>
void each_codec(Visit&& visit) {
#define WEIR_GOLDEN_VISIT(name, ...)                      \
  visit(std::string(#name), codec<__VA_ARGS__, float>()); \
  visit(std::string(#name), codec<__VA_ARGS__, int32_t>());
  WEIR_GOLDEN_ENCODERS(WEIR_GOLDEN_VISIT)
#undef WEIR_GOLDEN_VISIT
}

}  // namespace golden
