// SPDX-License-Identifier: MIT
#pragma once

#include <weir/config.hpp>
#include <weir/core/meta.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A view of `size` elements that somebody else owns.
template <class T>
class span {
 public:
  constexpr span() noexcept : data_(nullptr), size_(0) {}
  constexpr span(T* data, size_t size) noexcept : data_(data), size_(size) {}
  template <size_t N>
  constexpr span(T (&array)[N]) noexcept : data_(array), size_(N) {}
  /// A view that may write is also one that may only read.
  template <class U, class = typename enable_if<is_same<const U, T>::value>::type>
  constexpr span(span<U> other) noexcept : data_(other.data()), size_(other.size()) {}

  constexpr T* data() const noexcept { return data_; }
  constexpr size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T& operator[](size_t i) const noexcept { return data_[i]; }
  constexpr T* begin() const noexcept { return data_; }
  constexpr T* end() const noexcept { return data_ + size_; }

  /// The elements from `offset` on; offset <= size().
  constexpr span after(size_t offset) const noexcept { return span(data_ + offset, size_ - offset); }
  /// The first `count` elements; count <= size().
  constexpr span first(size_t count) const noexcept { return span(data_, count); }

 private:
  T* data_;
  size_t size_;
};

typedef span<uint8_t> bytes;              ///< bytes to be written
typedef span<const uint8_t> const_bytes;  ///< bytes to be read

}  // namespace WEIR_ABI
}  // namespace weir
