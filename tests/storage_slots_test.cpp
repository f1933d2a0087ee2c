// SPDX-License-Identifier: MIT
// Two slots and a check: at whatever byte of a save the power fails, what is there is the old record or the new one.
#include <doctest/doctest.h>
#include <algorithm>
#include <cstring>
#include <vector>
#include <weir/weir.hpp>

#include "support/nvm.hpp"

using test_support::nvm;
using test_support::nvm_storage;

namespace {

typedef std::vector<uint8_t> content;
constexpr uint32_t mine = 0x12345678;

struct record {
  content bytes;
  size_t size() const { return bytes.size(); }
  uint8_t get(size_t at) const { return bytes[at]; }
  void set(size_t at, uint8_t b) { bytes[at] = b; }
};

/// The power fails when `left` bytes have been written; the next one gets `torn`. After that nothing is taken.
struct cut_storage {
  content* memory;
  size_t left;
  int torn;  // -1: it keeps what it had

  size_t size() const { return memory->size(); }
  void read(size_t offset, weir::bytes into) const { std::memcpy(into.data(), memory->data() + offset, into.size()); }
  size_t write(size_t offset, weir::const_bytes from) {
    size_t i = 0;
    for (; i < from.size() && left > 0; ++i, --left) (*memory)[offset + i] = from[i];
    if (i < from.size() && torn >= 0) {
      (*memory)[offset + i] = static_cast<uint8_t>(torn);
      torn = -1;
    }
    return i;
  }
  bool done() const { return left > 0; }
};

constexpr size_t for_ever = 1000000;

template <uint8_t Copies>
content loaded(const content& memory, size_t size) {
  content copy = memory;
  cut_storage s = {&copy, for_ever, -1};
  record r = {content(size, 0xee)};
  weir::slots<Copies> slots = {};
  if (!slots.load(s, mine, r)) {
    CHECK(r.bytes == content(size, 0xee));
    return content();
  }
  CHECK(copy == memory);
  return r.bytes;
}

/// A node starts, saves, and its power fails. Returns whether the save was complete.
template <uint8_t Copies>
bool save_cut(content& memory, const content& what, size_t at, int torn) {
  cut_storage s = {&memory, at, torn};
  record r = {what};
  weir::slots<Copies> slots = {};
  slots.find(s, mine, what.size());
  slots.start(mine);
  return slots.proceed(s, r);
}

content random_content(weir::random_bits& random, size_t size) {
  content c(size);
  for (uint8_t& b : c) b = static_cast<uint8_t>(random.next());
  return c;
}

}  // namespace

TEST_CASE("cut at every byte of a save, the byte under way having any value: the old record or the new one") {
  weir::random_bits random(1);
  for (const size_t size : {1u, 6u, 8u, 21u}) {
    const size_t slot = size + 5;
    content memory(weir::slots<2>::bytes(size), 0xff);
    CHECK(memory.size() == 2 * slot);
    content old;  // at first there is none
    for (int save = 0; save < 5; ++save) {
      content fresh = random_content(random, size);
      if (save == 3) fresh = old;  // and one that says the same again
      content complete = memory;
      REQUIRE(save_cut<2>(complete, fresh, for_ever, -1));
      for (size_t at = 0; at < slot; ++at)
        for (int torn = -1; torn < 256; ++torn) {
          content m = memory;
          CHECK(!save_cut<2>(m, fresh, at, torn));
          const content now = loaded<2>(m, size);
          const bool is_old = now == old, is_new = now == fresh;
          CAPTURE(at);
          CAPTURE(torn);
          CHECK((is_old || is_new));
          if (!is_old) CHECK(m == complete);
          // Whatever it is, the next save and its cuts spare it.
          content next = random_content(random, size);
          CHECK(!save_cut<2>(m, next, random.below(static_cast<uint32_t>(slot)), 0x55));
          const content then = loaded<2>(m, size);
          CHECK((then == now || then == next));
        }
      CHECK(save_cut<2>(memory, fresh, for_ever, -1));
      CHECK(loaded<2>(memory, size) == fresh);
      old = fresh;
    }
  }
}

TEST_CASE("hundreds of saves, each of them cut somewhere: serial numbers wrap") {
  weir::random_bits random(2);
  const size_t size = 11;
  content memory(weir::slots<2>::bytes(size), 0);
  content old;
  for (int i = 0; i < 3000; ++i) {
    const content fresh = random_content(random, size);
    const bool done = save_cut<2>(memory, fresh, random.below(2 * static_cast<uint32_t>(size + 5)),
                                  static_cast<int>(random.below(256)));
    const content now = loaded<2>(memory, size);
    REQUIRE((done ? now == fresh : now == old || now == fresh));
    old = now;
  }
}

TEST_CASE("one slot: a save that is cut leaves no record, or the new one, and never a mixture") {
  weir::random_bits random(3);
  const size_t size = 21;
  content memory(weir::slots<1>::bytes(size), 0xff);
  CHECK(memory.size() == size + 5);
  const content old = random_content(random, size);
  REQUIRE(save_cut<1>(memory, old, for_ever, -1));
  CHECK(loaded<1>(memory, size) == old);
  const content fresh = random_content(random, size);
  for (size_t at = 0; at < size + 5; ++at)
    for (int torn = -1; torn < 256; ++torn) {
      content m = memory;
      CHECK(!save_cut<1>(m, fresh, at, torn));
      const content now = loaded<1>(m, size);
      CHECK((now.empty() || now == old || now == fresh));
      if (at > 0) CHECK(now != old);
      CHECK(save_cut<1>(m, fresh, for_ever, -1));
      CHECK(loaded<1>(m, size) == fresh);
    }
}

TEST_CASE("a record of somebody else, of another size, or spoilt is none; and it is overwritten") {
  content memory(weir::slots<2>::bytes(10), 0);
  cut_storage s = {&memory, for_ever, -1};
  record r = {content(10, 1)};
  weir::slots<2> slots = {};
  slots.start(mine + 1);
  REQUIRE(slots.proceed(s, r));
  CHECK(loaded<2>(memory, 10).empty());
  REQUIRE(save_cut<2>(memory, content(10, 2), for_ever, -1));
  CHECK(loaded<2>(memory, 10) == content(10, 2));
  CHECK(loaded<2>(memory, 9).empty());
  CHECK(loaded<2>(memory, 11).empty());  // does not even fit
  for (size_t bit = 0; bit < memory.size() * 8; ++bit) {
    content m = memory;
    m[bit / 8] = static_cast<uint8_t>(m[bit / 8] ^ (1u << (bit % 8)));
    const content now = loaded<2>(m, 10);
    CHECK((now.empty() || now == content(10, 2)));
  }
  // The same record in the other slot is no record: a serial belongs to its slot.
  content swapped(memory.begin() + 15, memory.end());
  swapped.insert(swapped.end(), memory.begin(), memory.begin() + 15);
  CHECK(loaded<2>(swapped, 10).empty());
}

TEST_CASE("a slow storage: a save goes on piece by piece, and each piece is of one moment") {
  struct counting {  // a record that changes all the time: 16-bit cells that always have equal bytes
    mutable uint8_t now = 0;
    static size_t size() { return 40; }
    uint8_t get(size_t at) const {
      if (at % 8 == 0) ++now;
      return now;
    }
    static void set(size_t, uint8_t) {}
  };
  nvm memory(weir::slots<2>::bytes(40), 0);
  memory.speed = 1;
  nvm_storage s(&memory);
  weir::slots<2> slots = {};
  slots.start(mine);
  const counting c;
  int ticks = 0;
  while (!slots.proceed(s, c)) {
    memory.tick();
    ++ticks;
    REQUIRE(ticks < 100);
  }
  CHECK(ticks == 45);  // a byte each, and it is done a tick after the last one
  CHECK(!slots.saving());
  content now(45);
  s.read(45, weir::bytes(now.data(), now.size()));  // serial 1: the second slot
  for (size_t at = 0; at < 40; ++at) CHECK(now[at] == 1 + at / 8);
  record r = {content(40)};
  weir::slots<2> again = {};
  CHECK(again.load(s, mine, r));
}

TEST_CASE("memory as a whole: loaded as it was saved, by whoever has the same identity and room") {
  content memory(100, 0xff);
  weir::memory_storage s{weir::bytes(memory.data(), memory.size())};
  int16_t weights[20];
  for (int i = 0; i < 20; ++i) weights[i] = static_cast<int16_t>(1000 - 77 * i);
  int16_t back[20] = {};
  const weir::span<int16_t> from(weights), to(back);
  CHECK(weir::saved_bytes(sizeof weights) == 90);
  CHECK(weir::saved_bytes<1>(sizeof weights) == 45);
  CHECK(weir::load(s, mine, to) == weir::status::empty);
  CHECK(weir::save(s, mine, weir::span<const int16_t>(from)) == weir::status::ok);
  weights[7] = 4711;
  CHECK(weir::save(s, mine, from) == weir::status::ok);
  CHECK(weir::load(s, mine + 1, to) == weir::status::empty);
  CHECK(back[0] == 0);
  CHECK(weir::load(s, mine, to) == weir::status::ok);
  CHECK(std::memcmp(weights, back, sizeof weights) == 0);
  CHECK(std::count(memory.begin() + 90, memory.end(), 0xff) == 10);  // guard bytes

  content small(89, 0xff);
  weir::memory_storage t{weir::bytes(small.data(), small.size())};
  CHECK(weir::save(t, mine, from) == weir::status::too_big);
  CHECK(small == content(89, 0xff));
  CHECK(weir::load(t, mine, to) == weir::status::too_big);
  CHECK(weir::save<1>(t, mine, from) == weir::status::ok);
  CHECK(weir::load<1>(t, mine, to) == weir::status::ok);
}

TEST_CASE("a learner's weights go to a storage and come back") {
  typedef weir::sequential<weir::input<4>, weir::dense<3>> net;
  typedef weir::learner<weir::fixed16<12>, net, weir::softmax_cross_entropy, weir::sgd, weir::always> learner;
  content memory(weir::saved_bytes(net::parameters() * sizeof(learner::weight)));
  weir::memory_storage s{weir::bytes(memory.data(), memory.size())};
  learner a = {}, b = {};
  a.begin(weir::sgd{0.1f}, weir::always{}, 5);
  const weir::fixed16<12> x[4] = {weir::fixed16<12>(0.5f), weir::fixed16<12>(-0.5f), weir::fixed16<12>(1.0f),
                                  weir::fixed16<12>(0.0f)};
  a.train(x, 2);
  CHECK(weir::save(s, net::fingerprint(), a.weights()) == weir::status::ok);
  b.begin(weir::sgd{0.1f}, weir::always{}, 6);
  CHECK(weir::load(s, net::fingerprint(), b.weights()) == weir::status::ok);
  CHECK(std::memcmp(a.weights().data(), b.weights().data(), net::parameters() * sizeof(learner::weight)) == 0);
}
