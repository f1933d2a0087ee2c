// SPDX-License-Identifier: MIT
// What happens to codec and gate once in a blue moon.
#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <vector>
#include <weir/core/bits.hpp>
#include <weir/core/bytes.hpp>
#include <weir/encoder/one_bit.hpp>
#include <weir/encoder/strom.hpp>
#include <weir/gate.hpp>
#include <weir/threshold/fixed_wt.hpp>
#include <weir/wire/acks.hpp>

#include "golden/encoders.hpp"
#include "support/bits_kinds.hpp"

using namespace test_support;

TEST_CASE("every encoder has an identity of its own, but for two that write the same format") {
  std::set<uint32_t> ids;
  size_t encoders = 0;
  golden::each_codec([&](const std::string& name, auto codec) {
    typedef typename decltype(codec)::encoder encoder;
    CAPTURE(name);
    if (weir::is_same<typename decltype(codec)::value, float>::value) ++encoders;
    ids.insert(encoder::id());
    CHECK(encoder::id() != 0);
    if (name == "ternary" || name == "strom") CHECK(encoder::needs_wt());
    if (name == "dense32" || name == "sparse32") CHECK(!encoder::needs_wt());
  });
  CHECK(weir::ternary::id() == weir::strom::id());
  CHECK(ids.size() == encoders - 1);
}

TEST_CASE_TEMPLATE("room in a buffer of half the memory of a 32-bit machine", Bits, bits32, bits64) {
  uint8_t one[1];
  uint8_t* const volatile there = one;  // the compiler is not to see that nothing is behind it
  const typename Bits::writer w((weir::bytes(there, size_t{1} << 31)));
  CHECK(w.room() == 0x7fffffff);
}

TEST_CASE("a writer that goes bit by bit goes on where another stood, and stops where there is no room") {
  uint8_t out[3] = {0, 0, 0xa5};
  weir::detail::bit_writer8 first((weir::bytes(out, 2)));
  first.put(0x15, 5);
  weir::detail::bit_writer8 second(first.position());
  CHECK(second.room() == 11);
  CHECK(second.try_put(uint32_t{0x2a}, 7));
  CHECK(!second.try_put(uint32_t{0x1f}, 5));
  CHECK(out[0] == 0x55);
  CHECK(out[2] == 0xa5);
}

TEST_CASE_TEMPLATE("behind its end a stream is over: nothing is left, and more of it is ones", Bits, bits8, bits32,
                   bits64) {
  const uint8_t in[] = {0x0f};
  typename Bits::reader r((weir::const_bytes(in)));
  CHECK(!r.only_padding());
  CHECK(r.get(4) == 0x0f);
  CHECK(!r.only_padding());  // four zeros
  CHECK(r.get(8) == 0xf0);
  CHECK(r.over());
  CHECK(r.left() == 0);
  CHECK(r.only_padding());
  CHECK(r.get_unary(20) == 20);
}

TEST_CASE("a reader does not pass over what is not there") {
  const uint8_t in[] = {1, 2, 3};
  weir::byte_reader r((weir::const_bytes(in)));
  r.skip(2);
  CHECK(r.ok());
  r.skip(2);
  CHECK(!r.ok());
  CHECK(r.size() == 2);
}

namespace {

struct forgotten {
  std::set<weir::index_t>* cells;
  void operator()(weir::index_t i) const { cells->insert(i); }
};

}  // namespace

TEST_CASE_TEMPLATE("cells that have overflowed start anew, wherever they stand among those that go; the others go",
                   Encoder, weir::ternary, weir::sparse32, weir::dense32) {
  const float infinite = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const weir::index_t start : {weir::index_t{0}, weir::index_t{77}}) {
    std::vector<float> residual(300, 0.0f);
    for (weir::index_t i = 0; i < 300; i += 2) residual[i] = 1.25f;
    const std::set<weir::index_t> bad = {0, 10, 12, 100, 210, 299};
    residual[0] = residual[100] = infinite;
    residual[10] = residual[299] = nan;
    residual[12] = residual[210] = -infinite;
    std::vector<uint8_t> out(Encoder::max_bytes(300, 300));
    std::set<weir::index_t> cells;
    weir::gate_state<weir::fixed_wt, Encoder> s = {};
    s.start = start;
    const size_t size =
        weir::gate(residual.data(), 300, weir::worker_grid<weir::number<float>>::make(), weir::fixed_wt(1.0f),
                   Encoder(), s, weir::bytes(out.data(), out.size()), weir::detail::no_fold(), forgotten{&cells});
    CHECK(s.report.hits == 145);
    CHECK(cells.size() == 145 + bad.size());
    weir::index_t moved = 0;
    const weir::status got =
        Encoder::template decode<float>(weir::const_bytes(out.data(), size), 300, [&](weir::index_t i, float v) {
          if (v != 0) ++moved;
          CHECK((v == 0 || (i % 2 == 0 && bad.count(i) == 0)));
        });
    CHECK(got == weir::status::ok);
    CHECK(moved == 145);
    for (const weir::index_t i : bad) CHECK(residual[i] == 0);
  }
}

TEST_CASE("a residual that is beyond all caches, in a frame that is full before its end") {
  const weir::index_t n = 150000;
  std::vector<float> residual(n, 0.0f);
  for (weir::index_t i = 0; i < n; i += 7) residual[i] = i % 3 == 0 ? 2.0f : -2.0f;
  std::vector<uint8_t> out(6000);
  weir::gate_state<weir::fixed_wt, weir::strom> s = {};
  weir::index_t hits = 0;
  for (int frames = 0; frames < 4; ++frames) {
    weir::index_t decoded = 0;
    const size_t size = weir::gate(residual.data(), n, weir::worker_grid<weir::number<float>>::make(),
                                   weir::fixed_wt(2.0f), weir::strom(), s, weir::bytes(out.data(), out.size()),
                                   weir::detail::no_fold(), weir::detail::no_forget());
    CHECK(weir::strom::decode<float>(weir::const_bytes(out.data(), size), n, [&](weir::index_t i, float v) {
            CHECK(i % 7 == 0);
            CHECK(v == (i % 3 == 0 ? 2.0f : -2.0f));
            ++decoded;
          }) == weir::status::ok);
    CHECK(decoded == s.report.hits);
    hits += decoded;
  }
  CHECK(!s.report.full);
  CHECK(hits == (n + 6) / 7);
}

TEST_CASE("a frame of more coordinates than a mean magnitude counts: the first are example enough") {
  const weir::index_t n = 70000;
  std::vector<float> residual(n, 2.0f);
  for (weir::index_t i = 65535; i < n; ++i) residual[i] = 1000.0f;
  std::vector<uint8_t> out(weir::ternary::max_bytes(n, n));
  weir::gate_state<weir::fixed_wt, weir::ternary> s = {};
  const size_t size = weir::gate(residual.data(), n, weir::worker_grid<weir::number<float>>::make(),
                                 weir::fixed_wt(1.0f), weir::ternary(), s, weir::bytes(out.data(), out.size()),
                                 weir::detail::no_fold(), weir::detail::no_forget());
  CHECK(s.report.hits == n);
  CHECK(size > n / 8);
  CHECK(s.encoder.ratio == 2 * 8192);
}

TEST_CASE("a gate's passes are counted around, and 0 stays the one before the first") {
  float residual[4] = {0, 0, 3, 0};
  uint8_t out[16];
  weir::gate_state<weir::fixed_wt, weir::ternary> s = {};
  s.report.rounds = 0xfffffffe;
  const auto pass = [&] {
    return weir::gate(residual, 4, weir::worker_grid<weir::number<float>>::make(), weir::fixed_wt(1.0f),
                      weir::ternary(), s, weir::bytes(out), weir::detail::no_fold(), weir::detail::no_forget());
  };
  CHECK(pass() != 0);
  CHECK(s.report.rounds == 0xffffffff);
  pass();
  CHECK(s.report.rounds == 1);
}

TEST_CASE("the largest body of segments: nothing for nothing, and room for few hits in whichever segment they are") {
  typedef weir::segmented<weir::ternary, 2> two;
  CHECK(two::max_bytes(1000, 0) == 0);
  CHECK(two::max_bytes(1000, 3) == 5 + 2 * weir::ternary::max_bytes(500, 3));
  CHECK(two::max_bytes(1001, 900) == 5 + 2 * weir::ternary::max_bytes(501, 501));
}

TEST_CASE("acknowledgements of more ranks than a header can name: still a bitmap") {
  const uint16_t ranks = 40000;
  const std::vector<uint8_t> every_second(ranks / 8, 0x55);
  std::vector<uint8_t> out(6000);
  const size_t size = weir::wire::put_acks(every_second.data(), ranks, weir::bytes(out.data(), out.size()));
  CHECK(size == 1 + ranks / 8);
  CHECK(out[0] == 0);
}

namespace {

/// Signs of cells that are not too large: the others stay.
struct small_signs : weir::detail::strom_values {
  template <class Grid>
  class coder : public weir::detail::strom_values::coder<Grid> {
   public:
    using weir::detail::strom_values::coder<Grid>::coder;
    static bool wants(const typename Grid::cell& c) { return weir::magnitude(c) < 100; }
  };
};
/// The same without compression, one by one.
struct small_values : weir::dense32 {
  template <class Grid>
  class writer : public weir::dense32::writer<Grid> {
   public:
    using weir::dense32::writer<Grid>::writer;
    static bool wants(const typename Grid::cell& c) { return weir::magnitude(c) < 100; }
  };
};

}  // namespace

TEST_CASE_TEMPLATE("what an encoder does not want stays as it is, wherever it stands among what goes", Encoder,
                   weir::sparse<small_signs>, small_values) {
  std::vector<float> residual(200, 2.0f);
  for (const weir::index_t i : {0u, 1u, 40u, 77u, 199u}) residual[i] = -300.0f;
  std::vector<uint8_t> out(Encoder::max_bytes(200, 200));
  weir::gate_state<weir::fixed_wt, Encoder> s = {};
  const size_t size =
      weir::gate(residual.data(), 200, weir::worker_grid<weir::number<float>>::make(), weir::fixed_wt(2.0f), Encoder(),
                 s, weir::bytes(out.data(), out.size()), weir::detail::no_fold(), weir::detail::no_forget());
  weir::index_t decoded = 0;
  CHECK(Encoder::template decode<float>(weir::const_bytes(out.data(), size), 200, [&](weir::index_t, float v) {
          if (v != 0) ++decoded;
        }) == weir::status::ok);
  CHECK(decoded == 195);
  CHECK(s.report.hits == 195);
  CHECK(!s.report.full);
  for (weir::index_t i = 0; i < 200; ++i)
    CHECK(residual[i] == (i == 0 || i == 1 || i == 40 || i == 77 || i == 199 ? -300.0f : 0.0f));
}

TEST_CASE(
    "two means of more cells than one sum takes; of a burst, and of a frame that is full at a cell that has "
    "overflowed") {
  const weir::index_t n = 10000;
  std::vector<float> residual(n);
  std::vector<uint8_t> out(weir::one_bit::max_bytes(n, n));
  weir::gate_state<weir::fixed_wt, weir::one_bit> s = {};
  const auto pass = [&](size_t room) {
    return weir::gate(residual.data(), n, weir::worker_grid<weir::number<float>>::make(), weir::fixed_wt(1.0f),
                      weir::one_bit(), s, weir::bytes(out.data(), room), weir::detail::no_fold(),
                      weir::detail::no_forget());
  };
  for (weir::index_t i = 0; i < n; ++i) residual[i] = i % 4 == 0 ? -2.0f : 2.0f;
  pass(out.size());
  CHECK(s.report.hits == n);
  CHECK(s.encoder.positive == 1.0f);
  CHECK(s.encoder.negative == 1.0f);

  // One cell is worth more than four times the mean of all: no guide for the next frame.
  for (weir::index_t i = 0; i < n; ++i) residual[i] = i == 0 ? 20000.0f : -1.0f;
  pass(out.size());
  CHECK(s.encoder.positive == 1.0f);
  CHECK(s.encoder.negative < 1.0f);

  for (weir::index_t i = 0; i < n; ++i) residual[i] = 1.0f;
  residual[40] = std::numeric_limits<float>::infinity();
  const size_t size = pass(1 + 4 + 5);  // the start, two means, 40 signs
  CHECK(size == 10);
  CHECK(s.report.hits == 40);
  CHECK(s.report.full);
  CHECK(s.start == 41);
  CHECK(residual[40] == 0);
}

namespace {

/// strom, by somebody who knows of single cells only.
struct single_values : weir::detail::strom_values {
  template <class Grid>
  class coder : public weir::detail::strom_values::coder<Grid> {
    typedef typename weir::detail::strom_values::template coder<Grid> base;

   public:
    coder(const single_values& values, const state& s, Grid grid, const weir::encode_request& request) noexcept
        : base(values, s, grid, request) {}
    void take(float& c) const noexcept { base::take(c); }
  };
};

}  // namespace

TEST_CASE("an encoder that takes cells one by one gives the bytes of one that takes them by the dozen") {
  const weir::index_t n = 5000;
  std::vector<float> by_one(n);
  for (weir::index_t i = 0; i < n; ++i) by_one[i] = (i % 3 == 0 ? -0.01f : 0.01f) * static_cast<float>(i * 7 % 101);
  std::vector<float> by_dozen = by_one;
  const auto pass = [n](auto encoder, std::vector<float>& residual, std::vector<uint8_t>& out) {
    weir::gate_state<weir::fixed_wt, decltype(encoder)> s = {};
    out.resize(4 * n);
    out.resize(weir::gate(residual.data(), n, weir::worker_grid<weir::number<float>>::make(), weir::fixed_wt(0.9f),
                          encoder, s, weir::bytes(out.data(), out.size()), weir::detail::no_fold(),
                          weir::detail::no_forget()));
    return s.report.hits;
  };
  std::vector<uint8_t> one, dozen;
  CHECK(pass(weir::sparse<single_values>(), by_one, one) > 500);
  pass(weir::strom(), by_dozen, dozen);
  CHECK(one == dozen);
  CHECK(by_one == by_dozen);
}
