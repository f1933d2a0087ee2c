// SPDX-License-Identifier: MIT
// A worker's part of the protocol (weir/wire/README.md, "Who says what when"), without the model: counters, what has been
// asked, what follows from what arrives, what is to be said next. The worker does what concerns weights and residual.
#pragma once

#include <weir/core/serial.hpp>
#include <weir/fleet.hpp>
#include <weir/policy/saving.hpp>
#include <weir/wire/acks.hpp>
#include <weir/wire/bodies.hpp>
#include <weir/wire/frame.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// What a worker has to say next.
enum class turn : uint8_t {
  nothing,
  request,        ///< the one under way, once more
  join,           ///< a new request
  ask_broadcast,  ///< the same
  ask_piece,      ///< the same
  leave,          ///< the same
  frame,          ///< the update in flight
  update          ///< a new one may be made
};

/// What a welcome brings about.
struct welcomed {
  status result;
  bool write_off;  ///< residual and frame are older than what the coordinator knows: they would count twice
  bool taken;      ///< the terms hold: hint, steps, a new round
};

/// All-zero until begin(). (What is not inlined is called from many places: 140 bytes of an AVR's flash.)
class worker_protocol {
 public:
  void begin(uint16_t rank, uint16_t boot) noexcept {
    rank_ = rank;
    sequence_ = boot;
    set_resend_ms(0);
  }
  /// What of a former life came back.
  template <class Number>
  void resume(recovery r, const worker_life<Number>& life) noexcept {
    recovered_ = static_cast<uint8_t>(r) & 3;
    claiming_ = r == recovery::counters;  // frames of the former life may be on their way
    weightless_ = r != recovery::all;
    sequence_ = life.sequence;
    ranks_ = life.ranks;
    epoch_ = life.epoch;
    not_before_ = round_ = life.round_number;
    frame_size_ = life.frame_size;
  }

  recovery recovered() const noexcept { return static_cast<recovery>(recovered_); }
  membership member_state() const noexcept { return membership_; }
  status refusal() const noexcept { return refusal_; }
  uint16_t round_number() const noexcept { return round_; }
  uint16_t rank() const noexcept { return rank_; }
  uint16_t ranks() const noexcept { return ranks_; }
  uint16_t epoch() const noexcept { return epoch_; }
  /// The fingerprint in a header.
  __attribute__((noinline)) uint16_t tag(uint32_t fingerprint, frame_kind k) const noexcept {
    return wire::tag(fingerprint, epoch_, k);
  }
  uint16_t sequence() const noexcept { return sequence_; }
  size_t frame_size() const noexcept { return frame_size_; }
  void set_resend_ms(uint16_t ms) noexcept {
    const uint16_t half = static_cast<uint16_t>((ms == 0 ? default_resend_ms() : ms) / 2);
    expected_ms_[0] = expected_ms_[1] = half;
    longest_ = static_cast<uint8_t>((half + 127u) >> 7);
  }

  // ---- what arrives: `ok` asks the worker to go on, all else has changed nothing ------------------------------------

  /// A broadcast: is it the next one? Then `body` is left with the encoder's, and `counted` says whether it acknowledges.
  status broadcast(const frame_header& h, const_bytes& body, bool& counted) noexcept;
  /// Its values have moved the weights.
  void applied(bool counted, uint32_t now_ms) noexcept;
  welcomed welcome(const frame_header& h, const_bytes body, welcome_body& b, uint32_t now_ms) noexcept;
  /// A piece of the weights, of which `first` is the first: is it the next one?
  status piece(const frame_header& h, uint32_t first) noexcept;
  /// Its weights are here, up to `end` of n.
  void fetched(const frame_header& h, index_t end, index_t n, uint32_t now_ms) noexcept;
  status acknowledgement(const frame_header& h, const_bytes body, uint32_t now_ms) noexcept;
  status refused(const_bytes body) noexcept;
  status farewell(const frame_header& h, const_bytes body) noexcept;

  /// Takes leave as soon as nothing is in flight.
  void leave() noexcept {
    departing_ = true;
    if (ranks_ != 0 && membership_ != membership::refused) return;  // the coordinator counts on it: in, and then out
    membership_ = membership::left;
    answered();
  }
  void come_back() noexcept {
    departing_ = false;
    rejoin();
  }

  // ---- what leaves ----------------------------------------------------------------------------------------------------

  /// `held_back`: the frame in flight may not leave yet. `ready`: there is enough for an update.
  turn next(uint32_t now_ms, bool held_back, bool ready) noexcept {
    const turn t = choose(now_ms, held_back, ready);
    if (t == turn::nothing) return t;
    timer_running_ = true;  // due until it is sent
    due_ms_ = now_ms;
    return t;
  }
  /// The header of a new update, which is in flight from now on.
  frame_header new_update(uint32_t fingerprint) noexcept {
    ++sequence_;
    return header(frame_kind::update, fingerprint);
  }
  void set_frame_size(size_t size) noexcept { frame_size_ = size; }
  const_bytes make_join(uint32_t fingerprint, uint32_t weights_hash, size_t frame_bytes) noexcept;
  const_bytes make_ask(uint32_t fingerprint, bool piece) noexcept;
  const_bytes make_leave(uint32_t fingerprint) noexcept { return sealed_request(frame_kind::leave, fingerprint, 0); }
  const_bytes request() const noexcept { return const_bytes(request_, request_size_); }
  /// What is under way left at now_ms: it comes again when no answer does, ever more slowly.
  __attribute__((noinline)) void sent(uint32_t now_ms) noexcept {
    timer_running_ = true;
    due_ms_ = now_ms + delay(tries_);
    if (tries_ < 4) ++tries_;
  }
  /// It has not left yet.
  void leaving(uint32_t now_ms) noexcept {
    if (timer_running_ && tries_ != 0) due_ms_ = now_ms + delay(static_cast<uint8_t>(tries_ - 1));
  }
  /// From now on until it is due again; never() if nothing is.
  uint32_t wait_ms(uint32_t now_ms) const noexcept {
    if (!timer_running_) return never();
    const int32_t left = static_cast<int32_t>(due_ms_ - now_ms);
    return left < 0 ? 0 : static_cast<uint32_t>(left);
  }
  static constexpr uint32_t never() noexcept { return 0xffffffff; }
  static constexpr uint16_t default_resend_ms() noexcept { return 4000; }

 private:
  turn choose(uint32_t now_ms, bool held_back, bool ready) noexcept;
  // What a join or ask has for a sequence, which its answer repeats.
  uint16_t number() const noexcept { return probing_ ? probe_ : sequence_; }
  frame_header header(frame_kind kind, uint32_t fingerprint) const noexcept {
    return frame_header{kind, tag(fingerprint, kind), rank_, number(), round_};
  }
  __attribute__((noinline)) const_bytes sealed_request(frame_kind kind, uint32_t fingerprint, size_t body) noexcept {
    request_size_ = static_cast<uint8_t>(wire::seal(header(kind, fingerprint), body, bytes(request_)));
    return request();
  }
  void rejoin() noexcept {
    membership_ = membership::joining;
    behind_ = 0;
    answered();
  }

  // What is waited for now: the answer to a request comes at once, that to an update when its round ends.
  uint8_t awaited() const noexcept { return request_size_ == 0 ? 1 : 0; }
  // Twice as long as answers take, and twice as long at each try, less up to a quarter, at each try and for each rank another
  // share: who was silenced together shall not come back together.
  uint32_t delay(uint8_t tries) const noexcept {
    const uint16_t most = expected_ms_[awaited()];
    const uint8_t share = static_cast<uint8_t>((rank_ ^ (rank_ >> 8)) * 151u + sequence_ * 61u + tries * 83u);
    const uint16_t less = static_cast<uint16_t>(static_cast<uint16_t>((most >> 7) * share) >> 3);
    return static_cast<uint32_t>(static_cast<uint16_t>(most - less)) << (tries + 1);
  }
  // An answer has come. If it may be to an earlier try, nobody knows how long it took (Karn and Partridge, SIGCOMM 1987): a
  // little longer, then, and not shorter.
  void learn(uint32_t now_ms) noexcept {
    if (!timer_running_) return;
    uint16_t& e = expected_ms_[awaited()];
    uint16_t took = e;
    if (tries_ == 1) {
      const uint32_t exact = now_ms - due_ms_ + delay(0);
      took = exact < 0x8000 ? static_cast<uint16_t>(exact) : uint16_t(0x7fff);
    } else {
      took = static_cast<uint16_t>(e + e / 2);
    }
    e = static_cast<uint16_t>(e - e / 4 + took / 4);
    const uint16_t longest = static_cast<uint16_t>(longest_ << 7);
    if (e > longest) e = longest;
    if (e < least_ms()) e = least_ms();
  }
  static constexpr uint16_t least_ms() noexcept { return 25; }
  // Something new is known: what is to be sent next is sent at once.
  __attribute__((noinline)) void answered() noexcept {
    timer_running_ = false;
    tries_ = 0;
    request_size_ = 0;
  }
  // A later broadcast than the next one has been seen: ask for the next ones, one after the other.
  status ahead(uint16_t seen) noexcept {
    const bool news = behind_ == 0;
    const uint8_t missing = missing_until(seen);
    if (missing > behind_) behind_ = missing;
    if (news) answered();
    return status::ahead;
  }
  // Broadcasts until that one; 15 stand for more.
  uint8_t missing_until(uint16_t round_number) const noexcept {
    const uint16_t n = static_cast<uint16_t>(round_number - round_);
    return n < 15 ? static_cast<uint8_t>(n) : uint8_t(15);
  }
  // What comes next goes out at once, unless it is the turn of the open round's broadcast: ask when that does not come.
  void proceed(uint32_t now_ms) noexcept {
    answered();
    if (not_before_ == static_cast<uint16_t>(round_ + 1)) sent(now_ms);
  }

  // Whole bytes: bit-fields of more than one bit take 200 bytes of an AVR's flash.
  uint8_t request_size_;
  uint8_t tries_;
  membership membership_;
  status refusal_;
  uint8_t behind_;     // later broadcasts have been seen: so many are missing
  bool claiming_ : 1;  // the coordinator has to confirm sequence_
  bool timer_running_ : 1;
  bool weightless_ : 1;  // the weights are not those of round_: a snapshot must come, whatever the coordinator believes
  uint8_t recovered_ : 2;  // a weir::recovery
  bool departing_ : 1;
  bool probing_ : 1;  // it joins with probe_
  uint8_t longest_;   // what is expected at most, in 128 ms
  uint16_t rank_;
  uint16_t ranks_;           // 0: not welcomed yet, and sequence_ is the boot number
  uint16_t epoch_;           // of the coordinator that welcomed it
  uint16_t sequence_;        // of the last update
  uint16_t round_;           // whose broadcast the weights have
  uint16_t not_before_;      // the next update waits for this round's broadcast
  uint16_t expected_ms_[2];  // so long answers take: to requests, to updates
  union {
    index_t fetched_;  // while fetching: weights below are here
    uint16_t probe_;   // while probing
  };
  uint32_t due_ms_;
  size_t frame_size_;    // of the update in flight; 0: none
  uint8_t request_[30];  // the join or ask under way; an update may be in flight beside it
};

inline status worker_protocol::broadcast(const frame_header& h, const_bytes& body, bool& counted) noexcept {
  const bool nothing_here = membership_ == membership::fetching && fetched_ == 0;
  if (nothing_here || !later(h.round_number, round_)) return status::stale;
  if (h.round_number != static_cast<uint16_t>(round_ + 1))
    return membership_ == membership::member || membership_ == membership::fetching ? ahead(h.round_number)
                                                                                    : status::ahead;
  counted = true;
  if (h.kind == frame_kind::broadcast_some) {
    if (ranks_ == 0) return status::ahead;  // not welcomed yet: the acknowledgements cannot be read
    byte_reader r(body);
    if (wire::get_acks(r, ranks_, rank_, counted) != status::ok) return status::malformed;
    body = r.rest();
  }
  return status::ok;
}

inline void worker_protocol::applied(bool counted, uint32_t now_ms) noexcept {
  if (request_size_ != 0 || (counted && frame_size_ != 0)) learn(now_ms);
  round_ = static_cast<uint16_t>(round_ + 1);
  if (!later(not_before_, round_)) not_before_ = round_;  // never so old that it seems to be of the future
  if (counted) frame_size_ = 0;
  if (behind_ != 0) --behind_;
  answered();
}

inline welcomed worker_protocol::welcome(const frame_header& h, const_bytes body, welcome_body& b,
                                         uint32_t now_ms) noexcept {
  welcomed w = {welcome_body::get(body, b), false, false};
  if (w.result != status::ok) return w;
  w.result = status::malformed;
  if (b.ranks <= rank_) return w;
  w.result = status::stale;
  // Only a join, or asking for a broadcast, is answered so; and only to this life.
  const bool asked = request_size_ != 0 && (membership_ != membership::fetching || behind_ != 0);
  if (!asked || b.answers != number()) return w;
  const bool used = later(b.last_sequence, sequence_);
  const bool other = ranks_ != 0 && b.epoch != epoch_;  // it knows nothing of what was said to its former life
  if (other != probing_) {
    // Or is it an old word of that former life? Only an answer to a number that is new tells for sure.
    probing_ = other;
    probe_ = static_cast<uint16_t>(now_ms * 40503u + sequence_ + 1);
    rejoin();
    w.result = status::ok;
    return w;
  }
  probing_ = false;
  w.write_off = other || (used && recovered() >= recovery::state);
  if (w.write_off) {
    frame_size_ = 0;
    recovered_ = static_cast<uint8_t>(recovery::counters) & 3;
    membership_ = membership::joining;
    behind_ = 0;
    claiming_ = true;
  }
  if (other) {
    ranks_ = 0;
    round_ = h.round_number;
    weightless_ = true;
  }
  epoch_ = b.epoch;
  if (ranks_ == 0 || (claiming_ && used)) {
    // A frame of a former life may be on its way: one, and what it has used nobody else may use.
    if (ranks_ == 0 && b.snapshot) {  // the initial weights are of no use, and their round may seem to be ahead
      round_ = h.round_number;
      weightless_ = true;
    }
    sequence_ = static_cast<uint16_t>(b.last_sequence + 1);
    claiming_ = true;
    ranks_ = b.ranks;
    learn(now_ms);
    answered();
    w.result = status::ok;
    return w;
  }
  if (weightless_ && !b.snapshot) return w;  // it answers a former life, which had them
  // (A node that was away for long may be more than half of all rounds behind: only the last 256 are of the past.)
  if (b.snapshot ? static_cast<uint16_t>(round_ - h.round_number - 1) < 0x100
                 : (b.behind ? !later(h.round_number, round_) : h.round_number != round_))
    return w;                                                           // it answers an older request
  if (frame_size_ == 0 && later(sequence_, b.last_sequence)) return w;  // from before that was used up
  w.result = status::ok;
  w.taken = true;
  learn(now_ms);
  claiming_ = false;
  ranks_ = b.ranks;
  if (!later(sequence_, b.last_sequence)) frame_size_ = 0;  // it has been applied
  if (used) sequence_ = b.last_sequence;
  behind_ = b.behind && !b.snapshot ? missing_until(h.round_number) : uint8_t(0);
  if (b.snapshot) {
    membership_ = membership::fetching;
    weightless_ = true;
    fetched_ = 0;
    round_ = h.round_number;  // nothing older will do
  } else if (!b.behind) {
    membership_ = membership::member;
    not_before_ = static_cast<uint16_t>(round_ + (b.counted ? 1 : 0));
    proceed(now_ms);
    return w;
  }
  answered();
  return w;
}

inline status worker_protocol::piece(const frame_header& h, uint32_t first) noexcept {
  if (membership_ != membership::fetching || first != fetched_ || later(round_, h.round_number)) return status::stale;
  if (first != 0 && h.round_number != round_)
    return ahead(h.round_number);  // what is here and what came are of different rounds
  return status::ok;
}

inline void worker_protocol::fetched(const frame_header& h, index_t end, index_t n, uint32_t now_ms) noexcept {
  learn(now_ms);
  round_ = h.round_number;
  fetched_ = end;
  if (end == n) {
    membership_ = membership::joining;  // once more, now with the right hash
    weightless_ = false;
  }
  answered();
}

inline status worker_protocol::acknowledgement(const frame_header& h, const_bytes body, uint32_t now_ms) noexcept {
  if (body.size() != 2) return status::malformed;
  if (load16(body.data()) != sequence_ || frame_size_ == 0) return status::stale;
  frame_size_ = 0;
  // The broadcast of that round will say "counted" of this update, not of a new one.
  if (later(h.round_number, not_before_)) not_before_ = h.round_number;
  if (membership_ == membership::member && request_size_ == 0) proceed(now_ms);
  return status::ok;
}

inline status worker_protocol::refused(const_bytes body) noexcept {
  if (body.size() != 1 || body[0] == 0 || body[0] > static_cast<uint8_t>(status::wrong_epoch)) return status::malformed;
  const status why = static_cast<status>(body[0]);
  if (why == status::wrong_epoch) {
    if (membership_ != membership::member && membership_ != membership::fetching) return status::stale;
    rejoin();
    return status::ok;
  }
  if (membership_ == membership::left) return status::stale;  // whoever has gone stays away
  if (membership_ == membership::member || membership_ == membership::fetching) {
    request_size_ = 0;  // what it asked for is of no use before it is in again
    behind_ = 0;
  }
  membership_ = membership::refused;
  refusal_ = why;
  return status::ok;
}

inline status worker_protocol::farewell(const frame_header& h, const_bytes body) noexcept {
  if (!body.empty()) return status::malformed;
  // An answer to this leave: one to a former leave is of a round before the update that was counted in between.
  const bool leaving = departing_ && membership_ == membership::member && request_size_ != 0 && frame_size_ == 0 &&
                       !later(not_before_, round_);
  if (!leaving || later(round_, h.round_number)) return status::stale;
  membership_ = membership::left;
  answered();
  return status::ok;
}

inline turn worker_protocol::choose(uint32_t now_ms, bool held_back, bool ready) noexcept {
  if (timer_running_ && static_cast<int32_t>(now_ms - due_ms_) < 0) return turn::nothing;
  timer_running_ = false;
  if (behind_ != 0 && tries_ == 2) {  // nobody knows that later broadcast; if there was one, the next will say so again
    behind_ = 0;
    answered();
  }
  if (request_size_ != 0) return turn::request;
  if (behind_ != 0) return turn::ask_broadcast;
  if (membership_ == membership::fetching) return turn::ask_piece;
  if (membership_ == membership::left) return turn::nothing;
  if (membership_ != membership::member) return turn::join;
  if (frame_size_ != 0) return held_back ? turn::nothing : turn::frame;
  if (later(not_before_, round_)) return turn::ask_broadcast;  // counted, but the broadcast that says more did not come
  if (departing_) return turn::leave;
  return ready ? turn::update : turn::nothing;
}

inline const_bytes worker_protocol::make_join(uint32_t fingerprint, uint32_t weights_hash,
                                              size_t frame_bytes) noexcept {
  const join_body j = {
      fingerprint, weights_hash, round_, epoch_, static_cast<uint32_t>(frame_bytes), claiming_ && !probing_,
      weightless_};
  byte_writer body(wire::body_room(frame_kind::join, rank_, bytes(request_)));
  j.put(body);
  return sealed_request(frame_kind::join, fingerprint, body.size());
}

inline const_bytes worker_protocol::make_ask(uint32_t fingerprint, bool piece) noexcept {
  const ask_body a = {round_, piece, fetched_};
  byte_writer body(wire::body_room(frame_kind::ask, rank_, bytes(request_)));
  a.put(body);
  return sealed_request(frame_kind::ask, fingerprint, body.size());
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
