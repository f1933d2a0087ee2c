// SPDX-License-Identifier: MIT
#include <weir/core/serial.hpp>

#include <doctest/doctest.h>
#include <initializer_list>

TEST_CASE("of two counters less than 32,768 apart one is later, wherever they wrap") {
  for (uint32_t at = 0; at < 0x10000; at += 0x1111) {
    const uint16_t a = static_cast<uint16_t>(at);
    CHECK(!weir::later(a, a));
    for (const uint32_t ahead : {1u, 2u, 0x100u, 0x7ffeu, 0x7fffu}) {
      const uint16_t b = static_cast<uint16_t>(at + ahead);
      CHECK(weir::later(b, a));
      CHECK(!weir::later(a, b));
    }
    const uint16_t opposite = static_cast<uint16_t>(at + 0x8000);  // neither
    CHECK(!weir::later(a, opposite));
    CHECK(!weir::later(opposite, a));
  }
}
