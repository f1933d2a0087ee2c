// SPDX-License-Identifier: MIT
// A coordinator's journal in memory, whose machine stops when the test wants, also in the midst of writing.
#pragma once

#include <cstdint>
#include <vector>
#include <weir/weir.hpp>

namespace test_support {

struct power_cut {};

class memory_journal {
 public:
  explicit memory_journal(weir::random_bits& random) : random_(&random) {}

  std::vector<uint8_t> load() const { return content_; }
  void replace(weir::const_bytes all) {
    if (cut_now()) {  // before it, or behind it
      if (random_->below(2) == 0) become(all);
      throw power_cut();
    }
    become(all);
  }
  void append(weir::const_bytes more) {
    ++appends_;
    end_ = written_ + more.size();
    const bool cut = cut_now();
    const size_t count = cut ? random_->below(static_cast<uint32_t>(more.size() + 1)) : more.size();
    content_.insert(content_.end(), more.begin(), more.begin() + count);
    written_ += count;
    if (cut) throw power_cut();
  }
  void sync() {
    if (cut_now()) throw power_cut();
    make_safe();
  }

  /// The next so many calls go well, the one behind them does not. Less than 0: all do.
  void set_calls(int calls) { calls_ = calls; }
  /// The machine has stopped: of what was not safe a part is left.
  void stop() {
    calls_ = -1;
    const size_t kept = random_->below(static_cast<uint32_t>(content_.size() - safe_ + 1));
    content_.resize(safe_ + kept);
    written_ = safely_written_ + kept;
    make_safe();
  }
  void lose() {
    content_.clear();
    make_safe();
  }
  bool empty() const { return content_.empty(); }
  /// Bytes that were ever appended, and outlasted each stop.
  uint64_t written() const { return written_; }
  /// What written() was behind the last record, or would have been.
  uint64_t end() const { return end_; }
  unsigned appends() const { return appends_; }
  bool all_safe() const { return safe_ == content_.size(); }

 private:
  bool cut_now() { return calls_ >= 0 && calls_-- == 0; }
  void become(weir::const_bytes all) {
    content_.assign(all.begin(), all.end());
    make_safe();
  }
  void make_safe() {
    safe_ = content_.size();
    safely_written_ = written_;
  }

  weir::random_bits* random_;
  std::vector<uint8_t> content_;
  size_t safe_ = 0;
  uint64_t written_ = 0, safely_written_ = 0, end_ = 0;
  unsigned appends_ = 0;
  int calls_ = -1;
};

}  // namespace test_support
