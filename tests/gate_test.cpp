// SPDX-License-Identifier: MIT
#include <weir/gate.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>
#include <weir/encoder/dense32.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/encoder/ternary.hpp>
#include <weir/kernel/axpy.hpp>
#include <weir/kernel/fold_list_hits.hpp>
#include <weir/threshold/always.hpp>
#include <weir/threshold/fixed_wt.hpp>
#include <weir/threshold/target_density.hpp>

namespace {

typedef weir::fixed16<18> cell;
typedef weir::number<weir::fixed16<12>> n16;

/// In the place of an encoder: notes which cells it is given, and has room for so many.
struct spy {
  std::vector<weir::index_t>* offsets;
  std::vector<weir::encode_request>* requests;
  size_t room;

  struct state {
    uint32_t finished;
  };
  template <class Grid>
  class writer {
   public:
    writer(const spy& s, const state&, Grid grid, const weir::encode_request& r, weir::bytes)
        : offsets_(s.offsets), room_(s.room), grid_(grid), wt_(r.wt), used_(0) {
      s.requests->push_back(r);
    }
    typename Grid::cell threshold() const { return grid_.threshold(wt_); }
    bool put(weir::index_t offset, typename Grid::cell& c) {
      if (used_ == room_) return false;
      ++used_;
      offsets_->push_back(offset);
      Grid::take(c, grid_.cells(grid_.whole(c)));
      return true;
    }
    size_t finish(state& s) {
      ++s.finished;
      return used_;
    }

   private:
    std::vector<weir::index_t>* offsets_;
    size_t room_;
    Grid grid_;
    float wt_;
    size_t used_;
  };
};

/// Counts how often each cell is folded, and in what order; adds something to it.
struct counting_fold {
  std::vector<int>* folded;
  std::vector<float>* residual;
  bool in_chunks = true;
  void all() { (*this)(0, static_cast<weir::index_t>(folded->size())), done = true; }
  void operator()(weir::index_t first, weir::index_t n) {
    if (done) return;
    in_chunks = in_chunks && n <= weir::detail::gate_chunk();
    for (weir::index_t i = first; i < first + n; ++i) {
      ++folded->at(i);
      residual->at(i) += 1.0f;
    }
  }
  bool done = false;
};
struct counting_forget {
  std::vector<weir::index_t>* forgotten;
  void operator()(weir::index_t i) { forgotten->push_back(i); }
};

}  // namespace

TEST_CASE("every cell is folded once and scanned once, wherever the scan starts and the chunks end") {
  const weir::index_t chunk = weir::detail::gate_chunk();
  for (const weir::index_t n : {weir::index_t{1}, weir::index_t{2}, chunk - 1, chunk, chunk + 1, 2 * chunk - 1,
                                2 * chunk, 2 * chunk + 1, 3 * chunk + 7}) {
    for (const weir::index_t start : {weir::index_t{0}, weir::index_t{1}, n / 2, n - 1, chunk - 1, chunk, chunk + 1}) {
      if (start >= n) continue;
      CAPTURE(n);
      CAPTURE(start);
      std::vector<weir::index_t> offsets, forgotten;
      std::vector<weir::encode_request> requests;
      std::vector<int> folded(n, 0);
      std::vector<float> residual(n);
      for (weir::index_t i = 0; i < n; ++i) residual[i] = i % 3 == 0 ? 1.0f : -0.75f;  // and 1 more by folding
      const spy encoder = {&offsets, &requests, n};
      weir::gate_state<weir::fixed_wt, spy> state = {};
      state.start = start;
      counting_fold fold = {&folded, &residual};
      counting_forget forget = {&forgotten};
      const weir::grid<float, float> grid(1.0f);
      weir::gate(residual.data(), n, grid, weir::fixed_wt(2.0f), encoder, state, weir::bytes(), fold, forget);

      CHECK(fold.in_chunks);
      CHECK(folded == std::vector<int>(n, 1));
      std::vector<weir::index_t> want_offsets, want_cells;
      for (weir::index_t o = 0; o < n; ++o)
        if ((start + o) % n % 3 == 0) want_offsets.push_back(o), want_cells.push_back((start + o) % n);
      CHECK(offsets == want_offsets);
      CHECK(forgotten == want_cells);
      for (weir::index_t i = 0; i < n; ++i) REQUIRE(residual[i] == (i % 3 == 0 ? 0.0f : 0.25f));
      CHECK(state.report.rounds == 1);
      CHECK(state.report.hits == want_cells.size());
      CHECK(state.report.cells == n);
      CHECK(!state.report.full);
      CHECK(state.start == 0);
      CHECK(state.encoder.finished == 1);
      REQUIRE(requests.size() == 1);
      CHECK(requests[0].start == start);
      CHECK(requests[0].cells == n);
    }
  }
}

TEST_CASE("the mean magnitude is that of the folded residual, and folding is not done twice for it") {
  const weir::index_t n = 5000;
  std::vector<weir::index_t> offsets, forgotten;
  std::vector<weir::encode_request> requests;
  std::vector<int> folded(n, 0);
  std::vector<float> residual(n, 1.0f);
  const spy encoder = {&offsets, &requests, n};
  weir::gate_state<weir::target_density, spy> state = {};
  counting_fold fold = {&folded, &residual};
  counting_forget forget = {&forgotten};
  weir::gate(residual.data(), n, weir::grid<float, float>(1.0f), weir::target_density(0.1f), encoder, state,
             weir::bytes(), fold, forget);
  CHECK(folded == std::vector<int>(n, 1));
  // A third of ln(10) each: 2 * 0.7675 = 1.535; all are above, so 1.535 + (2 - 1.535) * 2 * 0.7675 = 2.249; none is: half
  // of the way back to 2.
  CHECK(state.report.wt == doctest::Approx(2.1244).epsilon(0.005));
}

namespace {

/// Asks for the tail above a Wt.
struct curious {
  float bound;
  weir::magnitudes_above* seen;
  struct state {};
  static constexpr bool may_be_zero() { return false; }
  template <class Mean>
  float next(state&, const weir::gate_report&, Mean&& mean) const {
    *seen = mean.above(bound);
    return 100.0f;
  }
};

weir::magnitudes_above tail_above(float bound, std::vector<float> r) {
  weir::magnitudes_above seen = {};
  weir::gate_state<curious, weir::ternary> state = {};
  uint8_t out[40];
  weir::gate(r.data(), static_cast<weir::index_t>(r.size()), weir::worker_grid<weir::number<float>>::make(),
             curious{bound, &seen}, weir::ternary(), state, weir::bytes(out), weir::detail::no_fold(),
             weir::detail::no_forget());
  return seen;
}

/// Asks whether it could.
struct modest {
  bool* could;
  struct state {};
  static constexpr bool may_be_zero() { return false; }
  template <class Mean>
  float next(state&, const weir::gate_report&, Mean&&) const {
    *could = weir::detail::mean_has_above<std::remove_reference_t<Mean>>::value;
    return 100.0f;
  }
};
template <class Number>
bool can_ask() {
  bool could = false;
  typename decltype(weir::worker_grid<Number>::make())::cell r[4] = {};
  weir::gate_state<modest, weir::ternary> state = {};
  uint8_t out[40];
  weir::gate(r, 4, weir::worker_grid<Number>::make(), modest{&could}, weir::ternary(), state, weir::bytes(out),
             weir::detail::no_fold(), weir::detail::no_forget());
  return could;
}

}  // namespace

TEST_CASE("a threshold can ask for the magnitudes above a Wt: their mean, and how many") {
  const std::vector<float> r = {0.5f, -1.0f, 2.0f, 0.0f, -3.0f};
  CHECK(tail_above(1.0f, r).count == 3);
  CHECK(tail_above(1.0f, r).mean == 2.0f);
  CHECK(tail_above(0.0f, r).count == 5);  // all
  CHECK(tail_above(0.0f, r).mean == doctest::Approx(1.3));
  CHECK(tail_above(3.5f, r).count == 0);
  CHECK(tail_above(3.5f, r).mean == 0.0f);

  CHECK(can_ask<weir::number<float>>());
  CHECK_FALSE(can_ask<n16>());  // flash is scarce there
}

TEST_CASE("nothing that passes is an empty update, and nothing changes") {
  std::vector<cell> residual(100, cell::from_raw(10));
  weir::gate_state<weir::fixed_wt, weir::ternary> state = {};
  uint8_t out[40];
  for (int round = 1; round <= 3; ++round) {
    CHECK(weir::gate(residual.data(), 100, weir::worker_grid<n16>::make(), weir::fixed_wt(0.01f), weir::ternary(),
                     state, weir::bytes(out), weir::detail::no_fold(), weir::detail::no_forget()) == 0);
    CHECK(state.report.rounds == static_cast<uint32_t>(round));
    CHECK(state.report.hits == 0);
  }
  for (const cell c : residual) REQUIRE(c.raw == 10);
}

TEST_CASE("when the frame is full the next scan starts there: no cell starves, however many pass") {
  for (const weir::index_t n : {weir::index_t{50}, weir::index_t{3000}, weir::index_t{4097}}) {
    for (const size_t room : {size_t{1}, size_t{7}, size_t{49}, size_t{2049}}) {
      CAPTURE(n);
      CAPTURE(room);
      std::vector<weir::index_t> offsets, forgotten;
      std::vector<weir::encode_request> requests;
      std::vector<float> residual(n, 5.0f);
      const spy encoder = {&offsets, &requests, room};
      weir::gate_state<weir::fixed_wt, spy> state = {};
      std::vector<int> visits(n, 0);
      const size_t passes = 3 * ((n + room - 1) / room);
      for (size_t pass = 0; pass < passes; ++pass) {
        forgotten.clear();
        counting_forget forget = {&forgotten};
        weir::gate(residual.data(), n, weir::grid<float, float>(1.0f), weir::fixed_wt(1.0f), encoder, state,
                   weir::bytes(), weir::detail::no_fold(), forget);
        CHECK(state.report.full == (room < n));
        for (const weir::index_t i : forgotten) ++visits[i];
        for (float& r : residual) r = 5.0f;  // all are due again
      }
      for (weir::index_t i = 0; i < n; ++i) {  // each about as often as the others
        REQUIRE(visits[i] >= static_cast<int>(passes * (room < n ? room : n) / n));
        REQUIRE(visits[i] <= static_cast<int>(passes * (room < n ? room : n) / n) + 1);
      }
    }
  }
}

namespace {

/// A threshold that gives so much room, and counts from how many passes it was asked for it.
struct narrow {
  size_t bytes;
  struct state {
    uint32_t asked;
  };
  static constexpr bool may_be_zero() { return false; }
  template <class Mean>
  float next(state& s, const weir::gate_report& last, Mean&&) const {
    CHECK(last.cells == 3000);  // known before the first pass, too
    ++s.asked;
    return 1.0f;
  }
  size_t room(const state& s, const weir::gate_report& last) const {
    CHECK(s.asked == last.rounds + 1);  // after next()
    return bytes;
  }
};
static_assert(weir::is_threshold<narrow>::value, "");

}  // namespace

TEST_CASE("a threshold may give less room than the frame has: the rest stays, and the next scan starts there") {
  const weir::index_t n = 3000;
  for (const size_t room : {size_t{0}, size_t{1}, size_t{24}, size_t{100}, size_t{1000}}) {
    CAPTURE(room);
    std::vector<float> residual(n, 5.0f), plain_residual(n, 5.0f);
    weir::gate_state<narrow, weir::strom> state = {};
    weir::gate_state<weir::fixed_wt, weir::strom> plain = {};
    const size_t fits = room < 500 ? room : 500;  // the frame is a bound, too
    for (int pass = 0; pass < 5; ++pass) {
      uint8_t out[501] = {}, want[500] = {};
      out[fits] = 0xaa;
      const size_t size = weir::gate(residual.data(), n, weir::grid<float, float>(1.0f), narrow{room}, weir::strom(),
                                     state, weir::bytes(out, 500), weir::detail::no_fold(), weir::detail::no_forget());
      REQUIRE(out[fits] == 0xaa);
      REQUIRE(size == weir::gate(plain_residual.data(), n, weir::grid<float, float>(1.0f), weir::fixed_wt(1.0f),
                                 weir::strom(), plain, weir::bytes(want, fits), weir::detail::no_fold(),
                                 weir::detail::no_forget()));
      CHECK(size <= fits);
      CHECK((size > 0) == (room >= 24));
      CHECK(std::equal(want, want + size, out));
      CHECK(state.start == plain.start);
      CHECK(state.report.full);
    }
    CHECK(residual == plain_residual);
  }
}

TEST_CASE("Wt above what a cell can hold is the most that it can") {
  std::vector<cell> residual(100, cell::from_raw(10));
  residual[7] = cell::from_raw(32767);
  weir::gate_state<weir::fixed_wt, weir::ternary> state = {};
  uint8_t out[40];
  CHECK(weir::gate(residual.data(), 100, weir::worker_grid<n16>::make(), weir::fixed_wt(3e38f), weir::ternary(), state,
                   weir::bytes(out), weir::detail::no_fold(), weir::detail::no_forget()) > 0);
  CHECK(state.report.hits == 1);
  CHECK(state.report.wt == 32767.0f / 262144);
}

TEST_CASE_TEMPLATE("what leaves and what stays add up to what was there, bit for bit, and every cell gets its turn",
                   Encoder, weir::ternary, weir::strom, weir::sparse16, weir::sparse32, weir::dense32) {
  const auto grid = weir::worker_grid<n16>::make();
  std::mt19937 rng{41};
  for (const weir::index_t n : {weir::index_t{30}, weir::index_t{1210}, weir::index_t{5000}}) {
    std::vector<cell> residual(n);
    std::vector<int64_t> in(n, 0), out(n, 0);
    weir::gate_state<weir::fixed_wt, Encoder> state = {};
    uint8_t frame[61];
    for (int pass = 0; pass < 1000; ++pass) {
      for (weir::index_t i = 0; i < n; ++i) {
        const int16_t more = static_cast<int16_t>(static_cast<int32_t>(rng() % 201) - 60);
        const int16_t before = residual[i].raw;
        residual[i] = residual[i] + cell::from_raw(more);
        in[i] += residual[i].raw - before;
      }
      frame[60] = 0xaa;
      const size_t size = weir::gate(residual.data(), n, grid, weir::fixed_wt(0.002f), Encoder(), state,
                                     weir::bytes(frame, 60), weir::detail::no_fold(), weir::detail::no_forget());
      REQUIRE(frame[60] == 0xaa);
      REQUIRE(size <= 60);
      REQUIRE(state.report.bytes == size);
      const weir::const_bytes body(frame, size);
      REQUIRE(Encoder::template check<int32_t>(body, n) == weir::status::ok);
      Encoder::template decode<int32_t>(body, n, [&](weir::index_t i, int32_t v) { out[i] += grid.cells(v); });
    }
    bool balanced = true;
    size_t silent = 0;
    for (weir::index_t i = 0; i < n; ++i) {
      balanced = balanced && in[i] == out[i] + residual[i].raw;
      silent += out[i] == 0 ? 1 : 0;
    }
    CHECK(balanced);
    CHECK(silent == 0);
  }
}

TEST_CASE("a cell that training has driven to infinity starts anew and is not sent") {
  const float infinity = std::numeric_limits<float>::infinity();
  float residual[4] = {0.5f, infinity, -2.0f, -infinity};
  std::vector<weir::index_t> forgotten;
  weir::gate_state<weir::fixed_wt, weir::sparse32> state{};
  uint8_t out[64];
  const auto forget = [&](weir::index_t i) { forgotten.push_back(i); };
  const size_t size = weir::gate(residual, 4, weir::worker_grid<weir::number<float>>::make(), weir::fixed_wt(1.0f),
                                 weir::sparse32(), state, weir::bytes(out), weir::detail::no_fold(), forget);
  CHECK(residual[0] == 0.5f);
  CHECK(residual[1] == 0.0f);
  CHECK(residual[2] == 0.0f);
  CHECK(residual[3] == 0.0f);
  CHECK(state.report.hits == 1);
  std::sort(forgotten.begin(), forgotten.end());
  CHECK(forgotten == std::vector<weir::index_t>{1, 2, 3});
  CHECK(weir::sparse32::check<float>(weir::const_bytes(out, size), 4) == weir::status::ok);
}

namespace {

/// The gate in a few lines: one cell after the other.
template <class Encoder>
size_t plain_gate(std::vector<float>& residual, std::vector<float>& velocity, float wt, typename Encoder::state& state,
                  weir::index_t expected, weir::index_t& start, weir::index_t& hits, weir::bytes out) {
  const auto n = static_cast<weir::index_t>(residual.size());
  const weir::grid<float, float> grid(1.0f);
  typename Encoder::template writer<weir::grid<float, float>> writer(Encoder(), state, grid,
                                                                     weir::encode_request(wt, n, start, expected), out);
  for (weir::index_t i = 0; i < n; ++i) {
    residual[i] += 0.5f * velocity[i];
    velocity[i] *= 0.75f;
  }
  hits = 0;
  weir::index_t stop = 0;
  for (weir::index_t offset = 0; offset < n; ++offset) {
    const weir::index_t i = (start + offset) % n;
    if (std::fabs(residual[i]) < writer.threshold()) continue;
    if (!writer.put(offset, residual[i])) {
      stop = i;
      break;
    }
    velocity[i] = 0;
    ++hits;
  }
  start = stop;
  return writer.finish(state);
}

struct fold_in_one_pass {
  std::vector<float>& residual;
  std::vector<float>& velocity;
  void all() {}
  void operator()(weir::index_t first, weir::index_t n) {
    weir::kernel::axpy(0.5f, velocity.data() + first, residual.data() + first, n, weir::kernel::native());
    weir::kernel::scale(0.75f, velocity.data() + first, n, weir::kernel::native());
  }
  weir::index_t operator()(weir::index_t first, weir::index_t n, float wt, uint16_t number, uint16_t* list) {
    return weir::kernel::fold_list_hits(0.5f, velocity.data() + first, 0.75f, residual.data() + first, n, wt, number,
                                        list, weir::kernel::native());
  }
};
struct mask_velocity {
  std::vector<float>& velocity;
  void operator()(weir::index_t i) { velocity[i] = 0; }
};

}  // namespace

TEST_CASE_TEMPLATE("by vectors and many at once: the bytes, residual and velocity of a plain loop", Encoder,
                   weir::ternary, weir::strom, weir::sparse16) {
  std::mt19937 rng{11};
  for (int trial = 0; trial < 400; ++trial) {
    CAPTURE(trial);
    const bool far = trial % 25 == 7;  // its hits from each other
    const bool large = trial % 25 == 9;
    const auto n = static_cast<weir::index_t>(far     ? 70000 + rng() % (trial % 2 == 0 ? 60000 : 300000)
                                              : large ? 131072 + rng() % 200000
                                                      : 1 + rng() % (trial % 4 == 0 ? 20000 : 3000));
    const float scale = std::exp2(-static_cast<float>(rng() % 5));
    std::vector<float> residual(n), velocity(n);
    for (weir::index_t i = 0; i < n; ++i) {  // dense here and there, with holes of any length
      const float s = far ? 0.1f : (i >> (4 + trial % 8)) % 3 == 0 ? scale : 1.0f;
      const float most = rng() % (far ? 8192 : 512) != 0 ? 1.0f : (far ? 64.0f : 8.0f);
      residual[i] = s * (static_cast<float>(rng()) / 4294967296.0f - 0.5f) * most;
      velocity[i] = s * (static_cast<float>(rng()) / 4294967296.0f - 0.5f);
    }
    const float wt = 0.2f + 0.6f * static_cast<float>(rng()) / 4294967296.0f;
    std::vector<uint8_t> got(1 + rng() % (trial % 3 == 0 ? 60 : 5 * size_t{n} + 100)), want(got.size());

    weir::gate_state<weir::fixed_wt, Encoder> state = {};
    state.start = static_cast<weir::index_t>(rng() % n);
    weir::index_t start = state.start, hits = 0;
    typename Encoder::state plain_state = {};
    std::vector<float> plain_residual = residual, plain_velocity = velocity;
    weir::index_t expected = n / 128 + 1;
    for (int round = 0; round < 3; ++round) {
      const size_t plain = plain_gate<Encoder>(plain_residual, plain_velocity, wt, plain_state, expected, start, hits,
                                               weir::bytes(want.data(), want.size()));
      const size_t size = weir::gate(residual.data(), n, weir::grid<float, float>(1.0f), weir::fixed_wt(wt), Encoder(),
                                     state, weir::bytes(got.data(), got.size()), fold_in_one_pass{residual, velocity},
                                     mask_velocity{velocity});
      REQUIRE(size == plain);
      REQUIRE(std::equal(got.begin(), got.begin() + static_cast<std::ptrdiff_t>(size), want.begin()));
      REQUIRE(state.report.hits == hits);
      REQUIRE(state.start == start);
      REQUIRE(residual == plain_residual);
      REQUIRE(velocity == plain_velocity);
      expected = hits;
    }
  }
}
