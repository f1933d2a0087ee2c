// SPDX-License-Identifier: MIT
// Decoders of bodies are total: all bytes up to three (two with sanitizers), and all that differs little from a golden vector.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "golden/encoders.hpp"
#include "golden/vectors.hpp"
#include "support/judge.hpp"

using namespace test_support;

namespace {

constexpr size_t most_bytes() { return sanitized() ? 2 : 3; }

template <class Encoder, class Value>
verdict all_bodies(weir::index_t cells) {
  verdict v;
  for (size_t size = 0; size <= most_bytes(); ++size) {
    surrounded body(size);
    for (uint32_t bits = 0; bits < uint32_t{1} << (8 * size); ++bits) {
      for (size_t i = 0; i < size; ++i) body[i] = static_cast<uint8_t>(bits >> (8 * i) & 0xff);
      body.settle();
      judge<Encoder, Value>(body, cells, v);
    }
  }
  return v;
}

/// visit(codec) for the codec that a vector names.
template <class Visit>
void with_codec(const golden::block& b, Visit&& visit) {
  golden::each_codec([&](const std::string& name, auto codec) {
    const bool real = weir::is_same<typename decltype(codec)::value, float>::value;
    if (name == b.text("encoder") && b.text("numbers") == (real ? "float" : "integer")) visit(codec);
  });
}

}  // namespace

TEST_CASE("all bodies of up to three bytes, by every decoder") {
  golden::each_codec([&](const std::string& name, auto codec) {
    typedef decltype(codec) c;
    if (name == "strom") return;  // its decoder is ternary's
    CAPTURE(name);
    const verdict v = all_bodies<typename c::encoder, typename c::value>(300);
    CHECK(v.wrong == 0);
    CHECK(v.accepted >= 1);  // the empty one
    CHECK(v.refused > 50000);
  });
}

TEST_CASE("all that two bytes can say behind the first three, or four, of a vector of each kind") {
  // In three bytes alone there is no coordinate of most encoders.
  std::map<std::string, int> seen;
  for (const golden::block& b : golden::read_all(WEIR_GOLDEN)) {
    if (b.kind != "body") continue;
    const golden::data good = b.bytes("bytes");
    if (good.size() < 3 || ++seen[b.text("encoder") + b.text("numbers")] > 1) continue;
    for (const size_t keep : {size_t{3}, size_t{4}}) {
      if (good.size() < keep) continue;
      CAPTURE(b.name);
      CAPTURE(keep);
      verdict v;
      surrounded body(keep + 2);
      for (size_t i = 0; i < keep; ++i) body[i] = good[i];
      for (uint32_t bits = 0; bits < 0x10000; bits += sanitized() ? 7 : 1) {
        body[keep] = static_cast<uint8_t>(bits & 0xff);
        body[keep + 1] = static_cast<uint8_t>(bits >> 8);
        body.settle();
        with_codec(b, [&](auto codec) {
          judge<typename decltype(codec)::encoder, typename decltype(codec)::value>(body, b.number("cells"), v);
        });
      }
      CHECK(v.wrong == 0);
    }
  }
}

TEST_CASE("every truncation of every golden vector, and every flip of one bit or two") {
  const size_t apart = sanitized() ? 40 : ~size_t{0};
  for (const golden::block& b : golden::read_all(WEIR_GOLDEN)) {
    if (b.kind != "body" && b.kind != "refused") continue;
    CAPTURE(b.name);
    verdict v;
    const weir::index_t cells = b.number("cells");
    with_codec(b, [&](auto codec) {
      typedef decltype(codec) c;
      each_damage(b.bytes("bytes"), apart,
                  [&](const surrounded& body) { judge<typename c::encoder, typename c::value>(body, cells, v); });
    });
    CHECK(v.wrong == 0);
    if (b.bytes("bytes").size() > 3) CHECK(v.refused > 0);
  }
}
