// SPDX-License-Identifier: MIT
// Clocks, statistics, and memory that does not disturb them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include <sys/mman.h>
#include <time.h>

namespace goals {

/// Time of this thread alone: others that want the processor are not counted. For what takes milliseconds.
inline double thread_seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}
/// For what takes microseconds.
inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The value with the given share of all below it. There must be one.
inline double quantile(std::vector<double> all, double share) {
  const auto at = all.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(all.size() - 1) + 0.5);
  std::nth_element(all.begin(), at, all.end());
  return *at;
}
inline double median(std::vector<double> all) { return quantile(std::move(all), 0.5); }

/// n zeroes in huge pages, if there are any, all of them touched. Buffers begin at different places in a page of 4 KiB:
/// loads and stores at equal places wait for each other.
template <class T>
class buffer {
 public:
  explicit buffer(std::size_t n) : size_(n) {
    static std::size_t count = 0;
    const std::size_t shift = 64 + count++ % 13 * 4416;
    constexpr std::size_t page = std::size_t{2} << 20;
    const std::size_t bytes = (n * sizeof(T) + shift + page - 1) / page * page;
    memory_ = std::aligned_alloc(page, bytes);
    if (memory_ == nullptr) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
    madvise(memory_, bytes, MADV_HUGEPAGE);
#endif
    std::memset(memory_, 0, bytes);
    data_ = reinterpret_cast<T*>(static_cast<char*>(memory_) + shift);
  }
  ~buffer() { std::free(memory_); }
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  void* memory_;
  T* data_;
  std::size_t size_;
};

}  // namespace goals
