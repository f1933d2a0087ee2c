// SPDX-License-Identifier: MIT
// The vectors of tests/golden: what is written has their bytes, and what is read from them is what they say.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <weir/transport/cobs.hpp>
#include <weir/wire/acks.hpp>
#include <weir/wire/bodies.hpp>
#include <weir/wire/frame.hpp>

#include "golden/encoders.hpp"
#include "golden/write.hpp"

namespace {

using golden::block;
using golden::data;
using weir::status;

weir::const_bytes view(const data& d) { return weir::const_bytes(d.data(), d.size()); }

template <class Value>
using coordinates = std::vector<std::pair<weir::index_t, Value>>;

template <class Value>
coordinates<Value> described(const block& b) {
  coordinates<Value> all;
  for (const auto& c : b.coordinates("coordinates", b.number("cells")))
    all.emplace_back(static_cast<weir::index_t>(c.first), static_cast<Value>(c.second));
  return all;
}

template <class Encoder, class Value>
void read_body(const block& b) {
  const data bytes = b.bytes("bytes");
  const weir::index_t cells = golden::cells_of(b);
  const bool good = b.kind == "body";
  coordinates<Value> got;
  const auto sink = [&](weir::index_t i, Value v) { got.emplace_back(i, v); };
  CHECK(Encoder::template check<Value>(view(bytes), cells) == (good ? status::ok : status::malformed));
  CHECK(Encoder::template decode<Value>(view(bytes), cells, sink) == (good ? status::ok : status::malformed));
  if (good) CHECK(got == described<Value>(b));
}

/// Calls read_body for the codec that the vector names.
bool read_any_body(const block& b) {
  bool found = false;
  golden::each_codec([&](const std::string& name, auto codec) {
    typedef decltype(codec) c;
    const bool real = weir::is_same<typename c::value, float>::value;
    if (name != b.text("encoder") || b.text("numbers") != (real ? "float" : "integer")) return;
    read_body<typename c::encoder, typename c::value>(b);
    found = true;
  });
  return found;
}

void read_frame(const block& b) {
  const data bytes = b.bytes("bytes");
  weir::frame_header h;
  weir::const_bytes body;
  const status got = weir::wire::open(view(bytes), h, body);
  if (b.kind == "refused_frame") {
    CHECK(weir::to_string(got) == b.text("status"));
    return;
  }
  REQUIRE(got == status::ok);
  CHECK(static_cast<uint8_t>(h.kind) == golden::kind_number(b));
  CHECK(h.fingerprint == b.number("fingerprint"));
  CHECK(h.rank == b.number("rank", 0));
  CHECK(h.sequence == b.number("sequence", 0));
  CHECK(h.round_number == (weir::from_worker(h.kind) ? b.number("round") & 0xff : b.number("round")));
  CHECK(data(body.begin(), body.end()) == b.bytes("body"));
}

void read_fields(const block& b) {
  const data bytes = b.bytes("bytes");
  const bool good = b.kind.rfind("refused", 0) != 0;
  const status expected = good ? status::ok : status::malformed;
  weir::join_body j;
  weir::welcome_body w;
  weir::ask_body a;
  if (b.kind == "join" || b.kind == "refused_join") {
    CHECK(weir::join_body::get(view(bytes), j) == expected);
    if (!good) return;
    CHECK(j.fingerprint == b.number("fingerprint"));
    CHECK(j.weights_hash == b.number("weights_hash"));
    CHECK(j.round_number == b.number("round"));
    CHECK(j.epoch == b.number("epoch"));
    CHECK(j.frame_bytes == b.number("frame_bytes"));
    CHECK(j.claim == (b.number("claim") != 0));
    CHECK(j.weightless == (b.number("weightless") != 0));
  } else if (b.kind == "ask" || b.kind == "refused_ask") {
    CHECK(weir::ask_body::get(view(bytes), a) == expected);
    if (!good) return;
    CHECK(a.round_number == b.number("round"));
    CHECK(a.piece == b.has("first"));
    CHECK(a.first == b.number("first", 0));
  } else {
    CHECK(weir::welcome_body::get(view(bytes), w) == expected);
    if (!good) return;
    CHECK(w.ranks == b.number("ranks"));
    CHECK(w.steps == b.number("steps"));
    CHECK(w.wt == weir::from_bfloat16(weir::to_bfloat16(b.real("wt"))));
    CHECK(w.answers == b.number("answers"));
    CHECK(w.last_sequence == b.number("last_sequence"));
    CHECK(w.epoch == b.number("epoch"));
    CHECK(w.snapshot == (b.number("snapshot") != 0));
    CHECK(w.counted == (b.number("counted") != 0));
    CHECK(w.behind == (b.number("behind") != 0));
  }
}

void read_acks(const block& b) {
  const data bytes = b.bytes("bytes");
  const uint16_t ranks = static_cast<uint16_t>(b.number("ranks"));
  const bool good = b.kind == "acks";
  std::vector<uint32_t> told;
  for (uint16_t rank = 0; rank < ranks; ++rank) {
    weir::byte_reader r(view(bytes));
    bool counted = false;
    const status got = weir::wire::get_acks(r, ranks, rank, counted);
    REQUIRE(got == (good ? status::ok : status::malformed));
    if (good) REQUIRE(r.size() == bytes.size());
    if (counted) told.push_back(rank);
  }
  if (good) CHECK(told == b.numbers(b.has("told") ? "told" : "counted"));
}

void read_line(const block& b) {
  std::vector<data> expected;
  if (b.kind == "cobs") {
    expected.push_back(b.bytes("datagram"));
  } else {
    block part = b;
    std::istringstream all(b.text("datagrams"));
    while (std::getline(all, part.fields["datagrams"], '/')) expected.push_back(part.bytes("datagrams"));
  }
  std::vector<data> got;
  data into(b.number("room", 1000) + 1, 0xa5);
  weir::cobs_receiver receiver{};
  for (const uint8_t byte : b.bytes("bytes")) {
    const size_t size = receiver.take(byte, weir::bytes(into.data(), into.size() - 1));
    if (size != 0) got.emplace_back(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(size));
  }
  CHECK(into.back() == 0xa5);
  CHECK(got == expected);
}

/// Does a parameter follow its positions?
template <class Encoder>
struct is_sparse : weir::false_type {};
template <class Values>
struct is_sparse<weir::sparse<Values>> : weir::true_type {};

/// All vectors but those of models that are too large for this machine.
std::vector<block> vectors() {
  std::vector<block> all = golden::read_all(WEIR_GOLDEN);
  const auto too_large = [](const block& b) { return b.has("cells") && b.number("cells") != golden::cells_of(b); };
  all.erase(std::remove_if(all.begin(), all.end(), too_large), all.end());
  return all;
}

}  // namespace

TEST_CASE("every vector is written as it stands there") {
  size_t bodies = 0, others = 0;
  for (const block& b : vectors()) {
    if (b.kind.rfind("refused", 0) == 0 || b.kind == "heard") continue;
    CAPTURE(b.name);
    golden::residual left;
    CHECK(golden::written(b, &left) == b.bytes("bytes"));
    ++(b.kind == "body" ? bodies : others);
    if (b.kind != "body") continue;
    if (b.number("cells") < 1000000 && !b.has("mean")) CHECK(golden::gated(b) == b.bytes("bytes"));
    // Nothing is lost: what is decoded and what is left are what was there.
    const bool real = b.text("numbers") == "float";
    const uint32_t cells = b.number("cells"), finer = b.number("finer", 1);
    golden::residual before = b.coordinates(b.has("residual") ? "residual" : "coordinates", cells);
    for (const auto& c : b.coordinates("coordinates", cells)) {
      const auto at = std::find_if(before.begin(), before.end(), [&](const auto& r) { return r.first == c.first; });
      REQUIRE((at != before.end() || c.second == 0));
      if (at == before.end()) continue;
      if (real)
        at->second = static_cast<double>(static_cast<float>(at->second) - static_cast<float>(c.second));
      else
        at->second -= c.second * finer;
    }
    for (auto& r : before) r.second = real ? static_cast<double>(static_cast<float>(r.second)) : r.second;
    CHECK(left == before);
  }
  CHECK(bodies >= 40);
  CHECK(others >= 30);
}

TEST_CASE("every vector is read as it says") {
  for (const block& b : vectors()) {
    CAPTURE(b.name);
    const std::string of = b.kind.rfind("refused_", 0) == 0 ? b.kind.substr(8) : b.kind;
    if (of == "body" || of == "refused")
      CHECK(read_any_body(b));
    else if (of == "frame")
      read_frame(b);
    else if (of == "join" || of == "welcome" || of == "ask")
      read_fields(b);
    else if (of == "acks")
      read_acks(b);
    else if (of == "cobs" || of == "heard")
      read_line(b);
    else
      FAIL_CHECK("no such kind: " << b.kind);
  }
}

TEST_CASE(
    "there are vectors of every encoder, with floats and with integers: empty, with a start, and of more than 32 "
    "coordinates") {
  std::set<std::string> seen, names;
  for (const block& b : vectors()) {
    if (b.kind != "body") continue;
    const std::string codec = b.text("encoder") + " " + b.text("numbers");
    const size_t hits = b.coordinates("coordinates", b.number("cells")).size();
    CHECK_MESSAGE(names.insert(b.name).second, b.name);
    seen.insert(codec);
    if (hits == 0) seen.insert(b.text("encoder") + " empty");
    if (hits > 32) seen.insert(codec + " > 32");
    if (b.number("start", 0) != 0) seen.insert(b.text("encoder") + " start");
  }
  golden::each_codec([&](const std::string& name, auto codec) {
    const bool real = weir::is_same<typename decltype(codec)::value, float>::value;
    CAPTURE(name);
    CAPTURE(real);
    CHECK(seen.count(name + (real ? " float" : " integer")) == 1);
    CHECK(seen.count(name + " empty") == 1);
    typedef typename decltype(codec)::encoder encoder;
    const bool in_segments = !weir::is_same<typename weir::detail::encoder_segments<encoder>::encoder, encoder>::value;
    CHECK((in_segments || seen.count(name + " start") == 1));
    if (is_sparse<encoder>::value) CHECK(seen.count(name + (real ? " float" : " integer") + " > 32") == 1);
  });
}
