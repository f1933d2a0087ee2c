// SPDX-License-Identifier: MIT
// weir-inspect's findings agree with what a node would take, on all golden vectors and on all that differs from them by a
// bit or a cut; the parts of a good frame are all of it.
#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include <weir/wire/frame.hpp>

#include "../golden/encoders.hpp"
#include "../golden/vectors.hpp"
#include "inspect/body.hpp"
#include "inspect/explain.hpp"
#include "inspect/report.hpp"

namespace {

using golden::block;
using golden::data;

data update_with(const data& body) {
  data frame(body.size() + weir::wire::max_overhead());
  const weir::frame_header h = {weir::frame_kind::update, 0xbeef, 3, 0x0102, 4};
  const weir::bytes whole(frame.data(), frame.size());
  if (!body.empty()) std::memcpy(weir::wire::body_room(h.kind, h.rank, whole).data(), body.data(), body.size());
  frame.resize(weir::wire::seal(h, body.size(), whole));
  return frame;
}

/// "segmented2_ternary": ternary in 2 segments.
std::pair<std::string, unsigned> without_segments(const std::string& name) {
  const std::size_t bar = name.find('_');
  if (name.rfind("segmented", 0) != 0) return {name, 1u};
  return {name.substr(bar + 1), static_cast<unsigned>(std::stoul(name.substr(9, bar - 9)))};
}

inspect::options options_for(const block& b) {
  inspect::options o;
  o.encoder = without_segments(b.text("encoder")).first;
  o.segments = without_segments(b.text("encoder")).second;
  o.cells = b.number("cells");
  o.integer = b.text("numbers") == "integer";
  return o;
}

/// Explained, and what holds of every finding.
inspect::finding explained(const data& frame, const inspect::options& o) {
  const inspect::finding f = inspect::explain({0, true, frame}, o);
  REQUIRE(f.size == frame.size());
  REQUIRE(f.good() == (f.status == "ok"));
  REQUIRE(f.fault.offset <= frame.size());
  REQUIRE(!inspect::as_text(f).empty());
  REQUIRE(inspect::as_json(f).find("\"good\":") != std::string::npos);
  std::uint64_t bits = 0;
  for (const inspect::part& p : f.parts) bits += p.bits;
  if (f.good()) REQUIRE(bits == 8 * frame.size());
  REQUIRE(bits <= 8 * frame.size());
  return f;
}

bool is_body(const data& body, const inspect::options& o) {
  bool good = false;
  golden::each_codec([&](const std::string& name, auto codec) {
    typedef decltype(codec) c;
    if (without_segments(name) != std::make_pair(o.encoder, unsigned{o.segments}) ||
        weir::is_same<typename c::value, float>::value == o.integer)
      return;
    good = c::encoder::template check<typename c::value>(weir::const_bytes(body.data(), body.size()), o.cells) ==
           weir::status::ok;
  });
  return good;
}

}  // namespace

TEST_CASE("it knows every encoder") {
  golden::each_codec([](const std::string& name, auto) {
    CHECK_MESSAGE(inspect::is_encoder_name(without_segments(name).first), name);
  });
}

TEST_CASE("every golden body in a frame: as many coordinates as it has, or a fault") {
  for (const block& b : golden::read_all(WEIR_GOLDEN)) {
    if (b.kind != "body" && b.kind != "refused") continue;
    CAPTURE(b.name);
    const inspect::finding f = explained(update_with(b.bytes("bytes")), options_for(b));
    CHECK(f.good() == (b.kind == "body"));
    CHECK(f.status == (b.kind == "body" ? "ok" : "malformed"));
    if (b.kind != "body") continue;
    const auto all = b.coordinates("coordinates", b.number("cells"));
    CHECK(f.what.count == all.size());
    std::uint64_t negative = 0, gaps = 0, parameters = 0;
    for (const auto& c : all) negative += c.second < 0 ? 1 : 0;
    for (const std::uint64_t n : f.what.gaps) gaps += n;
    for (const auto& p : f.what.parameters) parameters += p.second;
    CHECK(f.what.negative == negative);
    CHECK(gaps == all.size());
    CHECK((parameters == all.size() || parameters == 0));  // 0: not a code for positions
  }
}

TEST_CASE("every cut and every flip of a bit of every golden body, with a right check: bad if a decoder says so") {
  for (const block& b : golden::read_all(WEIR_GOLDEN)) {
    if (b.kind != "body") continue;
    CAPTURE(b.name);
    const inspect::options o = options_for(b);
    const data good = b.bytes("bytes");
    for (std::size_t n = 0; n < good.size(); n += n < 16 ? 1 : 7) {
      const data cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n));
      REQUIRE(explained(update_with(cut), o).good() == is_body(cut, o));
    }
    for (std::size_t bit = 0; bit < 8 * good.size(); bit += bit < 128 ? 1 : 5) {
      data bad = good;
      bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1u << bit % 8));
      REQUIRE(explained(update_with(bad), o).good() == is_body(bad, o));
    }
  }
}

TEST_CASE("every golden frame, cut and flipped: good as it is, and else what wire::open says, with a reason") {
  inspect::options o;
  o.ranks = 12;
  o.encoder = "strom";
  o.cells = 1210;
  for (const block& b : golden::read_all(WEIR_GOLDEN)) {
    if (b.kind != "frame" && b.kind != "refused_frame") continue;
    CAPTURE(b.name);
    const data frame = b.bytes("bytes");
    const auto status_of = [](const data& d) {
      weir::frame_header h;
      weir::const_bytes body;
      return std::string(weir::to_string(weir::wire::open(weir::const_bytes(d.data(), d.size()), h, body)));
    };
    if (b.kind == "refused_frame") CHECK(explained(frame, o).status == b.text("status"));
    if (b.kind == "frame" && b.name.rfind("body-of", 0) != 0 && b.name != "broadcast_some")
      CHECK(explained(frame, o).good());
    for (std::size_t n = 0; n < frame.size(); ++n) {
      const data cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(n));
      CHECK(explained(cut, o).status == status_of(cut));
    }
    for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
      data bad = frame;
      bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1u << bit % 8));
      CHECK(explained(bad, o).status == status_of(bad));
    }
  }
}

TEST_CASE("every body that is none of its kind is bad, and its place is known") {
  const auto frame = [](weir::frame_kind kind, const data& body) {
    data all(body.size() + weir::wire::max_overhead());
    const weir::frame_header h = {kind, 1, 2, 3, 4};
    const weir::bytes whole(all.data(), all.size());
    if (!body.empty()) std::memcpy(weir::wire::body_room(h.kind, h.rank, whole).data(), body.data(), body.size());
    all.resize(weir::wire::seal(h, body.size(), whole));
    return all;
  };
  for (const block& b : golden::read_all(WEIR_GOLDEN)) {
    CAPTURE(b.name);
    const auto kind = [&](const char* name, weir::frame_kind k) {
      if (b.kind != name && b.kind != std::string("refused_") + name) return;
      const inspect::finding f = explained(frame(k, b.bytes("bytes")), {});
      CHECK(f.good() == (b.kind == name));
      if (!f.good()) CHECK(f.fault.offset >= 7);
    };
    kind("join", weir::frame_kind::join);
    kind("welcome", weir::frame_kind::welcome);
    kind("ask", weir::frame_kind::ask);
    if (b.kind != "acks" && b.kind != "refused_acks") continue;
    inspect::options o;
    o.ranks = b.number("ranks");
    const inspect::finding f = explained(frame(weir::frame_kind::broadcast_some, b.bytes("bytes")), o);
    CHECK(f.good() == (b.kind == "acks"));
  }
  CHECK(explained(frame(weir::frame_kind::refusal, {0}), {}).fault.why == "there is no reason 0");
  CHECK(explained(frame(weir::frame_kind::refusal, {15}), {}).fault.why == "there is no reason 15");
  CHECK(explained(frame(weir::frame_kind::refusal, {13, 0}), {}).fault.why == "1 bytes too many behind the last field");
  CHECK(explained(frame(weir::frame_kind::acknowledgement, {1}), {}).fault.why == "it ends inside the sequence");
  CHECK(explained(frame(weir::frame_kind::piece, {1}), {}).fault.why == "there are no weights in it");
  CHECK(explained(frame(weir::frame_kind::piece, {0x80, 0x00, 1}), {}).fault.offset == 7);
}
