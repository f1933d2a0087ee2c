// SPDX-License-Identifier: MIT
// What a line may say although nobody of the fleet said it: noise, half frames, what is no COBS, damaged frames, sound
// frames of other fleets, versions and ranks, and frames with a right check and a body that makes no sense. One seed says
// which. All are as near as can be to what would be believed: next round's broadcast, with one thing wrong.
//
// Nothing here is what a member would have to believe: there is no key on the wire, so a well-formed lie is none of this.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "support/mixed_fleet.hpp"

namespace test_support {

enum class hostile_kind {
  noise,      ///< random bytes
  broken,     ///< a run that promises more than there is before the zero
  half,       ///< a frame that ends early
  damaged,    ///< a frame with one to three bits turned
  endless,    ///< more than any frame has, without a zero
  version,    ///< sound, of another version of the protocol
  model,      ///< sound, of another model
  rank,       ///< sound, from or for another rank
  direction,  ///< a kind that goes the other way, or that does not exist
  malformed,  ///< the right version, model, rank, kind and check; the body makes no sense
  late,       ///< well-formed, but of the past, or asked for by nobody (to a worker)
  count
};

/// Net: of the fleet. `words` are said to a worker, or to a coordinator.
template <class Net>
class hostile_words {
  using worker_side = mixed::coordinator<Net, 1>;
  using kind = weir::frame_kind;

 public:
  /// To worker `rank`, or as if from it, in a fleet of `ranks`.
  hostile_words(std::uint32_t seed, bool to_worker, std::uint16_t rank, std::uint16_t ranks)
      : random_(seed), to_worker_(to_worker), rank_(rank), ranks_(ranks) {}

  /// The round whose broadcast everybody has.
  void set_round(std::uint16_t round) { round_ = round; }

  /// Something, a hundred bytes at most, that ends with a zero: the next word is heard.
  std::string next() { return next(static_cast<hostile_kind>(below(unsigned(hostile_kind::count)))); }
  std::string next(hostile_kind what) {
    switch (what) {
      case hostile_kind::noise: return bytes(1 + below(60), 0) + zero();
      case hostile_kind::broken: return static_cast<char>(10 + below(246)) + bytes(below(8), 1) + zero();
      case hostile_kind::half: {
        const std::string whole = sound(tag(), rank_);
        return stuffed(whole.substr(0, 1 + below(static_cast<unsigned>(whole.size()) - 1)));
      }
      case hostile_kind::damaged: {
        std::string frame = sound(tag(), rank_);
        const unsigned bits = 8 * static_cast<unsigned>(frame.size()), first = below(bits);
        for (unsigned i = below(3) + 1; i > 0; --i) {  // none twice
          const unsigned bit = (first + 11 * i) % bits;
          frame[bit / 8] = static_cast<char>(frame[bit / 8] ^ (1 << bit % 8));
        }
        return stuffed(frame);
      }
      case hostile_kind::endless: return std::string(90, static_cast<char>(1 + below(2))) + zero();
      case hostile_kind::version: {
        std::string frame = sound(tag(), rank_);
        frame[0] = static_cast<char>((frame[0] & 0x0f) | ((2 + below(14)) << 4));
        return stuffed(with_check(frame));
      }
      case hostile_kind::model:
        return stuffed(sound(static_cast<std::uint16_t>(tag() ^ (1 + below(0xffff))), rank_));  // its epoch is 0
      case hostile_kind::rank: return stuffed(sound(tag(), static_cast<std::uint16_t>(ranks_ + below(200))));
      case hostile_kind::direction: return stuffed(wrong_way());
      case hostile_kind::malformed: return stuffed(malformed());
      case hostile_kind::late: return to_worker_ ? stuffed(late()) : next(hostile_kind::malformed);
      case hostile_kind::count: break;
    }
    return zero();
  }

  /// So many bytes or a few more: noise, nothing but zeros, no zero at all, or words.
  enum class flood { noise, zeros, no_zero, words };
  std::string pour(flood of, std::size_t size) {
    std::string all;
    switch (of) {
      case flood::noise: all = bytes(static_cast<unsigned>(size), 0); break;
      case flood::zeros: all.assign(size, '\0'); break;
      case flood::no_zero: all = bytes(static_cast<unsigned>(size), 1); break;
      case flood::words:
        while (all.size() < size) all += next();
        break;
    }
    return all;
  }

 private:
  static std::uint16_t tag() { return static_cast<std::uint16_t>(worker_side::fingerprint() & 0xffff); }
  static std::string zero() { return std::string(1, '\0'); }
  unsigned below(unsigned limit) { return random_.below(limit); }
  std::string bytes(unsigned n, unsigned least) {
    std::string all(n, '\0');
    for (char& c : all) c = static_cast<char>(least + below(256 - least));
    return all;
  }

  static std::string stuffed(const std::string& frame) {
    std::string line;
    weir::cobs_sender sender{};
    sender.start(weir::const_bytes(reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size()));
    while (!sender.idle()) line += static_cast<char>(sender.next());
    return line;
  }
  static std::string with_check(std::string frame) {
    const std::size_t whole = frame.size() - weir::wire::check_bytes();
    auto* const p = reinterpret_cast<std::uint8_t*>(&frame[0]);
    weir::store32(p + whole, weir::crc32c(weir::const_bytes(p, whole)));
    return frame;
  }
  std::string frame(kind k, std::uint16_t fingerprint, std::uint16_t rank, std::uint16_t round,
                    const std::string& body) {
    std::uint8_t whole[96];
    const weir::frame_header h = {k, fingerprint, rank, static_cast<std::uint16_t>(below(0x10000)), round};
    const weir::bytes room = weir::wire::body_room(k, rank, weir::bytes(whole));
    std::copy(body.begin(), body.end(), room.data());
    const std::size_t size = weir::wire::seal(h, body.size(), weir::bytes(whole));
    return std::string(reinterpret_cast<const char*>(whole), size);
  }

  kind any(bool to_worker) {
    const kind there[] = {kind::broadcast, kind::broadcast_some,  kind::welcome,
                          kind::piece,     kind::acknowledgement, kind::refusal};
    const kind back[] = {kind::update, kind::join, kind::ask};
    return to_worker ? there[below(6)] : back[below(3)];
  }
  template <class Body>
  static std::string text_of(const Body& from) {
    std::uint8_t body[32];
    weir::byte_writer w{weir::bytes(body)};
    from.put(w);
    return std::string(reinterpret_cast<const char*>(body), w.size());
  }
  /// Some coordinates, as the fleet's encoder writes them.
  std::string coordinates() {
    using format = weir::number<mixed::number>;
    std::vector<typename format::residual> cells(Net::parameters());
    for (unsigned i = 1 + below(12); i > 0; --i) {
      const auto raw = static_cast<std::int16_t>(8192 + below(16384));
      cells[below(Net::parameters())].raw = below(2) != 0 ? raw : static_cast<std::int16_t>(-raw);
    }
    weir::gate_state<weir::fixed_wt, mixed::encoder> state{};
    std::uint8_t body[40];
    const std::size_t size =
        weir::gate(cells.data(), Net::parameters(), weir::worker_grid<format>::make(), weir::fixed_wt(1.0f / 64),
                   mixed::encoder(), state, weir::bytes(body), weir::detail::no_fold(), weir::detail::no_forget());
    return std::string(reinterpret_cast<const char*>(body), size);
  }
  /// A body that a member might have said.
  std::string sane_body(kind k, std::uint32_t fingerprint) {
    switch (k) {
      case kind::update:
      case kind::broadcast: return coordinates();
      case kind::broadcast_some: {
        const std::uint8_t counted[2] = {0xff, 0xff};  // of 16 ranks at most
        std::uint8_t acks[8];
        const std::size_t size = weir::wire::put_acks(counted, ranks_, weir::bytes(acks));
        return std::string(reinterpret_cast<const char*>(acks), size) + coordinates();
      }
      case kind::join:
        return text_of(weir::join_body{fingerprint, random_.next(), round_, 0, mixed::frame_bytes(), false, false});
      case kind::ask: return text_of(weir::ask_body{round_, below(2) != 0, below(Net::parameters())});
      case kind::welcome:
        return text_of(
            weir::welcome_body{ranks_, 1, 0.5f, small(), small(), 0, below(2) != 0, below(2) != 0, below(2) != 0});
      case kind::piece: return zero() + bytes(2 * (1 + below(16)), 0);
      case kind::acknowledgement: return std::string{static_cast<char>(small()), '\0'};
      case kind::leave:
      case kind::farewell: break;
      case kind::refusal: return std::string(1, static_cast<char>(1 + below(14)));
    }
    return std::string();
  }
  // As sequences and rounds are.
  std::uint16_t small() { return static_cast<std::uint16_t>(below(rounds_said())); }
  unsigned rounds_said() const { return 4u + (round_ & 0x3f); }

  /// As a member might have said it, but for fingerprint and rank.
  std::string sound(std::uint16_t fingerprint, std::uint16_t rank) {
    kind k = any(to_worker_);
    if (rank != rank_ && weir::is_broadcast(k)) k = kind::welcome;  // broadcasts have no rank
    // A join carries all of the fingerprint.
    const std::uint32_t whole =
        fingerprint == tag() ? worker_side::fingerprint() : worker_side::fingerprint() ^ 0x10000;
    return frame(k, fingerprint, rank, next_round(), sane_body(k, whole));
  }
  std::string wrong_way() {
    std::string f = frame(any(!to_worker_), tag(), rank_, round_, bytes(below(40), 0));
    const unsigned none[] = {0, 5, 6, 7, 15};
    if (below(2) == 0) f[0] = static_cast<char>((f[0] & 0xf0) | none[below(5)]);
    return with_check(f);
  }

  std::string malformed() { return malformed(any(to_worker_), next_round()); }
  // Sane but for a cut, more bytes, or a few other ones.
  std::string malformed(kind k, std::uint16_t round) {
    for (;;) {
      std::string body = sane_body(k, worker_side::fingerprint());
      const unsigned size = static_cast<unsigned>(body.size());
      switch (below(4)) {
        case 0: body.resize(below(size)); break;
        case 1: body += bytes(1 + below(4), 0); break;
        case 2: body[below(size)] = static_cast<char>(below(256)); break;
        default: body = bytes(1 + below(40), 0); break;
      }
      if (!body.empty() && !sane(k, body)) return frame(k, tag(), rank_, round, body);
    }
  }
  std::uint16_t next_round() const { return static_cast<std::uint16_t>(round_ + (to_worker_ ? 1 : 0)); }
  // Would a receiver take this body?
  bool sane(kind k, const std::string& text) const {
    weir::const_bytes body(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    weir::welcome_body w;
    weir::join_body j;
    weir::ask_body a;
    bool counted = false;
    switch (k) {
      case kind::broadcast_some: {
        weir::byte_reader r(body);
        if (weir::wire::get_acks(r, ranks_, rank_, counted) != weir::status::ok) return false;
        body = r.rest();
        [[fallthrough]];
      }
      case kind::broadcast:
      case kind::update:
        return mixed::encoder::template check<std::int32_t>(body, Net::parameters()) == weir::status::ok;
      case kind::welcome: return weir::welcome_body::get(body, w) == weir::status::ok && w.ranks > rank_;
      case kind::join: return weir::join_body::get(body, j) == weir::status::ok;
      case kind::ask:
        return weir::ask_body::get(body, a) == weir::status::ok && !(a.piece && a.first >= Net::parameters());
      case kind::acknowledgement: return body.size() == 2;
      case kind::leave:
      case kind::farewell: return body.empty();
      case kind::refusal: return body.size() == 1 && body[0] != 0 && body[0] <= std::uint8_t(weir::status::wrong_epoch);
      case kind::piece: {  // one that begins at the first weight might be waited for
        weir::byte_reader r(body);
        return r.get_varint() < Net::parameters() && r.ok();
      }
    }
    return true;
  }

  std::string late() {
    switch (below(3)) {
      case 0: return malformed(kind::broadcast, static_cast<std::uint16_t>(round_ - 1 - below(100)));
      case 1: return frame(kind::acknowledgement, tag(), rank_, round_, "\x34\x92");  // no sequence that is in use
      default:
        return frame(kind::welcome, tag(), rank_, round_,
                     text_of(weir::welcome_body{ranks_, 1, 0.5f, 0x9234, 0x9234, 0, below(2) != 0, below(2) != 0,
                                                below(2) != 0}));
    }
  }

  weir::random_bits random_;
  bool to_worker_;
  std::uint16_t rank_, ranks_;
  std::uint16_t round_ = 0;
};

}  // namespace test_support
