// SPDX-License-Identifier: MIT
// Bytes on their way from an interrupt to the program.
#pragma once

#include <stdint.h>

namespace board {

/// One writer, the interrupt, and one reader, the program; neither waits for the other. All-zero is empty.
/// 127 bytes: a broadcast and then some, which is what arrives during a step of training.
class ring {
 public:
  void put(uint8_t b) {
    const uint8_t next = after(head_);
    if (next == tail_) return;  // full: the frame is lost, and its check will say so
    bytes_[head_] = b;
    head_ = next;
  }
  int get() {
    if (empty()) return -1;
    const uint8_t b = bytes_[tail_];
    tail_ = after(tail_);
    return b;
  }
  bool empty() const { return head_ == tail_; }

 private:
  static uint8_t after(uint8_t i) { return static_cast<uint8_t>((i + 1) & 0x7f); }

  volatile uint8_t bytes_[0x80];
  volatile uint8_t head_;
  volatile uint8_t tail_;
};

}  // namespace board
