// SPDX-License-Identifier: MIT
// A model in segments: each has the bytes and the residual that it would have alone, whoever does them.
#include <weir/segmented_gate.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>
#include <weir/encoder/dense32.hpp>
#include <weir/encoder/one_bit.hpp>
#include <weir/encoder/sparse_value.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/encoder/ternary.hpp>
#include <weir/host/threads.hpp>
#include <weir/kernel/axpy.hpp>
#include <weir/kernel/fold_list_hits.hpp>
#include <weir/threshold/fixed_wt.hpp>
#include <weir/threshold/target_density.hpp>

#include "support/judge.hpp"

namespace {

using test_support::surrounded;
using test_support::verdict;
using weir::index_t;
using weir::host::parallel;

typedef std::vector<uint8_t> body_type;
typedef weir::number<weir::fixed16<12>> n16;

weir::const_bytes view(const body_type& b) { return weir::const_bytes(b.data(), b.size()); }

/// Wt that may be 0.
struct test_wt {
  float wt;
  struct state {};
  template <class Mean>
  float next(state&, const weir::gate_report&, Mean&&) const {
    return wt;
  }
};

/// Momentum, as a worker's trainer folds it.
struct folding {
  float* r;
  float* u;
  index_t n;
  bool done = false;

  void all() {
    (*this)(0, n);
    done = true;
  }
  void operator()(index_t first, index_t m) {
    if (done) return;
    weir::kernel::axpy(0.5f, u + first, r + first, m, weir::kernel::native());
    weir::kernel::scale(0.75f, u + first, m, weir::kernel::native());
  }
  index_t operator()(index_t first, index_t m, float wt, uint16_t number, uint16_t* list) {
    if (done) return weir::kernel::list_hits(r + first, m, wt, number, list, weir::kernel::native());
    return weir::kernel::fold_list_hits(0.5f, u + first, 0.75f, r + first, m, wt, number, list, weir::kernel::native());
  }
};
struct forgetting {
  float* u;
  void operator()(index_t i) { u[i] = 0; }
};

struct cells {
  std::vector<float> r, u;

  cells(index_t n, std::mt19937& rng) : r(n), u(n) {
    const auto unit = [&rng] { return static_cast<float>(rng()) / 4294967296.0f - 0.5f; };
    for (index_t i = 0; i < n; ++i) {  // some parts have more hits than others
      const float scale = i / 700 % 3 == 0 ? 0.5f : 1.0f;
      r[i] = scale * unit();
      u[i] = scale * unit();
    }
  }
  index_t size() const { return static_cast<index_t>(r.size()); }
  bool operator==(const cells& other) const { return r == other.r && u == other.u; }
};

/// One pass; a guard behind the room.
template <class Encoder>
body_type pass(cells& c, index_t first, index_t n, float wt, const Encoder& encoder,
               weir::gate_state<test_wt, Encoder>& state, size_t room) {
  body_type out(room + 8, 0xa5);
  float* const r = c.r.data() + first;
  float* const u = c.u.data() + first;
  const size_t size = weir::gate(r, n, weir::worker_grid<weir::number<float>>::make(), test_wt{wt}, encoder, state,
                                 weir::bytes(out.data(), room), folding{r, u, n}, forgetting{u});
  REQUIRE(size <= room);
  REQUIRE(state.report.bytes == size);
  REQUIRE(std::count(out.begin() + static_cast<std::ptrdiff_t>(room), out.end(), 0xa5) == 8);
  out.resize(size);
  return out;
}
template <class Encoder>
body_type pass(cells& c, float wt, const Encoder& encoder, weir::gate_state<test_wt, Encoder>& state, size_t room) {
  return pass(c, 0, c.size(), wt, encoder, state, room);
}

void put_length(size_t n, body_type& to) {
  for (; n >= 0x80; n >>= 7) to.push_back(static_cast<uint8_t>(n | 0x80));
  to.push_back(static_cast<uint8_t>(n));
}

uint64_t begin_of(uint64_t n, uint64_t s, uint64_t count) { return n * s / count; }

/// What segments are: gates that know nothing of each other.
template <class Encoder, uint8_t Count>
struct apart {
  weir::gate_state<test_wt, Encoder> states[Count] = {};
  index_t hits = 0;
  bool full = false;

  body_type pass(cells& c, float wt, size_t room) {
    size_t digits = 1;
    for (size_t v = room / Count; v >= 0x80; v >>= 7) ++digits;
    const size_t lengths = digits * (Count - 1);
    const size_t share = room > lengths ? (room - lengths) / Count : 0;
    body_type all, bodies;
    hits = 0;
    full = false;
    for (uint8_t s = 0; s < Count; ++s) {
      const auto begin = static_cast<index_t>(begin_of(c.size(), s, Count));
      const auto end = static_cast<index_t>(begin_of(c.size(), s + 1u, Count));
      body_type one;
      if (end != begin) one = ::pass(c, begin, end - begin, wt, Encoder(), states[s], share);
      hits += states[s].report.hits;
      full = full || states[s].report.full;
      if (s + 1 < Count) put_length(one.size(), all);
      bodies.insert(bodies.end(), one.begin(), one.end());
    }
    if (bodies.empty()) return bodies;
    all.insert(all.end(), bodies.begin(), bodies.end());
    return all;
  }
};

/// Whatever the segments' starts are: inside the model, each cell once, sane values; check says what decode says.
template <class Encoder, class Value>
void judge_segments(const surrounded& body, index_t n, verdict& v) {
  std::vector<int> seen(n);
  uint32_t sum = 0;
  bool sane = true, any = false;
  const auto note = [&](index_t i, Value value) {
    any = true;
    sane = sane && i < n && ++seen[i] == 1 && weir::wire_value<Value>::sane(value);
    sum = sum * 31 + i * 7 + weir::wire_value<Value>::to32(value);
  };
  const weir::status got = Encoder::template decode<Value>(body.in_zeros(), n, note);
  const bool ok = got == weir::status::ok;
  if (!sane || (!ok && got != weir::status::malformed) || (ok && any == body.in_zeros().empty())) ++v.wrong;
  if (Encoder::template check<Value>(body.in_ones(), n) != got) ++v.wrong;
  ++(ok ? v.accepted : v.refused);
  const uint32_t first = sum;
  sum = 0;
  seen.assign(n, 0);
  Encoder::template decode<Value>(body.in_ones(), n, note);
  if (first != sum) ++v.wrong;
}

template <class Encoder>
weir::status check(const body_type& body, index_t n) {
  surrounded s(body.size());
  for (size_t i = 0; i < body.size(); ++i) s[i] = body[i];
  s.settle();
  verdict v;
  judge_segments<Encoder, float>(s, n, v);
  REQUIRE(v.wrong == 0);
  return v.accepted == 1 ? weir::status::ok : weir::status::malformed;
}

template <class Encoder>
void damage(const body_type& good, index_t n) {
  verdict v;
  test_support::each_damage(good, 40, [&](const surrounded& bad) { judge_segments<Encoder, float>(bad, n, v); });
  CHECK(v.wrong == 0);
  CHECK(v.refused > 0);
  REQUIRE(check<Encoder>(good, n) == weir::status::ok);
}

}  // namespace

TEST_CASE("segments cover the model, and differ by one cell at most") {
  const auto try_all = [](auto encoder) {
    typedef decltype(encoder) e;
    for (const index_t n :
         {0u, 1u, 2u, 3u, 6u, 7u, 8u, 254u, 255u, 256u, 1210u, 65535u, 25000000u, 0xfffffffeu, 0xffffffffu})
      for (unsigned s = 0; s <= e::segments(); ++s) {
        CAPTURE(n);
        CAPTURE(s);
        if (s > 254) continue;
        REQUIRE(e::begin_of(n, static_cast<uint8_t>(s)) == begin_of(n, s, e::segments()));
      }
    REQUIRE(e::begin_of(0xffffffffu, e::segments()) == 0xffffffffu);
  };
  try_all(weir::segmented<weir::ternary, 1>());
  try_all(weir::segmented<weir::ternary, 2>());
  try_all(weir::segmented<weir::ternary, 3>());
  try_all(weir::segmented<weir::ternary, 7>());
  try_all(weir::segmented<weir::ternary, 255>());
}

TEST_CASE("the format depends on the number of segments and on what is in them, and on nobody's threads") {
  typedef weir::segmented<weir::ternary, 2> two;
  CHECK(two::id() == weir::segmented<weir::ternary, 2, parallel>::id());
  CHECK(two::id() == weir::segmented<weir::strom, 2>::id());  // as ternary's and strom's are
  CHECK(two::id() != weir::segmented<weir::ternary, 3>::id());
  CHECK(two::id() != weir::segmented<weir::sparse16, 2>::id());
  CHECK(two::id() != weir::ternary::id());
  CHECK(two::needs_wt());
  CHECK(!weir::segmented<weir::dense32, 2>::needs_wt());
  CHECK(weir::is_encoder<two>::value);
  CHECK(weir::is_encoder<weir::segmented<weir::one_bit, 5, parallel>>::value);
  CHECK(weir::is_runner<weir::in_turn>::value);
  CHECK(weir::is_runner<parallel>::value);
  CHECK(!weir::is_runner<weir::ternary>::value);
}

TEST_CASE_TEMPLATE("the bytes, residual and momentum of gates that know nothing of each other, in turn and by threads",
                   Encoder, weir::ternary, weir::sparse16, weir::dense32, weir::one_bit) {
  weir::host::threads pool(3);
  const auto try_count = [&](auto constant) {
    constexpr uint8_t count = decltype(constant)::value;
    typedef weir::segmented<Encoder, count> in_turn;
    typedef weir::segmented<Encoder, count, parallel> by_threads;
    std::mt19937 rng{17 + count};
    uint32_t full = 0, emitted = 0;
    for (int trial = 0; trial < 60; ++trial) {
      CAPTURE(trial);
      const auto n = static_cast<index_t>(1 + rng() % (trial % 5 == 0 ? 20000 : trial % 5 == 1 ? 12 : 2000));
      const bool all = std::is_same_v<Encoder, weir::one_bit> || trial % 9 == 0;
      const float wt = std::is_same_v<Encoder, weir::one_bit> ? 0.0f
                       : all && !Encoder::needs_wt()          ? 0.0f
                                                              : 0.2f + 0.4f * static_cast<float>(rng()) / 4294967296.0f;
      const size_t most = in_turn::max_bytes(n, n);
      const size_t room = trial % 3 == 0 ? most : 1 + rng() % (trial % 3 == 1 ? 100 * size_t{count} : most);
      cells a(n, rng);
      cells b = a, c = a;
      apart<Encoder, count> reference;
      weir::gate_state<test_wt, in_turn> state = {};
      weir::gate_state<test_wt, by_threads> threads_state = {};
      for (int round = 1; round <= 4; ++round) {
        const body_type want = reference.pass(a, wt, room);
        const body_type got = pass(b, wt, in_turn(), state, room);
        REQUIRE(got == want);
        REQUIRE(pass(c, wt, by_threads(Encoder(), parallel(pool)), threads_state, room) == want);
        REQUIRE(a == b);
        REQUIRE(a == c);
        REQUIRE(state.report.rounds == static_cast<uint32_t>(round));
        REQUIRE(state.report.hits == reference.hits);
        REQUIRE(state.report.full == reference.full);
        REQUIRE(state.report.cells == n);
        REQUIRE(state.report.wt == wt);
        REQUIRE(threads_state.report.hits == reference.hits);
        REQUIRE(check<in_turn>(got, n) == weir::status::ok);
        if (room == most) REQUIRE(!state.report.full);
        full += reference.full ? 1 : 0;
        emitted += reference.hits;
      }
    }
    CHECK(full > 20);
    CHECK(emitted > 10000);
  };
  try_count(std::integral_constant<uint8_t, 1>());
  try_count(std::integral_constant<uint8_t, 2>());
  try_count(std::integral_constant<uint8_t, 3>());
  try_count(std::integral_constant<uint8_t, 7>());
}

TEST_CASE("Wt is that of the whole model: a threshold sees one mean, and one report") {
  std::mt19937 rng{5};
  const index_t n = 9000;
  cells a(n, rng);
  cells b = a;
  typedef weir::segmented<weir::ternary, 4> four;
  weir::gate_state<weir::target_density, four> state = {};
  weir::gate_state<weir::target_density, weir::ternary> whole = {};
  const auto grid = weir::worker_grid<weir::number<float>>::make();
  const weir::target_density threshold(0.2f);
  body_type out(four::max_bytes(n, n));
  const weir::bytes room(out.data(), out.size());
  for (int round = 0; round < 2; ++round) {  // in the first, the mean of all cells; then the hits of the first
    weir::gate(a.r.data(), n, grid, threshold, four(), state, room, folding{a.r.data(), a.u.data(), n},
               forgetting{a.u.data()});
    weir::gate(b.r.data(), n, grid, threshold, weir::ternary(), whole, room, folding{b.r.data(), b.u.data(), n},
               forgetting{b.u.data()});
    CHECK(state.report.wt == whole.report.wt);
    CHECK(state.report.hits == whole.report.hits);
    CHECK(state.report.hits > 0);
    CHECK(state.report.cells == n);
  }
  CHECK(a.u == b.u);
}

TEST_CASE_TEMPLATE("in fixed point, what leaves and what stays add up to what was there, bit for bit", Encoder,
                   weir::ternary, weir::sparse16, weir::dense32) {
  typedef weir::fixed16<18> cell;
  typedef weir::segmented<Encoder, 3> three;
  const auto grid = weir::worker_grid<n16>::make();
  std::mt19937 rng{23};
  for (const index_t n : {1u, 2u, 40u, 3001u}) {
    for (const size_t room : {size_t{0}, size_t{3}, size_t{48}, size_t{400}, size_t{20000}}) {
      CAPTURE(n);
      CAPTURE(room);
      std::vector<cell> residual(n);
      weir::gate_state<weir::fixed_wt, three> state = {};
      uint32_t emitted = 0;
      for (int round = 0; round < 6; ++round) {
        for (cell& c : residual) c.raw = weir::saturate<int16_t>(c.raw + static_cast<int32_t>(rng() % 8001) - 4000);
        const std::vector<cell> before = residual;
        body_type out(room);
        out.resize(weir::gate(residual.data(), n, grid, weir::fixed_wt(0.005f), three(), state,
                              weir::bytes(out.data(), out.size()), weir::detail::no_fold(), weir::detail::no_forget()));
        std::vector<int32_t> sum(n);
        for (index_t i = 0; i < n; ++i) sum[i] = residual[i].raw;
        REQUIRE(three::template check<int32_t>(view(out), n) == weir::status::ok);
        three::template decode<int32_t>(view(out), n, [&](index_t i, int32_t v) {
          sum.at(i) += grid.cells(v);
          ++emitted;
        });
        for (index_t i = 0; i < n; ++i) REQUIRE(sum[i] == before[i].raw);
      }
      CHECK((emitted > 0) == (room >= 48));
    }
  }
}

TEST_CASE("a full segment goes on where it stopped, and does not hold up the others") {
  typedef weir::segmented<weir::sparse16, 2> two;
  const index_t n = 2000;
  const auto grid = weir::worker_grid<weir::number<float>>::make();
  weir::gate_state<weir::fixed_wt, two> state = {};
  std::vector<float> residual(n, 1.0f);
  for (index_t i = n / 2; i < n; ++i) residual[i] = i % 100 == 0 ? 1.0f : 0.0f;  // ten
  std::vector<int> times(n);
  body_type out(202);
  index_t before = 0;
  for (int round = 0; round < 40; ++round) {
    const size_t size =
        weir::gate(residual.data(), n, grid, weir::fixed_wt(0.5f), two(), state, weir::bytes(out.data(), out.size()),
                   weir::detail::no_fold(), weir::detail::no_forget());
    std::vector<index_t> sent;
    two::decode<float>(weir::const_bytes(out.data(), size), n, [&](index_t i, float) { sent.push_back(i); });
    REQUIRE(sent.size() == state.report.hits);
    for (const index_t i : sent) ++times[i];
    if (round == 0) CHECK(std::count_if(sent.begin(), sent.end(), [](index_t i) { return i >= n / 2; }) == 10);
    if (sent.empty()) break;
    CHECK(sent.front() == before % (n / 2));  // where the last frame ended
    before = sent.back() < n / 2 ? sent.back() + 1 : before + static_cast<index_t>(sent.size() - 10);
    CHECK(state.report.full == (before != n / 2));
  }
  for (index_t i = 0; i < n; ++i) REQUIRE(times[i] == (i < n / 2 || i % 100 == 0 ? 1 : 0));
}

TEST_CASE("fewer cells than segments: those without cells have empty bodies") {
  typedef weir::segmented<weir::ternary, 7> seven;
  weir::gate_state<weir::fixed_wt, seven> state = {};
  float residual[2] = {2.0f, -2.0f};
  uint8_t out[200];
  const auto grid = weir::worker_grid<weir::number<float>>::make();
  const size_t size = weir::gate(residual, 2, grid, weir::fixed_wt(1.0f), seven(), state, weir::bytes(out),
                                 weir::detail::no_fold(), weir::detail::no_forget());
  CHECK(state.report.hits == 2);
  const body_type body(out, out + size);
  REQUIRE(size == 6 + 2 * 4);
  CHECK(body_type(body.begin(), body.begin() + 6) ==
        body_type{0, 0, 0, 4, 0, 0});  // cells 0 and 1 are segments 3 and 6
  CHECK(check<seven>(body, 2) == weir::status::ok);
  CHECK(check<seven>(body, 1) == weir::status::malformed);  // segment 3 has no cell then
  CHECK(check<seven>(body, 0) == weir::status::malformed);
  CHECK(check<seven>({}, 0) == weir::status::ok);
  damage<seven>(body, 2);
}

TEST_CASE("nothing that passes is an empty body, and no room is no harm") {
  typedef weir::segmented<weir::ternary, 3> three;
  std::mt19937 rng{3};
  cells c(5000, rng);
  const cells before = c;
  weir::gate_state<test_wt, three> state = {};
  CHECK(pass(c, 100.0f, three(), state, 1000).empty());
  CHECK(!state.report.full);
  CHECK(c.r != before.r);  // folded
  for (const size_t room : {0u, 1u, 2u, 3u, 8u, 11u}) {
    CHECK(pass(c, 0.1f, three(), state, room).empty());
    CHECK(state.report.full);
    CHECK(state.report.hits == 0);
  }
  for (index_t i = 0; i < 5000; ++i) {  // by all passes, once by each
    float r = before.r[i], u = before.u[i];
    for (int k = 0; k < 7; ++k) {
      r += 0.5f * u;
      u *= 0.75f;
    }
    REQUIRE(c.r[i] == r);
    REQUIRE(c.u[i] == u);
  }
}

TEST_CASE("what no encoder writes is refused, one reason at a time") {
  typedef weir::segmented<weir::ternary, 2> two;
  const weir::status ok = weir::status::ok, malformed = weir::status::malformed;
  const body_type one = {0x01, 0xa0, 0x3f, 0xc5};  // cells 3 and 4
  CHECK(check<two>({}, 20) == ok);
  CHECK(check<two>({4, 0x01, 0xa0, 0x3f, 0xc5, 0x01, 0xa0, 0x3f, 0xc5}, 20) == ok);
  CHECK(check<two>({4, 0x01, 0xa0, 0x3f, 0xc5}, 20) == ok);
  CHECK(check<two>({0, 0x01, 0xa0, 0x3f, 0xc5}, 20) == ok);
  CHECK(check<two>({0}, 20) == malformed);                                   // nothing is said by nothing
  CHECK(check<two>({5, 0x01, 0xa0, 0x3f, 0xc5}, 20) == malformed);           // longer than what is there
  CHECK(check<two>({3, 0x01, 0xa0, 0x3f, 0xc5}, 20) == malformed);           // cut in the wrong place
  CHECK(check<two>({0xff, 0xff, 0xff, 0xff, 0x0f, 0x01}, 20) == malformed);  // 2^32 - 1
  CHECK(check<two>({0x84, 0x00, 0x01, 0xa0, 0x3f, 0xc5}, 20) == malformed);  // 4 in two bytes
  CHECK(check<two>({0x84}, 20) == malformed);                                // a length without its end
  CHECK(check<two>({0x80}, 20) == malformed);
  CHECK(check<two>({4, 0x01, 0xa0, 0x3f, 0xc5}, 8) == malformed);                           // cell 4 of 4
  CHECK(check<two>({0, 0x01, 0xa0, 0x3f, 0xc5}, 9) == ok);                                  // cell 4 of 5
  CHECK(check<two>({4, 0x01, 0xa0, 0x3f, 0xc5}, 9) == malformed);                           // cell 4 of 4
  CHECK(check<two>({4, 0x01, 0xa0, 0x3f, 0xc5, 0x41, 0xa0, 0x3f, 0xc5}, 20) == malformed);  // the second one's fault
  typedef weir::segmented<weir::ternary, 3> three;
  CHECK(check<three>({0, 4, 0x01, 0xa0, 0x3f, 0xc5}, 20) == ok);
  CHECK(check<three>({0, 0}, 20) == malformed);
  CHECK(check<three>({4}, 20) == malformed);
  CHECK(check<three>({4, 5, 0x01, 0xa0, 0x3f, 0xc5, 0x01, 0xa0, 0x3f, 0xc5}, 20) == malformed);  // both are too long
  CHECK(check<weir::segmented<weir::ternary, 1>>(one, 20) == ok);  // one segment: its body alone
}

TEST_CASE_TEMPLATE("every truncation, every flip of a bit, flips of two", Encoder, weir::ternary, weir::sparse16,
                   weir::dense32) {
  typedef weir::segmented<Encoder, 3> three;
  std::mt19937 rng{29};
  for (const index_t n : {60u, 500u}) {
    cells c(n, rng);
    weir::gate_state<test_wt, three> state = {};
    for (int round = 0; round < 3; ++round) {
      const body_type body = pass(c, 0.2f / static_cast<float>(1 + round), three(), state, 70);  // full: starts follow
      REQUIRE(body.size() > 12);
      damage<three>(body, n);
    }
  }
}

TEST_CASE("all bodies of up to two bytes, and random ones") {
  typedef weir::segmented<weir::ternary, 2> two;
  verdict v;
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    surrounded body(bits < 0x100 ? 1 : 2);
    body[0] = static_cast<uint8_t>(bits);
    if (bits >= 0x100) body[1] = static_cast<uint8_t>(bits >> 8);
    body.settle();
    for (const index_t n : {0u, 1u, 2u, 9u}) judge_segments<two, float>(body, n, v);
  }
  CHECK(v.accepted == 0);  // a header and its values alone take more
  std::mt19937 rng{31};
  for (int i = 0; i < 60000; ++i) {
    surrounded body(5 + rng() % 20);
    for (size_t k = 0; k < body.in_zeros().size(); ++k)
      body[k] = static_cast<uint8_t>(k == 0 ? rng() % 20 : i % 2 == 0 ? rng() : rng() & rng() & 0x3f);
    body.settle();
    for (const index_t n : {1u, 3u, 600u}) {
      judge_segments<two, float>(body, n, v);
      judge_segments<two, int32_t>(body, n, v);
      judge_segments<weir::segmented<weir::sparse16, 3>, float>(body, n, v);
    }
  }
  CHECK(v.wrong == 0);
  CHECK(v.accepted > 1000);
}

TEST_CASE("a runner decodes segments side by side; what is malformed reaches no sink") {
  typedef weir::segmented<weir::ternary, 3> three;
  const index_t n = 9001;
  std::mt19937 rng{37};
  cells c(n, rng);
  weir::gate_state<test_wt, three> state = {};
  const body_type body = pass(c, 0.4f, three(), state, 9000);
  std::vector<float> want(n);
  REQUIRE(three::decode<float>(view(body), n, [&](index_t i, float v) { want[i] += v; }) == weir::status::ok);
  weir::host::threads pool(2);

  std::vector<float> got(n);
  unsigned made[3] = {};
  const auto make_sink = [&](uint8_t s) {
    ++made[s];
    return [&got, s](index_t i, float v) {
      if (i >= three::begin_of(n, s) && i < three::begin_of(n, static_cast<uint8_t>(s + 1))) got[i] += v;
    };
  };
  CHECK(three::decode_by<float>(parallel(pool), view(body), n, make_sink) == weir::status::ok);
  CHECK(got == want);
  CHECK((made[0] == 1 && made[1] == 1 && made[2] == 1));
  std::fill(got.begin(), got.end(), 0.0f);
  CHECK(three::decode_by<float>(weir::in_turn(), view(body), n, make_sink) == weir::status::ok);
  CHECK(got == want);

  const unsigned before = made[0];
  for (size_t at = 0; at < body.size(); at += 7) {  // wherever the fault is: the segments before it are not applied
    body_type bad(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(at));
    const weir::status s = three::check<float>(view(bad), n);
    if (s == weir::status::ok) continue;
    REQUIRE(three::decode_by<float>(parallel(pool), view(bad), n, make_sink) == s);
  }
  CHECK(made[0] <= before + 1);  // an empty body is one without coordinates
}
