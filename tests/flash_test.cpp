// SPDX-License-Identifier: MIT
// On a host a flash table is an ordinary constant; examples/firmware/selftest.cpp reads one on the machines themselves.
#include <doctest/doctest.h>

#include <type_traits>
#include <weir/platform/flash.hpp>

namespace {

constexpr weir::flash_table<uint8_t, 4> small WEIR_FLASH = {{0, 1, 128, 255}};
constexpr weir::flash_table<int16_t, 3> wide WEIR_FLASH = {{-32768, -1, 32767}};
constexpr weir::flash_table<float, 2> real WEIR_FLASH = {{0.5f, -1.25f}};

}  // namespace

TEST_CASE("a flash table gives what its list says") {
  CHECK(small.size() == 4);
  CHECK(small[0] == 0);
  CHECK(small[2] == 128);
  CHECK(small[3] == 255);
  CHECK(wide[0] == -32768);
  CHECK(wide[1] == -1);
  CHECK(wide[2] == 32767);
  CHECK(real[1] == -1.25f);
}

TEST_CASE("a piece of a flash table is copied, and not one element more") {
  uint8_t got[4] = {0xa5, 0xa5, 0xa5, 0xa5};
  small.read(2, got + 1, 2);
  CHECK(got[0] == 0xa5);
  CHECK(got[1] == 128);
  CHECK(got[2] == 255);
  CHECK(got[3] == 0xa5);
  small.read(4, got, 0);
  CHECK(got[0] == 0xa5);

  int16_t numbers[2];
  wide.read(1, numbers, 2);
  CHECK(numbers[0] == -1);
  CHECK(numbers[1] == 32767);
}

TEST_CASE("the table is as large as its constants, and its cells are not read by accident") {
  CHECK(sizeof(small) == 4);
  CHECK(sizeof(wide) == 6);
  CHECK_FALSE(std::is_convertible<weir::detail::flash_cell<uint8_t>, int>::value);
}
