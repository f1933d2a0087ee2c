// SPDX-License-Identifier: MIT
// What every encoder promises: emitted + residual after = residual before, within its bounds, whatever the room.
#include "support/encoding.hpp"

#include <cmath>
#include <initializer_list>

using namespace test_support;

namespace {

typedef weir::number<float> f32;
typedef weir::number<weir::fixed16<12>> n16;
typedef weir::number<weir::numbers<weir::fixed8<5>, weir::fixed<int16_t, 11>>> n8;
typedef weir::number<weir::numbers<weir::fixed8<5>, weir::fixed8<9>>> n8r8;

// A grid and what a mean magnitude of one is there, in cells' units.
struct float_worker {
  static weir::grid<float, float> make() { return weir::worker_grid<f32>::make(); }
  static float unit() { return 1.0f; }
};
struct float_aggregate {
  static weir::grid<float, float> make() { return weir::aggregate_grid(0.0f, 3); }
  static float unit() { return 3.0f; }
};
struct fixed_worker {
  static decltype(weir::worker_grid<n16>::make()) make() { return weir::worker_grid<n16>::make(); }
  static float unit() { return 4000.0f; }
};
struct byte_worker {
  static decltype(weir::worker_grid<n8>::make()) make() { return weir::worker_grid<n8>::make(); }
  static float unit() { return 2000.0f; }
};
struct byte_residual {  // many cells stand at the end of its range
  static decltype(weir::worker_grid<n8r8>::make()) make() { return weir::worker_grid<n8r8>::make(); }
  static float unit() { return 60.0f; }
};
struct fixed_aggregate {
  static weir::grid<weir::fixed<int32_t, 0>, int32_t> make() { return weir::aggregate_grid(weir::fixed16<12>(), 48); }
  static float unit() { return 20000.0f; }
};

/// emitted + after - before, which must be nothing.
void check_conserved(weir::grid<float, float> grid, float before, float after, float value) {
  const double difference =
      static_cast<double>(before) - static_cast<double>(after) - static_cast<double>(grid.cells(value));
  REQUIRE(std::fabs(difference) <= 1.2e-7 * std::fmax(std::fabs(static_cast<double>(before)),
                                                      std::fabs(static_cast<double>(grid.cells(value)))));
}
template <class Cell, class Units>
void check_conserved(weir::grid<Cell, int32_t, Units> grid, Cell before, Cell after, int32_t value) {
  REQUIRE(int64_t{before.raw} == int64_t{after.raw} + int64_t{grid.cells(value)});  // exactly
}

struct policy_case {
  index_t cells, start, expected;
  float wt;  // in mean magnitudes
  size_t room;
};

template <class Encoder, class Which>
void check_conservation(uint32_t seed, const policy_case& c) {
  const auto grid = Which::make();
  typedef decltype(Which::make()) grid_type;
  typedef typename grid_type::cell cell;
  typedef typename grid_type::value value;

  std::vector<cell> residual(c.cells);
  fill(residual, seed, Which::unit());
  const std::vector<cell> before = residual;
  typename Encoder::state state = {};
  typename grid_type::sum sum = 0;
  for (const cell& r : before) grid_type::add_magnitude(sum, r);
  const double mean = static_cast<double>(grid.sum_units(sum));
  const float wt = static_cast<float>(static_cast<double>(c.wt) * mean / c.cells);
  if (Encoder::needs_wt() && !(wt > 0)) return;

  const encoded e = encode<Encoder>(state, grid, residual, {wt, c.cells, c.start, c.expected}, c.room);
  REQUIRE(e.body.size() <= Encoder::max_bytes(c.cells, e.hits));
  REQUIRE(e.body.empty() == (e.hits == 0));
  const coordinates<value> got = decode<Encoder, value>(e.body, c.cells);

  std::vector<value> sent(c.cells, value());
  std::vector<bool> touched(c.cells, false);
  index_t last_offset = 0;
  for (size_t k = 0; k < got.size(); ++k) {
    const index_t offset = (got[k].first + c.cells - c.start) % c.cells;
    if (k > 0) REQUIRE(offset > last_offset);  // each cell once, in the order of the scan
    last_offset = offset;
    sent[got[k].first] = got[k].second;
    touched[got[k].first] = true;
  }
  if (!weir::is_same<Encoder, weir::dense32>::value) REQUIRE(got.size() == e.hits);
  REQUIRE(got.size() >= e.hits);
  for (index_t i = 0; i < c.cells; ++i) {
    if (!touched[i] || sent[i] == value())
      REQUIRE(residual[i] == before[i]);  // bit for bit
    else
      check_conserved(grid, before[i], residual[i], sent[i]);
  }
  if (e.full) {  // nothing from there on has been touched
    for (index_t offset = e.end; offset < c.cells; ++offset) REQUIRE_FALSE(touched[(c.start + offset) % c.cells]);
  }
  if (c.room >= Encoder::max_bytes(c.cells, c.cells)) REQUIRE_FALSE(e.full);  // max_bytes is enough
}

template <class Encoder, class Which>
void check_everything() {
  uint32_t seed = 1;
  for (const index_t cells : {1u, 2u, 3u, 17u, 256u, 1210u}) {
    const size_t most = Encoder::max_bytes(cells, cells);
    for (const float wt : {0.01f, 0.7f, 2.3f, 4.6f, 1000.0f})
      for (const size_t room : {size_t{0}, size_t{1}, size_t{3}, size_t{7}, size_t{13}, size_t{64}, most, most + 10})
        for (const index_t expected : {index_t{0}, static_cast<index_t>(cells / 100 + 1), cells}) {
          const index_t start = seed % cells;
          CAPTURE(cells);
          CAPTURE(wt);
          CAPTURE(room);
          CAPTURE(expected);
          CAPTURE(start);
          check_conservation<Encoder, Which>(seed, {cells, start, expected, wt, room});
          check_conservation<Encoder, Which>(seed, {cells, 0, expected, wt, room});
          ++seed;
        }
  }
}

template <class Encoder>
void check_all_grids() {
  check_everything<Encoder, float_worker>();
  check_everything<Encoder, float_aggregate>();
  check_everything<Encoder, fixed_worker>();
  check_everything<Encoder, byte_worker>();
  check_everything<Encoder, byte_residual>();
  check_everything<Encoder, fixed_aggregate>();
}

}  // namespace

TEST_CASE("ternary conserves") { check_all_grids<weir::ternary>(); }
TEST_CASE("strom conserves") { check_all_grids<weir::strom>(); }
TEST_CASE("sparse32 conserves") { check_all_grids<weir::sparse32>(); }
TEST_CASE("sparse16 conserves") { check_all_grids<weir::sparse16>(); }
TEST_CASE("dense32 conserves") { check_all_grids<weir::dense32>(); }
TEST_CASE("one_signed conserves") { check_all_grids<weir::one_signed>(); }
TEST_CASE("base3 conserves") { check_all_grids<weir::base3>(); }
TEST_CASE("sparse8 conserves") { check_all_grids<weir::sparse8>(); }
TEST_CASE("logarithmic conserves") {
  check_all_grids<weir::logarithmic<2>>();
  check_all_grids<weir::logarithmic<3>>();
  check_all_grids<weir::logarithmic<4>>();
}
TEST_CASE("natural conserves") { check_all_grids<weir::natural>(); }
TEST_CASE("dense_natural conserves") { check_all_grids<weir::dense_natural>(); }
TEST_CASE("one_bit conserves") { check_all_grids<weir::one_bit>(); }
TEST_CASE("levels conserve") {
  check_all_grids<weir::levels<1>>();
  check_all_grids<weir::levels<7>>();
  check_all_grids<weir::levels<127>>();
}

TEST_CASE("max_bytes is enough for so many hits, however badly they lie and whatever was expected") {
  const index_t cells = 70000;
  for (const index_t expected : {0u, 1u, 700u, 70000u})
    for (const index_t hits : {1u, 2u, 3u, 10u, 50u}) {
      std::vector<float> residual(cells, 0.0f);
      for (index_t k = 0; k < hits; ++k) residual[cells - 1 - k * (cells / (hits + 1))] = 2.0f;
      weir::sparse32::state state;
      const encoded e = encode<weir::sparse32>(state, weir::worker_grid<f32>::make(), residual,
                                               {1.0f, cells, 12345, expected}, weir::sparse32::max_bytes(cells, hits));
      CHECK_FALSE(e.full);
      CHECK(e.hits == hits);
    }
}

TEST_CASE("rotation: frame after frame every cell gets its turn, the tail of the model too") {
  const index_t cells = 500;
  std::vector<float> residual(cells, 1.0f);
  std::vector<uint32_t> turns(cells, 0);
  weir::ternary::state state = {};
  index_t start = 0;
  for (int frame = 0; frame < 40; ++frame) {
    const encoded e =
        encode<weir::ternary>(state, weir::worker_grid<f32>::make(), residual, {0.5f, cells, start, cells}, 16);
    REQUIRE(e.full);
    for (const auto& c : decode<weir::ternary, float>(e.body, cells)) ++turns[c.first];
    start = (start + e.end) % cells;
    residual.assign(cells, 1.0f);
  }
  uint32_t least = 1000, most = 0;
  for (const uint32_t t : turns) least = t < least ? t : least, most = t > most ? t : most;
  CHECK(least >= 1);
  CHECK(most - least <= 1);
}

TEST_CASE("ternary learns its magnitude from earlier frames: the mean of what passes") {
  const index_t cells = 4000;
  weir::ternary::state state = {};
  float magnitude = 0;
  for (uint32_t frame = 0; frame < 30; ++frame) {
    std::vector<float> residual(cells);
    fill(residual, frame, 1.0f);
    const encoded e =
        encode<weir::ternary>(state, weir::worker_grid<f32>::make(), residual, {2.0f, cells, 0, 500}, 4000);
    magnitude = std::fabs(decode<weir::ternary, float>(e.body, cells)[0].second);
    if (frame == 0) CHECK(magnitude == 2.5f);  // 1.25 Wt, before anything is known
  }
  CHECK(magnitude == doctest::Approx(3.0).epsilon(0.03));  // an exponential above 2 has mean 2 + 1
  static_assert(sizeof(weir::ternary::state) == 2, "two bytes of memory");
}

TEST_CASE("ternary: a burst, or an empty frame, is no guide for the next frame") {
  weir::ternary::state state = {12288};  // 1.5
  std::vector<float> residual(10, 0.0f);
  encode<weir::ternary>(state, weir::worker_grid<f32>::make(), residual, {1.0f, 10, 0, 1}, 64);
  CHECK(state.ratio == 12288);
  residual[3] = 1000.0f;
  encode<weir::ternary>(state, weir::worker_grid<f32>::make(), residual, {1.0f, 10, 0, 1}, 64);
  CHECK(state.ratio == 12288);
  residual.assign(10, 2.5f);
  encode<weir::ternary>(state, weir::worker_grid<f32>::make(), residual, {1.0f, 10, 0, 10}, 64);
  CHECK(state.ratio == 14336);  // 1.75: a quarter of the way
}

TEST_CASE("strom sends Wt as the frame says it; a cell that passes keeps its sign and the excess") {
  std::vector<float> residual = {0.99f, 1.0f, -1.75f, 3.5f, -0.2f};
  weir::strom::state state;
  const encoded e = encode<weir::strom>(state, weir::worker_grid<f32>::make(), residual, {1.0f, 5, 0, 3}, 64);
  CHECK(decode<weir::strom, float>(e.body, 5) == coordinates<float>{{1, 1.0f}, {2, -1.0f}, {3, 1.0f}});
  CHECK(residual == std::vector<float>{0.99f, 0.0f, -0.75f, 2.5f, -0.2f});

  for (const float wt : {0.1f, 0.3f, 1e-3f, 7.77f}) {  // none of them a bfloat16
    std::vector<float> many(1000);
    fill(many, 3, wt);
    const std::vector<float> before = many;
    encode<weir::strom>(state, weir::worker_grid<f32>::make(), many, {wt, 1000, 0, 300}, 4000);
    for (size_t i = 0; i < many.size(); ++i) CHECK(before[i] * many[i] >= 0.0f);
  }
}

TEST_CASE("the wire format of ternary and strom is one, the others differ") {
  static_assert(weir::ternary::id() == weir::strom::id(), "");
  static_assert(weir::ternary::id() != weir::sparse16::id(), "");
  static_assert(weir::sparse32::id() != weir::sparse16::id(), "");
  static_assert(weir::dense32::id() != weir::sparse32::id(), "");
  static_assert(weir::ternary::needs_wt() && weir::strom::needs_wt(), "");
  static_assert(!weir::sparse32::needs_wt() && !weir::dense32::needs_wt(), "");
  static_assert(std::is_empty<weir::strom::state>::value && std::is_empty<weir::sparse32::state>::value, "no RAM");
  CHECK(weir::ternary::max_bytes(100, 0) == 0);
}

TEST_CASE("an update that is empty is a valid body of no bytes") {
  CHECK(weir::ternary::check<float>(weir::const_bytes(), 10) == weir::status::ok);
  CHECK(weir::sparse32::check<int32_t>(weir::const_bytes(), 10) == weir::status::ok);
  CHECK(weir::dense32::check<float>(weir::const_bytes(), 10) == weir::status::ok);
  CHECK(decode<weir::dense32, float>({}, 10).empty());
}
