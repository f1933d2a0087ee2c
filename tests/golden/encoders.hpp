// SPDX-License-Identifier: MIT
// Every encoder by its name. Who adds one adds a line here, vectors to bodies.txt, a decoder to decode.py and a line to
// examples/inspect/body.cpp; tests say what is missing. Its fuzz targets come by themselves.
#pragma once

#include <string>
#include <weir/encoder/dense32.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/encoder/ternary.hpp>

// ENCODER(name, type), a line for each: tests/fuzz/CMakeLists.txt reads them too.
#define WEIR_GOLDEN_ENCODERS(ENCODER) \
  ENCODER(ternary, weir::ternary)     \
  ENCODER(strom, weir::strom)         \
  ENCODER(sparse32, weir::sparse32)   \
  ENCODER(sparse16, weir::sparse16)   \
  ENCODER(dense32, weir::dense32)

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
