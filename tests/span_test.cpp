// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <vector>
#include <weir/core/span.hpp>

TEST_CASE("a span is a view: it reads and writes what somebody else owns") {
  int numbers[4] = {1, 2, 3, 4};
  const weir::span<int> all(numbers);
  CHECK(all.size() == 4);
  CHECK_FALSE(all.empty());
  all[2] = 30;
  CHECK(numbers[2] == 30);
  CHECK(all.begin() == numbers);
  CHECK(all.end() == numbers + 4);

  int sum = 0;
  for (const int n : all) sum += n;
  CHECK(sum == 1 + 2 + 30 + 4);
}

TEST_CASE("parts of a span share its elements, and may be empty at either end") {
  uint8_t storage[5] = {10, 11, 12, 13, 14};
  const weir::bytes all(storage);
  CHECK(all.after(2).data() == storage + 2);
  CHECK(all.after(2).size() == 3);
  CHECK(all.after(5).empty());
  CHECK(all.first(3).data() == storage);
  CHECK(all.first(3).size() == 3);
  CHECK(all.first(0).empty());
}

TEST_CASE("no span is an empty one; a view that may write is also one that may only read") {
  CHECK(weir::bytes().empty());
  CHECK(weir::bytes().data() == nullptr);

  uint8_t storage[3] = {1, 2, 3};
  const weir::bytes writable(storage);
  const weir::const_bytes readable = writable;
  CHECK(readable.data() == storage);
  CHECK(readable.size() == 3);
  static_assert(!std::is_constructible<weir::bytes, weir::const_bytes>::value, "constness does not go away");
}
