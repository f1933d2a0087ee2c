// SPDX-License-Identifier: MIT
// Datagrams on their way (C++17). Not part of the umbrella.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace sim {

/// Datagrams by number, each once however many receive it; room that was used is used again.
class datagrams {
 public:
  typedef std::uint32_t id;

  /// A copy that `holders` will release.
  id put(const_bytes from, std::uint32_t holders = 1) {
    const id i = slot();
    slots_[i].bytes.assign(from.begin(), from.end());
    slots_[i].holders = holders;
    return i;
  }
  const_bytes operator[](id i) const { return const_bytes(slots_[i].bytes.data(), slots_[i].bytes.size()); }
  /// For whoever is the only holder.
  std::vector<std::uint8_t>& own(id i) { return slots_[i].bytes; }

  void hold(id i) { ++slots_[i].holders; }
  void release(id i) {
    if (--slots_[i].holders == 0) free_.push_back(i);
  }
  /// On their way now.
  std::size_t size() const { return slots_.size() - free_.size(); }
  /// Room that one takes besides its bytes.
  static constexpr std::size_t slot_bytes() { return sizeof(slot_type) + sizeof(id); }
  void reserve(std::size_t n) {
    slots_.reserve(n);
    free_.reserve(n);
  }

 private:
  struct slot_type {
    std::vector<std::uint8_t> bytes;
    std::uint32_t holders;
  };

  id slot() {
    if (free_.empty()) {
      slots_.push_back({});
      return static_cast<id>(slots_.size() - 1);
    }
    const id i = free_.back();
    free_.pop_back();
    return i;
  }

  std::vector<slot_type> slots_;
  std::vector<id> free_;
};

}  // namespace sim
}  // namespace WEIR_ABI
}  // namespace weir
