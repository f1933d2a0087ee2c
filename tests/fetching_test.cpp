// SPDX-License-Identifier: MIT
#include <weir/fetching.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

struct noted {
  weir::index_t index;
  int value;
  bool fetch;
};

struct note {
  std::vector<noted>* all;
  void operator()(weir::index_t i, int v) const { all->push_back({i, v, false}); }
  void fetch(weir::index_t i) const { all->push_back({i, 0, true}); }
};

}  // namespace

TEST_CASE("every coordinate is fetched at once and passed on later, in order, none is lost") {
  for (const int count : {0, 1, 2, 63, 64, 65, 128, 200}) {
    CAPTURE(count);
    std::vector<noted> all;
    {
      weir::detail::fetching_sink<int, note> sink(note{&all});
      for (int i = 0; i < count; ++i) {
        sink(static_cast<weir::index_t>(7 * i), i);
        REQUIRE(all.back().fetch == (i < 64));
      }
    }
    std::vector<int> fetched_before(static_cast<size_t>(count));
    int fetched = 0, passed = 0;
    for (const noted& n : all) {
      if (n.fetch) {
        CHECK(n.index == static_cast<weir::index_t>(7 * fetched));
        ++fetched;
      } else {
        CHECK(n.index == static_cast<weir::index_t>(7 * passed));
        CHECK(n.value == passed);
        CHECK(fetched >= (passed + 65 < count ? passed + 65 : count));
        ++passed;
      }
    }
    CHECK(fetched == count);
    CHECK(passed == count);
  }
}
