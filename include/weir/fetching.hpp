// SPDX-License-Identifier: MIT
// Decoding into memory that is not at hand: two thirds of the time would be waiting for cells.
#pragma once

#include <weir/core/meta.hpp>
#include <weir/core/span.hpp>
#include <weir/core/status.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// A sink in front of another: sink.fetch(i) as soon as a coordinate is known, sink(i, value) 64 coordinates later, in the same
/// order; the last ones at the end of its life. 64 indices and values on the stack.
template <class Value, class Sink>
class fetching_sink {
 public:
  explicit fetching_sink(const Sink& sink) noexcept : sink_(sink), count_(0) {}
  fetching_sink(const fetching_sink&) = delete;
  fetching_sink& operator=(const fetching_sink&) = delete;
  ~fetching_sink() {
    for (uint32_t i = count_ < behind() ? 0 : count_ - behind(); i != count_; ++i) pass_on(i % behind());
  }

  void operator()(index_t i, Value v) noexcept {
    sink_.fetch(i);
    const uint32_t at = count_ % behind();
    if (count_ >= behind()) pass_on(at);
    indices_[at] = i;
    values_[at] = v;
    ++count_;
  }

 private:
  static constexpr uint32_t behind() noexcept { return 64; }
  void pass_on(uint32_t at) noexcept { sink_(indices_[at], values_[at]); }

  Sink sink_;
  uint32_t count_;
  index_t indices_[64];
  Value values_[64];
};

/// Sink itself, as cells[n] fit a second-level cache.
template <class Value, class Sink>
class near_sink {
 public:
  explicit near_sink(const Sink& sink) noexcept : sink_(sink) {}
  void operator()(index_t i, Value v) noexcept { sink_(i, v); }

 private:
  Sink sink_;
};

/// Encoder::decode into a sink over cells that take so many bytes.
template <class Encoder, class Value, size_t Bytes, class Sink>
status decode_into(const_bytes body, index_t n, const Sink& sink) noexcept {
  typename conditional<(Bytes / 4 > 0xffff), fetching_sink<Value, Sink>, near_sink<Value, Sink>>::type to(sink);
  return Encoder::template decode<Value>(body, n, to);
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
