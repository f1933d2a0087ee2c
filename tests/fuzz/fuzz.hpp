// SPDX-License-Identifier: MIT
// What the fuzz targets share. A target is a program of libFuzzer; what it must not do, it says by fail().
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <weir/core/bytes.hpp>
#include <weir/core/wire_value.hpp>
#include <weir/policy/encoder.hpp>

#include "../support/scan_order.hpp"

namespace fuzz {

/// The fuzzer keeps the input.
[[noreturn]] inline void fail() { std::abort(); }
inline void expect(bool ok) {
  if (!ok) fail();
}

/// Takes an input apart from its front.
class input {
 public:
  input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  uint16_t word() {
    const uint8_t low = byte();
    return static_cast<uint16_t>(low | byte() << 8);
  }
  weir::const_bytes some(size_t most) {
    const size_t n = most < size_ ? most : size_;
    const weir::const_bytes part(data_, n);
    data_ += n;
    size_ -= n;
    return part;
  }
  weir::const_bytes rest() const { return weir::const_bytes(data_, size_); }
  bool empty() const { return size_ == 0; }

 private:
  const uint8_t* data_;
  size_t size_;
};

/// Models of all sizes, by a byte of the input.
inline weir::index_t model_cells(uint8_t choice) {
  const weir::index_t sizes[] = {1,   2,    3,    7,     10,     40,        100,        300,
                                 600, 1000, 1210, 20000, 101770, 0x1000000, 0x80000001, 0xffffffff};
  return sizes[choice & 15];
}

/// Takes coordinates and holds a decoder to its word: they come in the order of a scan, with values that a sender may send.
template <class Value>
class sink {
 public:
  explicit sink(weir::index_t cells, uint8_t segments = 1) : order_(cells, segments), count_(0) {}
  void operator()(weir::index_t i, Value v) {
    expect(order_.next(i) && weir::wire_value<Value>::sane(v));
    ++count_;
  }
  uint64_t count() const { return count_; }

 private:
  test_support::scan_order order_;
  uint64_t count_;
};

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
