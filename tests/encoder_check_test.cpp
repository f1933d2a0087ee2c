// SPDX-License-Identifier: MIT
// check is total: any bytes give a status. What it accepts decodes inside the model, each cell at most once, and to
// sane values. Bodies lie in heap blocks of exactly their size, so that a sanitizer sees a read behind them.
#include "support/encoding.hpp"

#include <initializer_list>

using namespace test_support;

namespace {

struct verdict {
  uint64_t accepted = 0, refused = 0, wrong = 0;
};

template <class Encoder, class Value>
void judge(const std::vector<uint8_t>& body, index_t cells, verdict& v) {
  const weir::const_bytes bytes(body.data(), body.size());
  const weir::status status = Encoder::template check<Value>(bytes, cells);
  if (status != weir::status::ok) {
    ++v.refused;
    if (status != weir::status::malformed) ++v.wrong;
    return;
  }
  ++v.accepted;
  uint64_t count = 0;
  index_t first = 0, last = 0;
  Encoder::template decode<Value>(bytes, cells, [&](index_t i, Value value) {
    if (count == 0) first = i;
    const index_t offset = i >= first ? i - first : i + cells - first;  // around, from the first
    if (i >= cells || (count > 0 && offset <= last) || !weir::wire_value<Value>::sane(value)) ++v.wrong;
    last = offset;
    ++count;
  });
  if (count > cells || (count == 0) != body.empty()) ++v.wrong;
}

template <class Encoder, class Value>
verdict all_bodies(size_t most, std::initializer_list<index_t> models) {
  verdict v;
  for (const index_t cells : models) judge<Encoder, Value>({}, cells, v);
  for (size_t size = 1; size <= most; ++size) {
    std::vector<uint8_t> body(size);
    for (uint32_t bits = 0; bits < uint32_t{1} << (8 * size); ++bits) {
      uint32_t rest = bits;
      for (uint8_t& b : body) b = static_cast<uint8_t>(rest & 0xff), rest >>= 8;
      for (const index_t cells : models) judge<Encoder, Value>(body, cells, v);
    }
  }
  return v;
}

template <class Encoder, class Grid>
void damage(Grid grid, float wt, float size) {
  typedef typename Grid::value value;
  for (const index_t cells : {60u, 300u}) {
    std::vector<typename Grid::cell> residual(cells);
    fill(residual, cells, size);
    typename Encoder::state state = {};
    const std::vector<uint8_t> good =
        encode<Encoder>(state, grid, residual, {wt, cells, cells / 3, cells / 20}, 40).body;
    REQUIRE(good.size() > 5);
    verdict v;
    judge<Encoder, value>(good, cells, v);
    CHECK(v.accepted == 1);
    for (size_t n = 0; n < good.size(); ++n)
      judge<Encoder, value>(std::vector<uint8_t>(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)), cells,
                            v);
    CHECK(v.refused > 2);
    std::vector<uint8_t> bad = good;
    const auto flip = [&](size_t bit) { bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ (1u << (bit % 8))); };
    for (size_t a = 0; a < bad.size() * 8; ++a) {
      flip(a);
      judge<Encoder, value>(bad, cells, v);
      for (size_t b = 0; b < a; ++b) {
        flip(b);
        judge<Encoder, value>(bad, cells, v);
        flip(b);
      }
      flip(a);
    }
    CHECK(v.refused > 0);
    CHECK(v.wrong == 0);
  }
}

template <class Encoder>
void damage_all() {
  damage<Encoder>(weir::worker_grid<weir::number<float>>::make(), 1.5f, 1.0f);
  damage<Encoder>(weir::worker_grid<weir::number<weir::fixed16<12>>>::make(), 0.02f, 4000.0f);
}

template <class Encoder, class Value>
void random_bodies() {
  std::mt19937 rng{77};
  verdict v;
  for (int i = 0; i < 60000; ++i) {
    std::vector<uint8_t> body(rng() % 40);
    const uint32_t kind = static_cast<uint32_t>(rng() % 3);
    for (uint8_t& b : body) b = static_cast<uint8_t>(kind == 0 ? rng() : kind == 1 ? rng() & rng() : rng() | rng());
    if (!body.empty() && kind != 2) body[0] = static_cast<uint8_t>(body[0] & 0x3f);
    for (const index_t cells : {1u, 40u, 1210u, 70000u, 0xffffffffu}) judge<Encoder, Value>(body, cells, v);
  }
  CHECK(v.wrong == 0);
  CHECK(v.refused > 1000);
  CHECK(v.accepted > 1000);
}

}  // namespace

TEST_CASE_TEMPLATE("all bodies of up to two bytes, for small and large models", Encoder, weir::ternary, weir::strom,
                   weir::sparse32, weir::sparse16, weir::dense32) {
  const verdict f = all_bodies<Encoder, float>(2, {1, 2, 3, 7, 255, 256, 300, 70000});
  const verdict i = all_bodies<Encoder, int32_t>(2, {1, 2, 3, 7, 255, 256, 300, 70000});
  CHECK(f.wrong == 0);
  CHECK(i.wrong == 0);
  CHECK(f.accepted == 8);  // the empty one: headers and values alone take more
  CHECK(i.accepted == 8);
}

TEST_CASE("all bodies of three bytes") {
  // A magnitude and no coordinate is not an update; 16 bits of value and a gap may fit behind the first byte.
  const verdict signs = all_bodies<weir::ternary, int32_t>(3, {7});
  CHECK(signs.wrong == 0);
  CHECK(signs.accepted == 1);
  const verdict values = all_bodies<weir::sparse16, float>(3, {7});
  CHECK(values.wrong == 0);
  CHECK(values.accepted == 1);
}

TEST_CASE("all bits behind a good header") {
  for (uint32_t first = 0; first < 64; ++first) {
    verdict v;
    std::vector<uint8_t> body = {static_cast<uint8_t>(first), 0x80, 0x3f, 0, 0};  // ternary, magnitude 1
    if ((first & 0x20) != 0) body = {static_cast<uint8_t>(first), 0x02, 0x80, 0x3f, 0, 0};
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
      body[body.size() - 2] = static_cast<uint8_t>(bits);
      body[body.size() - 1] = static_cast<uint8_t>(bits >> 8);
      judge<weir::ternary, float>(body, 5, v);
      judge<weir::ternary, float>(body, 1000, v);
    }
    CAPTURE(first);
    CHECK(v.wrong == 0);
    if ((first & 0x1f) <= 8) CHECK(v.accepted > 0);
    if ((first & 0x1f) > 24) CHECK(v.accepted == 0);
  }
}

TEST_CASE_TEMPLATE("truncations, and all flips of one and two bits", Encoder, weir::ternary, weir::strom,
                   weir::sparse32, weir::sparse16, weir::dense32, weir::one_signed, weir::base3, weir::sparse8,
                   weir::logarithmic<2>, weir::logarithmic<4>, weir::natural, weir::dense_natural, weir::one_bit,
                   weir::levels<1>, weir::levels<7>) {
  damage_all<Encoder>();
}

TEST_CASE_TEMPLATE("random bodies", Encoder, weir::ternary, weir::sparse32, weir::sparse16, weir::dense32,
                   weir::one_signed, weir::base3, weir::sparse8, weir::logarithmic<2>, weir::logarithmic<4>,
                   weir::natural, weir::dense_natural, weir::one_bit, weir::levels<1>, weir::levels<7>) {
  random_bodies<Encoder, float>();
  random_bodies<Encoder, int32_t>();
}

TEST_CASE("what no encoder writes is refused, one reason at a time") {
  const auto check = [](std::vector<uint8_t> body, index_t cells) {
    return weir::ternary::check<float>(weir::const_bytes(body.data(), body.size()), cells);
  };
  const weir::status ok = weir::status::ok, malformed = weir::status::malformed;
  CHECK(check({0x01, 0xa0, 0x3f, 0xc5}, 10) == ok);
  CHECK(check({0x01, 0xa0, 0x3f, 0xc5}, 5) == ok);          // cells 3 and 4 of 5
  CHECK(check({0x01, 0xa0, 0x3f, 0xc5}, 4) == malformed);   // cell 4 of 4
  CHECK(check({0x41, 0xa0, 0x3f, 0xc5}, 10) == malformed);  // bits 6 and 7 are zero
  CHECK(check({0x81, 0xa0, 0x3f, 0xc5}, 10) == malformed);
  CHECK(check({0x19, 0xa0, 0x3f, 0xc5}, 10) == malformed);              // l = 25
  CHECK(check({0x21, 0x00, 0xa0, 0x3f, 0x91}, 10) == malformed);        // start 0 is not written
  CHECK(check({0x21, 0x0a, 0xa0, 0x3f, 0x91}, 10) == malformed);        // start 10 of 10
  CHECK(check({0x21, 0x86, 0x00, 0xa0, 0x3f, 0x91}, 10) == malformed);  // start 6 in two bytes
  CHECK(check({0x01, 0x80, 0x7f, 0xc5}, 10) == malformed);              // an infinite magnitude
  CHECK(check({0x01, 0xc0, 0x7f, 0xc5}, 10) == malformed);              // no number
  CHECK(check({0x01, 0x00, 0x00, 0xc5}, 10) == malformed);              // nothing
  CHECK(check({0x01, 0xa0, 0xbf, 0xc5}, 10) == malformed);              // less than nothing
  CHECK(check({0x01, 0xa0, 0x3f}, 10) == malformed);                    // no coordinate
  CHECK(check({0x01, 0xa0, 0x3f, 0xc5, 0xff}, 10) == malformed);        // eight ones are no padding
  CHECK(check({0x01, 0xa0, 0x3f, 0x45}, 10) == malformed);  // padding is ones: a third coordinate without an end

  const auto dense = [](std::vector<uint8_t> body, index_t cells) {
    return weir::dense32::check<float>(weir::const_bytes(body.data(), body.size()), cells);
  };
  CHECK(dense({0x01, 0x00, 0x00, 0x80, 0x3f}, 2) == ok);
  CHECK(dense({0x02, 0x00, 0x00, 0x80, 0x3f}, 2) == malformed);  // start
  CHECK(dense({0x01, 0x00, 0x00, 0x80}, 2) == malformed);        // three bytes of a value
  CHECK(dense({0x01}, 2) == malformed);                          // no value
  CHECK(dense({0x00, 0, 0, 0, 0, 0, 0, 0, 0}, 1) == malformed);  // two values for one cell
  CHECK(dense({0x00, 0x00, 0x00, 0x80, 0x7f}, 1) == malformed);  // infinite
  CHECK(weir::dense32::check<int32_t>(weir::const_bytes(std::vector<uint8_t>{0, 0, 0, 0, 0x80}.data(), 5), 1) ==
        malformed);
}

TEST_CASE("what no encoder of values without positions writes is refused, one reason at a time") {
  const weir::status ok = weir::status::ok, malformed = weir::status::malformed;
  const auto bit = [](std::vector<uint8_t> body, index_t cells) {
    return weir::one_bit::check<float>(weir::const_bytes(body.data(), body.size()), cells);
  };
  CHECK(bit({0x01, 0x00, 0x3f, 0x80, 0x3e, 0xf2}, 4) == ok);
  CHECK(bit({0x01, 0x00, 0x3f, 0x80, 0x3e, 0xf2}, 100) == ok);             // eight of 100
  CHECK(bit({0x01, 0x00, 0x3f, 0x80, 0x3e, 0x72}, 4) == malformed);        // padding is ones
  CHECK(bit({0x04, 0x00, 0x3f, 0x80, 0x3e, 0xf2}, 4) == malformed);        // start
  CHECK(bit({0x01, 0x00, 0x00, 0x80, 0x3e, 0xf2}, 4) == malformed);        // nothing
  CHECK(bit({0x01, 0x00, 0x3f, 0x80, 0xbe, 0xf2}, 4) == malformed);        // less than nothing
  CHECK(bit({0x01, 0x80, 0x7f, 0x80, 0x3e, 0xf2}, 4) == malformed);        // infinite
  CHECK(bit({0x01, 0x00, 0x3f, 0x80, 0x3e}, 4) == malformed);              // no value
  CHECK(bit({0x01, 0x00, 0x3f, 0x80, 0x3e, 0xf2, 0xff}, 4) == malformed);  // a byte too many
  const auto natural = [](std::vector<uint8_t> body, index_t cells) {
    return weir::dense_natural::check<float>(weir::const_bytes(body.data(), body.size()), cells);
  };
  CHECK(natural({0x00, 0x32, 0x00, 0x00}, 4) == ok);
  CHECK(natural({0x00, 0x32, 0x00}, 4) == malformed);  // two values and four bits that are not ones
  CHECK(natural({0x00, 0x32, 0xf0}, 4) == ok);

  const auto three = [](std::vector<uint8_t> body, index_t cells) {
    return weir::base3::check<float>(weir::const_bytes(body.data(), body.size()), cells);
  };
  CHECK(three({0x00, 0x00, 0x3f, 0x91, 0xf7, 0x94}, 40) == ok);
  CHECK(three({0x00, 0x00, 0x3f, 0x91, 0xf7, 0x94}, 37) == ok);         // beyond weight 36 there are only zeros
  CHECK(three({0x00, 0x00, 0x3f, 0x91, 0xf7, 0x94}, 36) == malformed);  // weight 36 of 36
  CHECK(three({0x00, 0x00, 0x3f, 0x91, 0xf7, 0x94}, 35) == malformed);  // a run to the end, and something behind it
  CHECK(three({0x00, 0x00, 0x3f, 0x91, 0xf7}, 40) == malformed);        // zeros at the end
  CHECK(three({0x00, 0x00, 0x3f, 0x91, 0x79}, 40) == malformed);
  CHECK(three({0x00, 0x00, 0x3f}, 40) == malformed);        // no coordinate
  CHECK(three({0x28, 0x00, 0x3f, 0x91}, 40) == malformed);  // start
  CHECK(three({0x00, 0x00, 0x00, 0x91}, 40) == malformed);  // nothing
  CHECK(three({0x00, 0x80, 0x7f, 0x91}, 40) == malformed);  // infinite
  CHECK(weir::one_signed::check<float>(weir::const_bytes(std::vector<uint8_t>{0x01, 0x00, 0x80, 0xed}.data(), 4), 10) ==
        malformed);  // -0
}
