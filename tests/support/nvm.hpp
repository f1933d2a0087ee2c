// SPDX-License-Identifier: MIT
// A memory that outlasts a loss of power, as the contract of a storage has it: what was taken and is not done may have any
// value when the power fails.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>
#include <weir/core/random.hpp>
#include <weir/core/span.hpp>

namespace test_support {

struct nvm {
  explicit nvm(size_t size, uint8_t fill = 0xff) : bytes(size, fill) {}

  std::vector<uint8_t> bytes;
  size_t speed = std::numeric_limits<size_t>::max();  // bytes that it takes in a tick
  size_t taken = 0;                                   // in this tick
  size_t writes = 0;                                  // bytes written, ever
  struct change {
    size_t at;
    uint8_t before;
  };
  std::vector<change> fresh;  // taken, not done

  void tick() {
    taken = 0;
    fresh.clear();
  }
  /// Bytes that are not done keep what they had, get what they should, or anything.
  void lose_power(weir::random_bits& random) {
    for (const change& c : fresh) {
      const uint32_t dice = random.below(3);
      if (dice != 0) bytes[c.at] = dice == 1 ? c.before : static_cast<uint8_t>(random.next());
    }
    tick();
  }
};

/// A storage in an nvm. Writes only what differs.
struct nvm_storage {
  nvm* memory;

  explicit nvm_storage(nvm* memory_ = nullptr) : memory(memory_) {}
  size_t size() const { return memory->bytes.size(); }
  void read(size_t offset, weir::bytes into) const {
    std::memcpy(into.data(), memory->bytes.data() + offset, into.size());
  }
  size_t write(size_t offset, weir::const_bytes from) const {
    nvm& m = *memory;
    size_t i = 0;
    for (; i < from.size(); ++i) {
      uint8_t& b = m.bytes[offset + i];
      if (b == from[i]) continue;
      if (m.taken >= m.speed) break;
      ++m.taken;
      ++m.writes;
      m.fresh.push_back({offset + i, b});
      b = from[i];
    }
    return i;
  }
  bool done() const {
    if (memory->speed == std::numeric_limits<size_t>::max()) memory->fresh.clear();  // a fast one
    return memory->fresh.empty();
  }
};

}  // namespace test_support
