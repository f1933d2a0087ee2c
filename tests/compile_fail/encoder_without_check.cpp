// EXPECT: weir: Encoder needs `template <class Value> static status check(body, cells)`
// SPDX-License-Identifier: MIT
#include <weir/policy/encoder.hpp>

struct bad {
  struct state {};
  static constexpr uint32_t id() noexcept { return 1; }
  static constexpr bool needs_wt() noexcept { return false; }
  static constexpr size_t max_bytes(weir::index_t, weir::index_t hits) noexcept { return 4 * hits; }
  template <class Grid>
  class writer {
   public:
    writer(const bad&, const state&, Grid, const weir::encode_request&, weir::bytes) {}
    typename Grid::cell threshold() const { return typename Grid::cell(); }
    bool put(weir::index_t, typename Grid::cell&) { return false; }
    size_t finish(state&) { return 0; }
  };
#if !defined(WEIR_EXPECT_ERROR)
  template <class Value>
  static weir::status check(weir::const_bytes, weir::index_t) {
    return weir::status::ok;
  }
#endif
  template <class Value, class Sink>
  static weir::status decode(weir::const_bytes, weir::index_t, Sink&&) {
    return weir::status::ok;
  }
};
template struct weir::detail::require_encoder<bad>;
