// SPDX-License-Identifier: MIT
// Holds a decoder to its word on any bytes: check says what decode says; coordinates lie inside the model, in the order of a scan,
// with values that a sender may send; and nothing depends on what stands around the bytes.
#pragma once

#include <cstring>
#include <vector>
#include <weir/core/wire_value.hpp>
#include <weir/policy/encoder.hpp>

#include "scan_order.hpp"

namespace test_support {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized() { return true; }
#elif defined(__has_feature)
constexpr bool sanitized() { return __has_feature(address_sanitizer); }
#else
constexpr bool sanitized() { return false; }
#endif

/// The same bytes twice, zeros around the one, ones around the other. With the address sanitizer, each alone in its block.
class surrounded {
 public:
  explicit surrounded(size_t size) : size_(size), zeros_(size + 2 * guard(), 0x00), ones_(size + 2 * guard(), 0xff) {}

  uint8_t& operator[](size_t i) { return zeros_[guard() + i]; }
  /// After the bytes have changed.
  void settle() {
    if (size_ != 0) std::memcpy(ones_.data() + guard(), zeros_.data() + guard(), size_);
  }
  weir::const_bytes in_zeros() const { return weir::const_bytes(zeros_.data() + guard(), size_); }
  weir::const_bytes in_ones() const { return weir::const_bytes(ones_.data() + guard(), size_); }

 private:
  static constexpr size_t guard() { return sanitized() ? 0 : 16; }
  size_t size_;
  std::vector<uint8_t> zeros_, ones_;
};

struct verdict {
  uint64_t accepted = 0, refused = 0, wrong = 0;
};

/// What a decoder made of a body.
template <class Value>
class reading {
 public:
  explicit reading(weir::index_t cells, uint8_t segments = 1) : cells_(cells), order_(cells, segments) {}
  void operator()(weir::index_t i, Value v) {
    sane_ = sane_ && order_.next(i) && weir::wire_value<Value>::sane(v);
    ++count_;
    sum_ = sum_ * 31 + i * 7 + weir::wire_value<Value>::to32(v);
  }
  bool sane() const { return sane_ && count_ <= cells_; }
  bool empty() const { return count_ == 0; }
  bool operator==(const reading& other) const { return count_ == other.count_ && sum_ == other.sum_; }

 private:
  weir::index_t cells_;
  scan_order order_;
  uint64_t count_ = 0;
  uint32_t sum_ = 0;
  bool sane_ = true;
};

template <class Encoder, class Value>
void judge(const surrounded& body, weir::index_t cells, verdict& v) {
  const uint8_t segments = weir::detail::encoder_segments<Encoder>::count();
  reading<Value> first(cells, segments);
  const weir::status got = Encoder::template decode<Value>(body.in_zeros(), cells, first);
  const bool ok = got == weir::status::ok;
  if (!first.sane() || (!ok && got != weir::status::malformed)) ++v.wrong;
  if (Encoder::template check<Value>(body.in_ones(), cells) != got) ++v.wrong;
  if (ok && first.empty() != body.in_zeros().empty()) ++v.wrong;
  ++(ok ? v.accepted : v.refused);
  if (!ok) return;
  reading<Value> second(cells, segments);
  Encoder::template decode<Value>(body.in_ones(), cells, second);
  if (!(first == second)) ++v.wrong;
}

/// Calls visit() for each truncation of `good`, and for each way to turn one bit or two of it. Bits further apart than
/// `apart` are not turned together.
template <class Visit>
void each_damage(const std::vector<uint8_t>& good, size_t apart, Visit&& visit) {
  for (size_t n = 0; n < good.size(); ++n) {
    surrounded cut(n);
    for (size_t i = 0; i < n; ++i) cut[i] = good[i];
    cut.settle();
    visit(cut);
  }
  surrounded bad(good.size());
  for (size_t i = 0; i < good.size(); ++i) bad[i] = good[i];
  const auto flip = [&](size_t bit) { bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ (1u << (bit % 8))); };
  for (size_t a = 0; a < good.size() * 8; ++a) {
    flip(a);
    bad.settle();
    visit(bad);
    for (size_t b = a + 1; b < good.size() * 8 && b - a <= apart; ++b) {
      flip(b);
      bad.settle();
      visit(bad);
      flip(b);
    }
    flip(a);
  }
}

}  // namespace test_support
