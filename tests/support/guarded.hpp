// SPDX-License-Identifier: MIT
// Room for the output of a kernel, at any alignment, with guards on both sides.
#pragma once

#include <cstddef>
#include <vector>

namespace test_support {

/// n elements, `offset` elements behind where the allocator puts things.
template <class T>
class guarded {
 public:
  guarded(size_t n, size_t offset, T guard)
      : all_(offset + n + 2 * around, guard), n_(n), offset_(offset), guard_(guard) {}
  guarded(const std::vector<T>& values, size_t offset, T guard) : guarded(values.size(), offset, guard) {
    for (size_t i = 0; i < n_; ++i) data()[i] = values[i];
  }

  T* data() { return all_.data() + around + offset_; }
  std::vector<T> values() { return std::vector<T>(data(), data() + n_); }
  bool intact() const {
    for (size_t i = 0; i < all_.size(); ++i)
      if ((i < around + offset_ || i >= around + offset_ + n_) && all_[i] != guard_) return false;
    return true;
  }

 private:
  static constexpr size_t around = 80;  // more than any kernel could write at a time
  std::vector<T> all_;
  size_t n_;
  size_t offset_;
  T guard_;
};

}  // namespace test_support
