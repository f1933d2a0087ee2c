// SPDX-License-Identifier: MIT
// For a host with threads (C++17). Not part of the umbrella.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include <weir/policy/runner.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace host {

/// A fixed number of threads, made once and joined at the end, that do the segments of large models: thread t does segments t,
/// t + size() and so on; thread 0 is the caller's. Several may call run(): one waits for the other.
class threads {
 public:
  /// `count` >= 1, the caller's among them. Where the system has no more threads to give, the program ends.
  explicit threads(unsigned count) noexcept {
    for (unsigned me = 1; me < count; ++me) others_.emplace_back([this, me] { work(me); });
  }
  threads(const threads&) = delete;
  threads& operator=(const threads&) = delete;
  ~threads() {
    {
      const std::lock_guard<std::mutex> hold(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& t : others_) t.join();
  }

  unsigned size() const noexcept { return static_cast<unsigned>(others_.size()) + 1; }

  /// See weir/policy/runner.hpp. No memory is asked for.
  template <class Task>
  void run(std::uint8_t count, Task&& task) noexcept {
    typedef std::remove_reference_t<Task> type;
    run(job{[](const void* t, std::uint8_t i) { (*static_cast<type*>(const_cast<void*>(t)))(i); }, std::addressof(task),
            count});
  }

 private:
  struct job {
    void (*call)(const void* task, std::uint8_t i);
    const void* task;
    unsigned count;
  };

  void run(const job& j) noexcept {
    const std::lock_guard<std::mutex> use(in_use_);
    {
      const std::lock_guard<std::mutex> hold(mutex_);
      job_ = j;
      at_work_ = others_.size();
      ++turn_;
    }
    wake_.notify_all();
    do_share(j, 0);
    std::unique_lock<std::mutex> hold(mutex_);
    done_.wait(hold, [this] { return at_work_ == 0; });
  }

  void do_share(const job& j, unsigned me) const noexcept {
    for (unsigned i = me; i < j.count; i += size()) j.call(j.task, static_cast<std::uint8_t>(i));
  }

  void work(unsigned me) noexcept {
    std::unique_lock<std::mutex> hold(mutex_);
    for (std::uint64_t seen = 0;;) {
      wake_.wait(hold, [this, seen] { return turn_ != seen || ending_; });
      if (ending_) return;
      seen = turn_;
      const job j = job_;
      hold.unlock();
      do_share(j, me);
      hold.lock();
      if (--at_work_ == 0) done_.notify_one();
    }
  }

  std::mutex in_use_;  // by one run() at a time
  std::mutex mutex_;   // of all below
  std::condition_variable wake_, done_;
  job job_ = {};
  std::uint64_t turn_ = 0;
  std::size_t at_work_ = 0;
  bool ending_ = false;
  std::vector<std::thread> others_;
};

/// A runner, for segmented<>: the threads of a pool that lives longer.
class parallel {
 public:
  explicit parallel(threads& pool) noexcept : pool_(&pool) {}

  static constexpr bool concurrent() noexcept { return true; }
  template <class Task>
  void run(std::uint8_t count, Task&& task) const noexcept {
    pool_->run(count, task);
  }

 private:
  threads* pool_;
};

}  // namespace host
}  // namespace WEIR_ABI
}  // namespace weir
