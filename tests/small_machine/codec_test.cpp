// SPDX-License-Identifier: MIT
#include <weir/encoder/sparse_value.hpp>
#include <weir/gate.hpp>
#include <weir/threshold/fixed_wt.hpp>

static_assert(sizeof(weir::index_t) == 2, "this is a small machine");
static_assert(weir::is_same<weir::bit_reader, weir::detail::bit_reader8>::value, "bit by bit");

TEST_CASE("a parameter beyond the range of an index: the quotient is 0") {
  for (const uint8_t l : {uint8_t{15}, uint8_t{16}, uint8_t{24}}) {
    const weir::detail::rice_code code(l, 16, 0);
    const weir::detail::rice_symbol symbol(40000, code);
    CHECK(symbol.quotient == (l == 15 ? 1 : 0));
    CHECK(symbol.rest == (l == 15 ? 40000 - 32768 : 40000));
    uint8_t out[8];
    weir::bit_writer w((weir::bytes(out)));
    CHECK(symbol.put(w, code, 0));
    const uint8_t* const end = w.finish();
    weir::bit_reader r(weir::const_bytes(out, static_cast<size_t>(end - out)));
    CHECK(weir::detail::get_rice(r, l, 16) == 40000);
  }
}

TEST_CASE("floats, one by one: what has overflowed starts anew, the rest goes") {
  float residual[40];
  for (weir::index_t i = 0; i < 40; ++i) residual[i] = i % 2 == 0 ? 2.5f : 0.5f;
  residual[3] = -HUGE_VALF;
  residual[8] = HUGE_VALF;
  uint8_t out[200];
  weir::gate_state<weir::fixed_wt, weir::sparse32> s = {};
  const size_t size =
      weir::gate(residual, weir::index_t{40}, weir::worker_grid<weir::number<float>>::make(), weir::fixed_wt(1.0f),
                 weir::sparse32(), s, weir::bytes(out), weir::detail::no_fold(), weir::detail::no_forget());
  CHECK(s.report.hits == 19);
  CHECK(residual[3] == 0);
  CHECK(residual[8] == 0);
  weir::index_t decoded = 0;
  CHECK(weir::sparse32::decode<float>(weir::const_bytes(out, size), 40, [&](weir::index_t i, float v) {
          CHECK(i % 2 == 0);
          CHECK(v == 2.5f);
          ++decoded;
        }) == weir::status::ok);
  CHECK(decoded == 19);
}
