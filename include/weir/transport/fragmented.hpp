// SPDX-License-Identifier: MIT
// Frames in packets that are smaller than they are: LoRa, 802.15.4, BLE, CAN FD. weir/wire/README.md has it to the bit.
#pragma once

#include <string.h>

#include <weir/core/bytes.hpp>
#include <weir/core/crc.hpp>
#include <weir/policy/transport.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// A set of units, 8 bytes each, of a datagram of at most Bytes bytes. All-zero is empty.
template <size_t Bytes>
class unit_set {
 public:
  static constexpr size_t unit() noexcept { return 8; }
  static constexpr size_t units(size_t bytes) noexcept { return (bytes + unit() - 1) / unit(); }

  bool has(size_t i) const noexcept { return ((bits_[i >> 3] >> (i & 7)) & 1) != 0; }
  void put(size_t i) noexcept { bits_[i >> 3] = static_cast<uint8_t>(bits_[i >> 3] | (1u << (i & 7))); }
  void take(size_t i) noexcept { bits_[i >> 3] = static_cast<uint8_t>(bits_[i >> 3] & ~(1u << (i & 7))); }
  void clear() noexcept { memset(bits_, 0, sizeof bits_); }
  /// The first one at or behind `from` that is here, or is not; `end` if there is none.
  size_t next(size_t from, size_t end, bool here) const noexcept {
    while (from < end && has(from) != here) ++from;
    return from;
  }

 private:
  uint8_t bits_[(units(Bytes) + 7) / 8];
};

}  // namespace detail

/// Datagrams of up to Bytes bytes over a line whose packets are smaller, from 20 bytes up; Packet is the most that is used
/// of them, mtu() of the line what it carries now (a data rate may change it between two packets of one datagram). What fits
/// a packet goes as it is. Pieces have 2 to 4 bytes of their own, and may come in any order, repeated and overlapping.
/// A receiver that hears nothing more for `report_ms` says what it misses, and only that is sent again; after six times
/// in vain, ever more slowly, it gives up. So `report_ms` must be longer than the line's pause between two packets.
///
/// Lines must be told the time (tick, which worker and coordinator do in poll), or nothing is repeated, and nothing given
/// up but for what comes next. Between them and a coordinator stands weir::buffered.
/// RAM: Bytes, Bytes / 32 and some 40; Packet on the stack.
template <class Transport, size_t Bytes, size_t Packet>
class fragmented : private detail::require_transport<Transport> {
  static_assert(!detail::transport_has_idle<Transport>::value,
                "weir: fragmented<> is for datagrams; a byte stream carries frames of any size");
  static_assert(Packet >= 20, "weir: fragmented<> needs packets of at least 20 bytes");
  static_assert(Bytes <= 0x7fff || sizeof(size_t) > 2, "weir: too large for this machine");
  static_assert(Bytes < 0x800000, "weir: fragmented<> carries datagrams of less than 8 MiB");
  typedef detail::unit_set<Bytes> unit_set;

 public:
  explicit fragmented(Transport line, uint16_t report_ms = 500) noexcept
      : line_(line),
        now_ms_(0),
        report_ms_(report_ms),
        data_(nullptr),
        size_(0),
        tag_(0),
        left_(),
        here_(),
        tag_in_(0),
        state_in_(nothing_yet),
        reports_(0),
        total_(0),
        end_(0),
        heard_ms_(0) {}

  static constexpr size_t mtu() noexcept { return Bytes; }

  /// ok: the bytes must stay as they are until idle(). When they have changed later, pieces that got lost are not repeated.
  status send(const_bytes datagram) noexcept {
    if (datagram.size() > Bytes || line_mtu() < 20) return status::too_big;
    if (!pump()) return status::busy;
    size_ = 0;
    if (datagram.empty() || (datagram.size() <= line_mtu() && !is_marked(datagram[0]))) return line_.send(datagram);
    data_ = datagram.data();
    size_ = datagram.size();
    check_ = crc32c(datagram);
    tag_ = next_tag(tag_);
    for (size_t i = 0; i < unit_set::units(size_); ++i) left_.put(i);
    pump();
    return status::ok;
  }

  /// Nothing left to send: the last datagram's bytes are free.
  bool idle() noexcept { return pump(); }

  /// What time it is. May wrap.
  void tick(uint32_t now_ms) noexcept {
    now_ms_ = now_ms;
    detail::tell_time(line_, now_ms);
  }

  /// Takes 16 packets at most: a flood without end must not keep the caller from its work.
  __attribute__((noinline)) size_t receive(bytes into) noexcept {
    pump();
    size_t size = 0;
    for (uint8_t packets = 16; packets != 0 && take(into, size); --packets)
      if (size != 0) return size;
    report_when_due();
    return 0;
  }

 private:
  enum state : uint8_t { nothing_yet, gathering, finished };

  // 111k tttt: k is 0 for a piece, 1 for a report; t the tag.
  static constexpr uint8_t piece_mark() noexcept { return 0xe0; }
  static constexpr uint8_t report_mark() noexcept { return 0xf0; }
  static constexpr bool is_marked(uint8_t first) noexcept { return first >= 0xe0; }
  static constexpr uint8_t next_tag(uint8_t t) noexcept { return static_cast<uint8_t>((t + 1) & 15); }
  static constexpr uint8_t most_reports() noexcept { return 6; }

  size_t line_mtu() const noexcept {
    const size_t m = line_.mtu();
    return m < Packet ? m : Packet;
  }

  // ---- the way out

  // Sends what the line takes; true when nothing is left.
  __attribute__((noinline)) bool pump() noexcept {  // its packet and that of take() are not on the stack together
    const size_t end = unit_set::units(size_);
    for (size_t first; (first = left_.next(0, end, true)) < end;) {
      if (line_mtu() < 20) return false;  // until they are larger again
      uint8_t packet[Packet];
      byte_writer w(bytes(packet, line_mtu()));
      w.put8(static_cast<uint8_t>(piece_mark() | tag_));
      const size_t most = (line_mtu() - header_bytes(first)) / unit_set::unit();
      const size_t limit = end - first < most ? end : first + most;
      const size_t last = left_.next(first, limit, false);
      w.put_varint(static_cast<uint32_t>(first) * 2 + (last == end ? 1 : 0));
      const size_t at = first * unit_set::unit();
      const size_t size = (last == end ? size_ : last * unit_set::unit()) - at;
      memcpy(w.rest().data(), data_ + at, size);
      w.skip(size);
      if (line_.send(const_bytes(packet, w.size())) != status::ok) return false;
      for (size_t i = first; i < last; ++i) left_.take(i);
    }
    return true;
  }
  static constexpr size_t header_bytes(size_t first) noexcept { return first < 0x40 ? 2 : first < 0x2000 ? 3 : 4; }

  // Somebody misses units: those whose bit is set, and all behind the bits if it never heard the end.
  void repeat(byte_reader& r) noexcept {
    const uint32_t v = r.get_varint();
    const size_t end = unit_set::units(size_);
    if (!r.ok() || v >> 1 >= end || crc32c(const_bytes(data_, size_)) != check_) return;
    const const_bytes bits = r.rest();
    const bool open = (v & 1) != 0;
    size_t unit = static_cast<size_t>(v >> 1);
    for (size_t i = 0; unit < end; ++i, ++unit)
      if (i / 8 < bits.size() ? ((bits[i / 8] >> (i & 7)) & 1) != 0 : open) left_.put(unit);
  }

  // ---- the way in

  // Takes a packet; false if there is none. `size` is that of the datagram which is whole now.
  __attribute__((noinline)) bool take(bytes into, size_t& size) noexcept {
    uint8_t packet[Packet];
    const size_t count = line_.receive(bytes(packet));
    if (count == 0) return false;
    const uint8_t tag = packet[0] & 15;
    byte_reader r(const_bytes(packet, count).after(1));
    const uint8_t* whole = packet;
    size_t bytes_of = count;
    if (is_marked(packet[0])) {
      whole = gathered_;
      bytes_of = 0;
      if (packet[0] >= report_mark()) {
        if (size_ != 0 && tag == tag_) repeat(r);
      } else if (expects(tag) && gather(r)) {
        state_in_ = finished;
        bytes_of = total_;
      }
    }
    deliver(const_bytes(whole, bytes_of), into, size);
    return true;
  }
  static void deliver(const_bytes datagram, bytes into, size_t& size) noexcept {
    if (datagram.size() > into.size()) return;  // lost, as on any network
    memcpy(into.data(), datagram.data(), datagram.size());
    size = datagram.size();
  }

  // Is a piece with this tag of the datagram that is being gathered, or of a new one? Else it comes late, or again.
  bool expects(uint8_t tag) noexcept {
    const uint8_t ahead = static_cast<uint8_t>((tag - tag_in_) & 15);
    if (state_in_ == gathering && (ahead == 0 || ahead > 8)) return ahead == 0;
    if (state_in_ == finished && ahead == 0 && !quiet(most_reports())) return false;
    tag_in_ = tag;
    state_in_ = gathering;
    here_.clear();
    total_ = 0;
    end_ = 0;
    heard();
    return true;
  }
  // True when the datagram is whole. A piece that contradicts what is known is dropped.
  bool gather(byte_reader& r) noexcept {
    const uint32_t v = r.get_varint();
    const const_bytes piece = r.rest();
    const bool last = (v & 1) != 0;
    const uint32_t first = v >> 1;
    if (!r.ok() || piece.empty() || first > Bytes / unit_set::unit()) return false;
    const size_t at = static_cast<size_t>(first) * unit_set::unit();
    if (piece.size() > Bytes - at || (!last && piece.size() % unit_set::unit() != 0)) return false;
    const size_t to = at + piece.size();
    if (last ? (to < end_ || (total_ != 0 && to != total_)) : (total_ != 0 && to > total_)) return false;
    if (last) total_ = to;
    if (to > end_) end_ = to;
    memcpy(gathered_ + at, piece.data(), piece.size());
    for (size_t i = at / unit_set::unit(); i < unit_set::units(to); ++i) {
      if (!here_.has(i)) heard();
      here_.put(i);
    }
    const size_t end = unit_set::units(total_);
    return total_ != 0 && here_.next(0, end, false) == end;
  }
  __attribute__((noinline)) void heard() noexcept {
    heard_ms_ = now_ms_;
    reports_ = 0;
  }
  // Has nothing new been heard for so long? (Six doublings: pieces of a datagram that was whole, or given up, may come till then.)
  __attribute__((noinline)) bool quiet(uint8_t doublings) const noexcept {
    return now_ms_ - heard_ms_ >= static_cast<uint32_t>(report_ms_) << doublings;
  }

  void report_when_due() noexcept {
    if (state_in_ != gathering) return;
    if (!quiet(reports_)) return;
    if (reports_ == most_reports())
      state_in_ = nothing_yet;
    else if (report())
      ++reports_;
  }
  bool report() noexcept {
    const size_t end = unit_set::units(end_);
    const size_t first = here_.next(0, end, false);
    uint8_t packet[20];  // as many bits as fit; the rest is reported when these have come
    byte_writer w{bytes(packet)};
    w.put8(static_cast<uint8_t>(report_mark() | tag_in_));
    const size_t room = sizeof packet - header_bytes(first);
    const bool open = total_ == 0 && end - first <= 8 * room;  // all behind is missing, too
    w.put_varint(static_cast<uint32_t>(first) * 2 + (open ? 1 : 0));
    for (size_t unit = first; unit < end && w.size() < sizeof packet;) {
      uint8_t missing = 0;
      for (uint8_t mask = 1; mask != 0; mask = static_cast<uint8_t>(mask << 1), ++unit)
        if (unit < end ? !here_.has(unit) : open) missing = static_cast<uint8_t>(missing | mask);
      w.put8(missing);
    }
    return line_.send(const_bytes(packet, w.size())) == status::ok;
  }

  Transport line_;
  uint32_t now_ms_;
  uint16_t report_ms_;
  // Out: what the caller's datagram still has to send.
  const uint8_t* data_;
  size_t size_;  // 0: nothing to repeat
  uint32_t check_;
  uint8_t tag_;
  unit_set left_;
  // In: what has come of a datagram.
  unit_set here_;
  uint8_t tag_in_;
  state state_in_;
  uint8_t reports_;
  size_t total_;  // its size, 0: not known yet
  size_t end_;    // bytes up to here have been heard of
  uint32_t heard_ms_;
  uint8_t gathered_[Bytes];
};

}  // namespace WEIR_ABI
}  // namespace weir
