// SPDX-License-Identifier: MIT
#include <weir/threshold/clipped_residual.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>
#include <weir/encoder/base3.hpp>
#include <weir/encoder/logarithmic.hpp>
#include <weir/encoder/one_signed.hpp>
#include <weir/encoder/segmented.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/encoder/ternary.hpp>
#include <weir/gate.hpp>
#include <weir/segmented_gate.hpp>
#include <weir/threshold/fixed_wt.hpp>

using weir::index_t;

namespace {

typedef weir::clipped_residual<weir::fixed_wt> clipped;
typedef weir::number<weir::fixed16<12>> n16;
typedef weir::fixed16<18> cell16;

/// Momentum that is forgotten where a coordinate was sent.
struct note {
  std::vector<index_t>* forgotten;
  void operator()(index_t i) { forgotten->push_back(i); }
};

template <class Cell, class Number, class Encoder, class Threshold>
size_t pass(std::vector<Cell>& r, const Threshold& threshold, weir::gate_state<Threshold, Encoder>& state,
            std::vector<uint8_t>& out, std::vector<index_t>* forgotten) {
  forgotten->clear();
  return weir::gate(r.data(), static_cast<index_t>(r.size()), weir::worker_grid<Number>::make(), threshold, Encoder(),
                    state, weir::bytes(out.data(), out.size()), weir::detail::no_fold(), note{forgotten});
}

const float wt = 16.0f / 4096;
const float times = 3.0f;

/// The same pass without a limit, and then the limit, cell by cell.
template <class Cell, class Number, class Encoder, class More>
void against_plain(More&& more) {
  for (const index_t n : {index_t{1}, index_t{37}, index_t{5000}, index_t{9000}}) {
    for (const size_t room : {size_t{40}, size_t{100000}}) {
      CAPTURE(n);
      CAPTURE(room);
      std::mt19937 rng{n};
      std::vector<Cell> r(n, Cell());
      std::vector<uint8_t> out(room), want(room);
      std::vector<index_t> forgotten, plain_forgotten;
      weir::gate_state<clipped, Encoder> state = {};
      weir::gate_state<weir::fixed_wt, Encoder> plain = {};
      index_t ever = 0;
      for (int round = 0; round < 12; ++round) {
        for (Cell& c : r) more(c, rng);
        std::vector<Cell> expected = r;
        const size_t plain_size =
            pass<Cell, Number, Encoder>(expected, weir::fixed_wt(wt), plain, want, &plain_forgotten);
        const size_t size = pass<Cell, Number, Encoder>(r, clipped(weir::fixed_wt(wt), times), state, out, &forgotten);

        const Cell most = weir::worker_grid<Number>::make().threshold(wt * times);
        index_t cut = 0;
        for (const index_t i : plain_forgotten) {
          if (!(most < weir::magnitude(expected[i]))) continue;
          expected[i] = weir::is_negative(expected[i]) ? -most : most;
          ++cut;
        }
        REQUIRE(size == plain_size);
        REQUIRE(std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size), want.begin()));
        REQUIRE(forgotten == plain_forgotten);
        REQUIRE(state.report.hits == plain.report.hits);
        REQUIRE(state.report.clipped == cut);
        REQUIRE(plain.report.clipped == 0);
        for (index_t i = 0; i < n; ++i) REQUIRE(r[i] == expected[i]);
        ever = static_cast<index_t>(ever + cut);
      }
      if (n > 1000) CHECK(ever > 0);
    }
  }
}

}  // namespace

TEST_CASE_TEMPLATE(
    "clipped_residual: the frames of the threshold alone, and then only emitted cells lose, only what is beyond",
    Encoder, weir::ternary, weir::base3, weir::logarithmic<2>, weir::one_signed, weir::strom) {
  against_plain<float, weir::number<float>, Encoder>([](float& c, std::mt19937& rng) {
    const float u = static_cast<float>(static_cast<int32_t>(rng() % 2001) - 1000) * 1e-6f;
    c += rng() % 8 == 0 ? 40 * u : 4 * u;
  });
  against_plain<cell16, n16, Encoder>([](cell16& c, std::mt19937& rng) {
    const int16_t u = static_cast<int16_t>(static_cast<int32_t>(rng() % 501) - 250);
    c = c + cell16::from_raw(rng() % 8 == 0 ? static_cast<int16_t>(40 * u) : static_cast<int16_t>(4 * u));
  });
}

TEST_CASE_TEMPLATE("clipped_residual: sent + kept + clipped is what came in, in fixed point bit for bit", Encoder,
                   weir::ternary, weir::base3, weir::logarithmic<2>, weir::one_signed, weir::strom,
                   weir::segmented<weir::ternary, 3>) {
  const auto grid = weir::worker_grid<n16>::make();
  const index_t n = 3000;
  std::mt19937 rng{5};
  std::vector<cell16> r(n, cell16());
  std::vector<int64_t> in(n, 0), sent(n, 0), lost(n, 0);
  weir::gate_state<clipped, Encoder> state = {};
  std::vector<uint8_t> out(900);
  uint32_t counted = 0, seen = 0;
  for (int round = 0; round < 200; ++round) {
    for (index_t i = 0; i < n; ++i) {
      const int16_t before = r[i].raw;
      const int32_t size = i % 50 == 0 ? 9000 : 300;
      r[i] = r[i] + cell16::from_raw(static_cast<int16_t>(static_cast<int32_t>(rng() % 1001) * size / 1000 - size / 3));
      in[i] += r[i].raw - before;
    }
    const std::vector<cell16> before = r;
    std::vector<index_t> forgotten;
    const size_t size = pass<cell16, n16, Encoder>(r, clipped(weir::fixed_wt(wt), times), state, out, &forgotten);
    std::vector<int64_t> now(n, 0);
    REQUIRE(Encoder::template decode<int32_t>(weir::const_bytes(out.data(), size), n, [&](index_t i, int32_t v) {
              now[i] += grid.cells(v);
            }) == weir::status::ok);
    const int16_t most = grid.threshold(wt * times).raw;
    for (index_t i = 0; i < n; ++i) {
      const int64_t rest = before[i].raw - now[i];
      const int64_t gone = rest - r[i].raw;
      if (gone != 0) {
        REQUIRE(now[i] != 0);                          // it was emitted,
        REQUIRE(std::abs(int32_t{r[i].raw}) == most);  // keeps all that it may,
        REQUIRE((gone > 0) == (r[i].raw > 0));         // and lost what was beyond
        ++seen;
      }
      if (now[i] != 0) REQUIRE(std::abs(int32_t{r[i].raw}) <= most);
      sent[i] += now[i];
      lost[i] += gone;
    }
    counted += state.report.clipped;
  }
  CHECK(counted == seen);
  CHECK(seen > 100);
  bool balanced = true;
  for (index_t i = 0; i < n; ++i) balanced = balanced && in[i] == sent[i] + lost[i] + r[i].raw;
  CHECK(balanced);
}

TEST_CASE("clipped_residual: an encoder that empties its cells has nothing to clip") {
  std::mt19937 rng{7};
  std::vector<float> r(2000, 0.0f);
  std::vector<uint8_t> out(20000);
  std::vector<index_t> forgotten;
  weir::gate_state<clipped, weir::sparse32> state = {};
  for (int round = 0; round < 20; ++round) {
    for (float& c : r) c += static_cast<float>(static_cast<int32_t>(rng() % 2001) - 1000) * 1e-3f;
    pass<float, weir::number<float>, weir::sparse32>(r, clipped(weir::fixed_wt(wt), 1.0f), state, out, &forgotten);
    CHECK(state.report.hits > 0);
    CHECK(state.report.clipped == 0);
  }
}

TEST_CASE("clipped_residual: a cell whose updates are larger than a frame's magnitude follows when they turn") {
  for (const bool limited : {false, true}) {
    std::vector<float> r(1, 0.0f);
    std::vector<uint8_t> out(40);
    std::vector<index_t> forgotten;
    weir::gate_state<clipped, weir::strom> state = {};
    const clipped threshold(weir::fixed_wt(1.0f), limited ? 4.0f : 1e6f);
    for (int round = 0; round < 100; ++round) {
      r[0] += 3;
      pass<float, weir::number<float>, weir::strom>(r, threshold, state, out, &forgotten);
    }
    int rounds = 0;
    for (; r[0] >= 0; ++rounds) {
      r[0] -= 3;
      pass<float, weir::number<float>, weir::strom>(r, threshold, state, out, &forgotten);
    }
    CHECK(rounds == (limited ? 2 : 51));  // 4 / (3 + 1), 200 / (3 + 1)
  }
}
