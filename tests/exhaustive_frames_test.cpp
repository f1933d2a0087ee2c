// SPDX-License-Identifier: MIT
// Readers of frames, of the bodies that are not updates, of acknowledgements and of COBS are total: all bytes up to three (two
// with sanitizers), and all that differs little from a golden vector. None of the latter is taken for a frame.
#include <doctest/doctest.h>

#include <weir/transport/cobs.hpp>
#include <weir/wire/acks.hpp>
#include <weir/wire/bodies.hpp>
#include <weir/wire/frame.hpp>

#include "golden/vectors.hpp"
#include "support/judge.hpp"

using namespace test_support;
using weir::status;

namespace {

void count(bool same, bool ok, verdict& v) {
  if (!same) ++v.wrong;
  ++(ok ? v.accepted : v.refused);
}

void judge_frame(const surrounded& bytes, verdict& v) {
  weir::frame_header g = {}, h = {};
  weir::const_bytes first, second;
  const status got = weir::wire::open(bytes.in_zeros(), g, first);
  bool same = weir::wire::open(bytes.in_ones(), h, second) == got;
  if (got == status::ok)
    same = same && g.kind == h.kind && g.rank == h.rank && g.rank < weir::wire::max_ranks() &&
           first.data() + first.size() + weir::wire::check_bytes() == bytes.in_zeros().end() &&
           first.size() == second.size();
  count(same, got == status::ok, v);
}

/// A body that is read and written again is the same: each has one spelling.
template <class Body>
void judge_fields(const surrounded& bytes, verdict& v) {
  Body a, b;
  const status got = Body::get(bytes.in_zeros(), a);
  bool same = Body::get(bytes.in_ones(), b) == got;
  if (got == status::ok) {
    uint8_t again[40];
    for (const Body* of : {&a, &b}) {
      weir::byte_writer w{weir::bytes(again)};
      of->put(w);
      same = same && w.size() == bytes.in_zeros().size() && std::memcmp(again, bytes.in_zeros().data(), w.size()) == 0;
    }
  }
  count(same, got == status::ok, v);
}

void judge_acks(const surrounded& bytes, uint16_t ranks, uint16_t rank, verdict& v) {
  weir::byte_reader a(bytes.in_zeros()), b(bytes.in_ones());
  bool first = false, second = false;
  const status got = weir::wire::get_acks(a, ranks, rank, first);
  bool same = weir::wire::get_acks(b, ranks, rank, second) == got;
  if (got == status::ok) same = same && first == second && a.ok() && a.size() == b.size();
  count(same, got == status::ok, v);
}

/// What a receiver with room for so many bytes makes of a line, whatever state it begins in.
void judge_line(const surrounded& bytes, size_t room, verdict& v) {
  uint8_t into[16];
  std::memset(into, 0xa5, sizeof into);
  weir::cobs_receiver receiver{};
  bool good = true;
  for (const uint8_t b : bytes.in_zeros()) good = good && receiver.take(b, weir::bytes(into, room)) <= room;
  receiver.take(0, weir::bytes(into, room));
  // After a zero it hears what comes.
  for (const uint8_t b : {uint8_t{2}, uint8_t{0x5a}}) receiver.take(b, weir::bytes(into, room));
  good = good && receiver.take(0, weir::bytes(into, room)) == 1 && into[0] == 0x5a;
  for (size_t i = room; i < sizeof into; ++i) good = good && into[i] == 0xa5;
  count(good, true, v);
}

template <class Judge>
verdict all_bytes(Judge&& judge) {
  verdict v;
  for (size_t size = 0; size <= (sanitized() ? 2 : 3); ++size) {
    surrounded bytes(size);
    for (uint32_t bits = 0; bits < uint32_t{1} << (8 * size); ++bits) {
      for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(bits >> (8 * i) & 0xff);
      bytes.settle();
      judge(bytes, v);
    }
  }
  return v;
}

}  // namespace

TEST_CASE("all frames of up to three bytes: none is one") {
  const verdict v = all_bytes(judge_frame);
  CHECK(v.wrong == 0);
  CHECK(v.accepted == 0);
}

TEST_CASE("all bodies of up to three bytes that are not updates") {
  const verdict join = all_bytes(judge_fields<weir::join_body>);
  CHECK(join.wrong + join.accepted == 0);
  const verdict welcome = all_bytes(judge_fields<weir::welcome_body>);
  CHECK(welcome.wrong + welcome.accepted == 0);
  const verdict ask = all_bytes(judge_fields<weir::ask_body>);
  CHECK(ask.wrong == 0);
  // Two bytes: a round; a third: an index below 128.
  CHECK(ask.accepted == 0x10000 + (sanitized() ? 0 : 0x10000 * 128));
}

TEST_CASE("all acknowledgements of up to three bytes") {
  for (const uint16_t ranks : {uint16_t{1}, uint16_t{12}, uint16_t{300}, uint16_t{16384}}) {
    CAPTURE(ranks);
    const verdict v = all_bytes([&](const surrounded& bytes, verdict& all) {
      judge_acks(bytes, ranks, static_cast<uint16_t>(ranks / 2), all);
    });
    CHECK(v.wrong == 0);
    CHECK(v.accepted > 0);
  }
}

TEST_CASE("all lines of up to three bytes, in little room") {
  for (const size_t room : {size_t{1}, size_t{2}, size_t{10}}) {
    const verdict v = all_bytes([&](const surrounded& bytes, verdict& all) { judge_line(bytes, room, all); });
    CHECK(v.wrong == 0);
  }
}

TEST_CASE("every truncation of every golden vector, and every flip of one bit or two") {
  // A frame of 128 bytes and more has a million pairs of bits: those of one byte and the next are enough.
  for (const golden::block& b : golden::read_all(WEIR_GOLDEN)) {
    CAPTURE(b.name);
    verdict v;
    const auto damage = [&](auto&& judge) {
      const golden::data good = b.bytes("bytes");
      each_damage(good, sanitized() || good.size() > 260 ? 40 : ~size_t{0}, judge);
    };
    if (b.kind == "frame") {
      damage([&](const surrounded& bytes) { judge_frame(bytes, v); });
      CHECK(v.accepted == 0);
      CHECK(v.refused > 0);
    } else if (b.kind == "join") {
      damage([&](const surrounded& bytes) { judge_fields<weir::join_body>(bytes, v); });
    } else if (b.kind == "welcome") {
      damage([&](const surrounded& bytes) { judge_fields<weir::welcome_body>(bytes, v); });
    } else if (b.kind == "ask") {
      damage([&](const surrounded& bytes) { judge_fields<weir::ask_body>(bytes, v); });
    } else if (b.kind == "acks") {
      const uint16_t ranks = static_cast<uint16_t>(b.number("ranks"));
      damage([&](const surrounded& bytes) { judge_acks(bytes, ranks, static_cast<uint16_t>(ranks - 1), v); });
    } else if (b.kind == "cobs" || b.kind == "heard") {
      damage([&](const surrounded& bytes) { judge_line(bytes, 10, v); });
    }
    CHECK(v.wrong == 0);
  }
}
