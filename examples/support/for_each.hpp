// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace support {

/// Calls body(i) for i in [0, n), `jobs` at a time; 0: one for each processor. Rethrows what one of them throws; then not all
/// are called.
template <class Body>
void for_each(std::size_t n, std::size_t jobs, Body&& body) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failing;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < n;) {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard<std::mutex> one_at_a_time(failing);
        failure = std::current_exception();
        next = n;
      }
    }
  };
  if (jobs == 0) jobs = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(jobs, n); ++i) others.emplace_back(work);
  work();
  for (std::thread& t : others) t.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace support
