// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include <weir/policy/storage.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Memory that is there again after a reset and takes a byte at once: battery-backed RAM, FRAM in the address space, RAM
/// that the start-up code leaves alone.
class memory_storage {
 public:
  constexpr explicit memory_storage(bytes memory) noexcept : memory_(memory) {}

  constexpr size_t size() const noexcept { return memory_.size(); }
  void read(size_t offset, bytes into) const noexcept { memcpy(into.data(), memory_.data() + offset, into.size()); }
  size_t write(size_t offset, const_bytes from) noexcept {
    memcpy(memory_.data() + offset, from.data(), from.size());
    return from.size();
  }
  static constexpr bool done() noexcept { return true; }

 private:
  bytes memory_;
};

}  // namespace WEIR_ABI
}  // namespace weir
