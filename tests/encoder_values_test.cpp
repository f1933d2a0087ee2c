// SPDX-License-Identifier: MIT
// What single encoders promise of their values, besides what all do.
#include "support/encoding.hpp"

#include <algorithm>
#include <cmath>

using namespace test_support;

namespace {

typedef weir::number<float> f32;
typedef weir::number<weir::fixed16<12>> n16;
typedef weir::fixed16<18> cell;
typedef std::vector<uint8_t> body;

weir::grid<float, float> floats() { return weir::worker_grid<f32>::make(); }

template <class Encoder>
encoded write(std::vector<float>& residual, float wt, index_t expected = 2, size_t room = 1000) {
  typename Encoder::state state = {};
  return encode<Encoder>(state, floats(), residual, {wt, static_cast<index_t>(residual.size()), 0, expected}, room);
}

/// Mean magnitude.
float mean(const std::vector<float>& v) {
  float sum = 0;
  for (const float x : v) sum += std::fabs(x);
  return sum / static_cast<float>(v.size());
}

}  // namespace

TEST_CASE("one_signed: one sign in a frame, then the other one's turn; which one is asked for says the header") {
  weir::one_signed::state state = {};
  std::vector<float> r(10, 0.0f);
  r[3] = 1.5f, r[4] = -1.25f, r[7] = 1.25f;
  // 1.25 Wt; gaps 3 and 3: 1 0 1, 1 0 1, two ones
  CHECK(encode<weir::one_signed>(state, floats(), r, {1.0f, 10, 0, 2}, 64).body == body{0x01, 0xa0, 0x3f, 0xed});
  CHECK(r == std::vector<float>{0, 0, 0, 0.25f, -1.25f, 0, 0, 0, 0, 0});
  // The mean of 1.5 and 1.25 is 1.375, 0x3fb0, and bit 15; gap 4: 1 1 0 0, four ones
  const encoded next = encode<weir::one_signed>(state, floats(), r, {1.0f, 10, 0, 2}, 64);
  CHECK(next.body == body{0x01, 0xb0, 0xbf, 0xf3});
  CHECK(decode<weir::one_signed, float>(next.body, 10) == coordinates<float>{{4, -1.375f}});
  CHECK(r[4] == 0.125f);

  // None waits for the other sign: the sign stays. None of this sign: the other one has its turn.
  CHECK(state.negative == 1);
  r.assign(10, -2.0f);
  CHECK(encode<weir::one_signed>(state, floats(), r, {1.0f, 10, 0, 2}, 64).hits == 10);
  CHECK(state.negative == 1);
  r.assign(10, 2.0f);
  CHECK(encode<weir::one_signed>(state, floats(), r, {1.0f, 10, 0, 2}, 64).hits == 0);
  CHECK(state.negative == 0);
  r.assign(10, 0.5f);
  CHECK(encode<weir::one_signed>(state, floats(), r, {1.0f, 10, 0, 2}, 64).body.empty());
  CHECK(state.negative == 1);
  static_assert(sizeof(weir::one_signed::state) == 4, "");
}

TEST_CASE("one_signed: a cell waits for its sign for one full scan at most, however much the other one has to say") {
  weir::one_signed::state state = {};
  const index_t cells = 300;
  std::vector<float> r(cells, 0.0f);
  std::vector<int> waits(cells, 0);
  std::mt19937 rng{3};
  for (int frame = 0; frame < 200; ++frame) {
    for (index_t i = 0; i < cells; ++i) r[i] += (i % 8 == 0 ? -3.0f : 2.0f) * static_cast<float>(rng() % 2);
    std::vector<bool> risen(cells);
    for (index_t i = 0; i < cells; ++i) risen[i] = std::fabs(r[i]) >= 1.5f;
    const encoded e = encode<weir::one_signed>(state, floats(), r, {1.5f, cells, 0, 100}, 4000);
    REQUIRE_FALSE(e.full);
    std::vector<bool> sent(cells, false);
    for (const auto& c : decode<weir::one_signed, float>(e.body, cells)) sent[c.first] = true;
    for (index_t i = 0; i < cells; ++i) waits[i] = risen[i] && !sent[i] ? waits[i] + 1 : 0;
    REQUIRE(*std::max_element(waits.begin(), waits.end()) <= 1);
  }
}

TEST_CASE("one_signed: what is asked about a cell below Wt does not count") {
  const weir::one_signed::state state = {};
  uint8_t out[16];
  const weir::one_signed encoder{};
  weir::one_signed::writer<weir::grid<float, float>> writer(encoder, state, floats(), {1.0f, 10, 0, 2},
                                                            weir::bytes(out));
  CHECK_FALSE(writer.wants(-0.5f));
  CHECK(writer.wants(1.5f));
  float c = 1.5f;
  REQUIRE(writer.put(0, c));
  weir::one_signed::state after = state;
  writer.finish(after);
  CHECK(after.negative == 0);
}

TEST_CASE("one_signed: in integer frames the sign takes a bit of the magnitude") {
  typedef weir::grid<weir::fixed<int32_t, 0>, int32_t> grid;
  weir::one_signed::state state = {};
  std::vector<weir::fixed<int32_t, 0>> r(3, weir::fixed<int32_t, 0>::from_raw(100000));
  const grid units(weir::grid_units(1, 1.0f));
  const encoded e = encode<weir::one_signed>(state, units, r, {60000.0f, 3, 0, 3}, 64);
  CHECK(decode<weir::one_signed, int32_t>(e.body, 3) == coordinates<int32_t>{{0, 32767}, {1, 32767}, {2, 32767}});
  CHECK(r[0].raw == 100000 - 32767);
}

TEST_CASE("sparse8: sixteenths of Wt, towards zero, up to 127 of them") {
  std::vector<float> r = {1.0f, -1.0624f, 0.99f, 7.9375f, -9.0f};
  const encoded e = write<weir::sparse8>(r, 1.0f);
  CHECK(decode<weir::sparse8, float>(e.body, 5) ==
        coordinates<float>{{0, 1.0f}, {1, -1.0f}, {3, 7.9375f}, {4, -7.9375f}});
  CHECK(r[1] == -1.0624f + 1.0f);
  CHECK(r[4] == -9.0f + 7.9375f);

  std::vector<cell> q = {cell::from_raw(40 * 64 + 63), cell::from_raw(-39 * 64)};
  weir::sparse8::state state;
  const encoded i = encode<weir::sparse8>(state, weir::worker_grid<n16>::make(), q, {32.0f / 4096, 2, 0, 2}, 64);
  CHECK(decode<weir::sparse8, int32_t>(i.body, 2) == coordinates<int32_t>{{0, 40}, {1, -38}});  // steps of 2 units
  CHECK(q[0].raw == 63);
  CHECK(q[1].raw == -64);
}

TEST_CASE("logarithmic: Wt times the nearest power of two") {
  std::vector<float> r = {1.0f, 1.4f, -1.5f, 2.9f, 3.0f, -700.0f, 0.9f};
  std::vector<float> s = r, t = r;
  CHECK(decode<weir::logarithmic<2>, float>(write<weir::logarithmic<2>>(r, 1.0f).body, 7) ==
        coordinates<float>{{0, 1.0f}, {1, 1.0f}, {2, -2.0f}, {3, 2.0f}, {4, 2.0f}, {5, -2.0f}});
  CHECK(decode<weir::logarithmic<3>, float>(write<weir::logarithmic<3>>(s, 1.0f).body, 7) ==
        coordinates<float>{{0, 1.0f}, {1, 1.0f}, {2, -2.0f}, {3, 2.0f}, {4, 4.0f}, {5, -8.0f}});
  CHECK(decode<weir::logarithmic<4>, float>(write<weir::logarithmic<4>>(t, 1.0f).body, 7) ==
        coordinates<float>{{0, 1.0f}, {1, 1.0f}, {2, -2.0f}, {3, 2.0f}, {4, 4.0f}, {5, -128.0f}});
  CHECK(t[2] == 0.5f);  // it owes that
  CHECK(t[4] == -1.0f);

  // One weight unit is one, not two: half of it is not nearer to more.
  std::vector<cell> q = {cell::from_raw(64), cell::from_raw(-2 * 64), cell::from_raw(3 * 64), cell::from_raw(32767)};
  weir::logarithmic<4>::state state;
  const encoded i = encode<weir::logarithmic<4>>(state, weir::worker_grid<n16>::make(), q, {1.0f / 4096, 4, 0, 2}, 64);
  CHECK(decode<weir::logarithmic<4>, int32_t>(i.body, 4) == coordinates<int32_t>{{0, 1}, {1, -2}, {2, 4}, {3, 128}});
}

TEST_CASE("values that round up stay in the range of a cell") {
  typedef weir::number<weir::numbers<weir::fixed8<5>, weir::fixed8<9>>> n8r8;  // up to 7 units, 127 / 16
  typedef weir::fixed8<9> byte;
  std::vector<byte> q = {byte::from_raw(127), byte::from_raw(-127), byte::from_raw(100)};
  const std::vector<byte> before = q;
  weir::logarithmic<4>::state none;
  CHECK(decode<weir::logarithmic<4>, int32_t>(
            encode<weir::logarithmic<4>>(none, weir::worker_grid<n8r8>::make(), q, {1.0f / 32, 3, 0, 2}, 64).body, 3) ==
        coordinates<int32_t>{{0, 4}, {1, -4}, {2, 4}});
  q = before;
  weir::natural::state nothing;
  CHECK(decode<weir::natural, int32_t>(
            encode<weir::natural>(nothing, weir::worker_grid<n8r8>::make(), q, {1.0f / 32, 3, 0, 2}, 64).body, 3) ==
        coordinates<int32_t>{{0, 4}, {1, -4}, {2, 4}});
  std::vector<float> r = {3.0e38f, -3.3e38f};
  for (const auto& c : decode<weir::logarithmic<2>, float>(write<weir::logarithmic<2>>(r, 1.5e38f).body, 2))
    CHECK(std::fabs(c.second) < 1.6e38f);
}

TEST_CASE("natural: the nearest power of two, from 2^-24 to 64") {
  const float least = 1.0f / 16777216.0f;
  std::vector<float> r = {0.75f * least, 0.7f * least, least, 1.49f, -1.5f, 63.0f, -500.0f, 0.0f};
  const encoded e = write<weir::natural>(r, 0.0f);
  CHECK(decode<weir::natural, float>(e.body, 8) ==
        coordinates<float>{{0, least}, {2, least}, {3, 1.0f}, {4, -2.0f}, {5, 64.0f}, {6, -64.0f}});
  CHECK(r[1] == 0.7f * least);  // it waits
  CHECK(r[6] == -436.0f);

  typedef weir::grid<weir::fixed<int32_t, 0>, int32_t> grid;
  typedef weir::fixed<int32_t, 0> whole;
  std::vector<whole> q = {whole::from_raw(1),  whole::from_raw(2),          whole::from_raw(3),
                          whole::from_raw(-5), whole::from_raw(0x7fffffff), whole::from_raw(0)};
  weir::natural::state state;
  const encoded i = encode<weir::natural>(state, grid(weir::grid_units(1, 1.0f)), q, {0.0f, 6, 0, 2}, 64);
  CHECK(decode<weir::natural, int32_t>(i.body, 6) ==
        coordinates<int32_t>{{0, 1}, {1, 2}, {2, 4}, {3, -4}, {4, 0x40000000}});
}

TEST_CASE("dense_natural: every weight, zeros too") {
  std::vector<float> r = {0.0f, 1.0f, -0.5f, -1e-9f};
  const encoded e = write<weir::dense_natural>(r, 0.0f);
  // start 0; codes 0, 25 << 1, 24 << 1 | 1, 0: 000000 010011 100011 000000, the first bit lowest
  CHECK(e.body == body{0x00, 0x80, 0x1c, 0x03});
  CHECK(decode<weir::dense_natural, float>(e.body, 4) ==
        coordinates<float>{{0, 0.0f}, {1, 1.0f}, {2, -0.5f}, {3, 0.0f}});
  CHECK(r == std::vector<float>{0.0f, 0.0f, 0.0f, -1e-9f});
}

TEST_CASE("packed: as many values as fit, and the next frame goes on from there") {
  std::vector<float> r(100, 1.0f);
  for (const size_t room : {6u, 8u, 11u, 17u, 18u, 40u}) {
    const encoded e = write<weir::one_bit>(r, 0.0f, 2, room);
    const index_t values = static_cast<index_t>(room < 18 ? 8 * (room - 5) : 100);
    CHECK(e.hits == values);
    CHECK(e.full == (values < 100));
    CHECK(decode<weir::one_bit, float>(e.body, 100).size() == values);
  }
  CHECK(write<weir::one_bit>(r, 0.0f, 2, 5).hits == 0);
  CHECK(write<weir::dense_natural>(r, 0.0f, 2, 3).hits == 2);  // two of six bits, four ones
}

TEST_CASE("packed: cells that nobody puts are sent as what is nearest to zero") {
  uint8_t out[16];
  const weir::dense_natural encoder{};
  weir::dense_natural::state state = {};
  weir::dense_natural::writer<weir::grid<float, float>> writer(encoder, state, floats(), {0.0f, 6, 4, 2},
                                                               weir::bytes(out));
  float c = 2.0f;
  REQUIRE(writer.put(2, c));
  CHECK(c == 0.0f);
  const size_t size = writer.finish(state);
  CHECK(decode<weir::dense_natural, float>(body(out, out + size), 6) ==
        coordinates<float>{{4, 0.0f}, {5, 0.0f}, {0, 2.0f}, {1, 0.0f}, {2, 0.0f}, {3, 0.0f}});

  uint8_t small[3];  // room for two values; the third has a value
  weir::dense_natural::writer<weir::grid<float, float>> full(encoder, state, floats(), {0.0f, 6, 0, 2},
                                                             weir::bytes(small));
  c = 2.0f;
  CHECK_FALSE(full.put(2, c));
  CHECK(c == 2.0f);
  CHECK(full.finish(state) == 0);
}

TEST_CASE("one_bit: the mean magnitude at first, then what each sign is worth") {
  weir::one_bit::state state = {};
  std::vector<float> r;
  for (int i = 0; i < 40; ++i) r.push_back(i % 4 == 0 ? -5.0f : 1.0f);
  const std::vector<float> before = r;
  encoded e = encode<weir::one_bit>(state, floats(), r, {0.0f, 40, 0, 2}, 64);
  CHECK(e.body.size() == 1 + 4 + 5);
  CHECK(decode<weir::one_bit, float>(e.body, 40)[0].second == -2.0f);
  CHECK(decode<weir::one_bit, float>(e.body, 40)[1].second == 2.0f);
  CHECK(r[0] == -3.0f);
  CHECK(r[1] == -1.0f);
  r = before;
  e = encode<weir::one_bit>(state, floats(), r, {0.0f, 40, 0, 2}, 64);
  CHECK(decode<weir::one_bit, float>(e.body, 40)[0].second == -5.0f);
  CHECK(decode<weir::one_bit, float>(e.body, 40)[1].second == 1.0f);
  CHECK(mean(r) == 0.0f);
  CHECK(weir::one_bit::wants_mean(state));
}

TEST_CASE("one_bit and levels: the residual does not grow of itself, whatever stood in it") {
  // No more updates: what is there must go, or stay about as small as it is. Rounding by chance with too long a step would
  // raise it without end.
  for (const float heavy : {1.0f, 30.0f}) {
    std::vector<float> r(3000);
    fill(r, 5, 1.0f);
    for (size_t i = 0; i < r.size(); i += 100) r[i] *= heavy;
    const float start = mean(r);
    const auto after = [&](auto encoder) {
      typename decltype(encoder)::state state = {};
      std::vector<float> left = r;
      for (int frame = 0; frame < 60; ++frame)
        encode<decltype(encoder)>(state, floats(), left, {0.0f, 3000, 0, 3000}, 4000);
      return mean(left) / start;
    };
    CAPTURE(heavy);
    CHECK(after(weir::one_bit()) < (heavy > 1 ? 0.5f : 0.05f));
    CHECK(after(weir::levels<1>()) < 0.5f);
    CHECK(after(weir::levels<3>()) < (heavy > 1 ? 0.5f : 0.01f));
    CHECK(after(weir::levels<7>()) < (heavy > 1 ? 0.5f : 0.01f));
  }
}

TEST_CASE("levels: rounded by chance, the mean is exact; the same chance for the same residual and state") {
  const index_t cells = 40000;
  std::vector<float> r(cells, 0.3f), again = r;
  for (index_t i = 0; i < cells; i += 2) r[i] = again[i] = -1.7f;  // mean 1: a step of 2
  weir::levels<1>::state state = {}, other = {};
  const encoded e = encode<weir::levels<1>>(state, floats(), r, {0.0f, cells, 0, 2}, 20000);
  double even = 0, odd = 0;
  for (const auto& c : decode<weir::levels<1>, float>(e.body, cells)) {
    CHECK((c.second == 0.0f || std::fabs(c.second) == 2.0f));
    (c.first % 2 == 0 ? even : odd) += static_cast<double>(c.second);
  }
  CHECK(even / (cells / 2) == doctest::Approx(-1.7).epsilon(0.02));
  CHECK(odd / (cells / 2) == doctest::Approx(0.3).epsilon(0.05));

  CHECK(encode<weir::levels<1>>(other, floats(), again, {0.0f, cells, 0, 2}, 20000).body == e.body);
  CHECK(other.chance.state == state.chance.state);
  again.assign(cells, 0.3f);
  for (index_t i = 0; i < cells; i += 2) again[i] = -1.7f;
  CHECK(encode<weir::levels<1>>(other, floats(), again, {0.0f, cells, 0, 2}, 20000).body != e.body);
  static_assert(sizeof(weir::levels<7>::state) == 4, "four bytes of memory");
}

TEST_CASE("levels in integer frames: whole units, one at least") {
  std::vector<cell> q(64, cell::from_raw(10));  // less than a unit
  q[5] = cell::from_raw(-3 * 64 - 7);
  weir::levels<3>::state state = {};
  const encoded e = encode<weir::levels<3>>(state, weir::worker_grid<n16>::make(), q, {0.0f, 64, 0, 2}, 100);
  const coordinates<int32_t> got = decode<weir::levels<3>, int32_t>(e.body, 64);
  for (const auto& c : got) CHECK(c.second == (c.first == 5 ? -3 : 0));
  CHECK(q[5].raw == -7);
  CHECK(q[6].raw == 10);
}

TEST_CASE("base3: five cells a byte, runs of zeros, and the frame's end") {
  std::vector<float> r(200, 0.0f);
  const auto put = [&](index_t i, float v) { r[i] = v; };
  put(1, 1.25f), put(3, -1.25f), put(36, 1.25f);
  // As in weir/wire/README.md, with 1.25 for 0.5: groups 0 and 7, six groups between them
  CHECK(write<weir::base3>(r, 1.0f).body == body{0x00, 0xa0, 0x3f, 0x91, 0xf7, 0x94});
  CHECK(mean(r) == 0.0f);
  put(0, 1.25f), put(10, 1.25f);  // one group between them: 121 itself
  CHECK(write<weir::base3>(r, 1.0f).body == body{0x00, 0xa0, 0x3f, 202, 121, 202});
  put(199, -1.25f);  // 39 groups before it: 14, 14 and 11
  CHECK(write<weir::base3>(r, 1.0f).body == body{0x00, 0xa0, 0x3f, 255, 255, 252, 120});
  put(144, 1.25f);  // 28: twice 14, and nothing
  CHECK(write<weir::base3>(r, 1.0f).body == body{0x00, 0xa0, 0x3f, 255, 255, 122});

  for (const size_t room : {0u, 2u, 3u, 4u, 5u, 6u, 7u}) {
    put(0, 1.25f), put(10, 1.25f), put(11, 1.25f), put(199, 1.25f);
    const encoded e = write<weir::base3>(r, 1.0f, 2, room);
    CHECK(e.hits == (room < 4 ? 0 : room < 6 ? 1 : 3));  // 7: no room for the run and the byte behind it
    CHECK(decode<weir::base3, float>(e.body, 200).size() == e.hits);
    r.assign(200, 0.0f);
  }
}

TEST_CASE("base3 sends what ternary sends, and learns the same magnitude") {
  weir::base3::state a = {};
  weir::ternary::state b = {};
  for (uint32_t seed = 0; seed < 5; ++seed) {
    std::vector<float> r(1000), s(1000);
    fill(r, seed, 1.0f);
    s = r;
    const encoded e = encode<weir::base3>(a, floats(), r, {1.0f, 1000, 77, 300}, 4000);
    const encoded t = encode<weir::ternary>(b, floats(), s, {1.0f, 1000, 77, 300}, 4000);
    CHECK(decode<weir::base3, float>(e.body, 1000) == decode<weir::ternary, float>(t.body, 1000));
    CHECK(r == s);
    CHECK(a.ratio == b.ratio);
  }
}

TEST_CASE("wire formats that differ have ids that differ") {
  const uint32_t ids[] = {
      weir::ternary::id(),        weir::sparse32::id(),       weir::sparse16::id(),  weir::dense32::id(),
      weir::one_signed::id(),     weir::base3::id(),          weir::sparse8::id(),   weir::logarithmic<2>::id(),
      weir::logarithmic<3>::id(), weir::logarithmic<4>::id(), weir::natural::id(),   weir::dense_natural::id(),
      weir::one_bit::id(),        weir::levels<1>::id(),      weir::levels<3>::id(), weir::levels<127>::id()};
  for (const uint32_t& a : ids)
    for (const uint32_t& b : ids) CHECK((a == b) == (&a == &b));
  static_assert(weir::one_signed::needs_wt() && weir::base3::needs_wt() && weir::sparse8::needs_wt() &&
                    weir::logarithmic<2>::needs_wt(),
                "");
  static_assert(!weir::natural::needs_wt() && !weir::one_bit::needs_wt() && !weir::levels<3>::needs_wt(), "");
}
