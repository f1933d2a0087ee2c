// SPDX-License-Identifier: MIT
#pragma once

#include <weir/attendance.hpp>
#include <weir/broadcast_ring.hpp>
#include <weir/core/compact.hpp>
#include <weir/core/placed.hpp>
#include <weir/downlink.hpp>
#include <weir/fetching.hpp>
#include <weir/fleet.hpp>
#include <weir/kernel/largest.hpp>
#include <weir/observed_gate.hpp>
#include <weir/policy/transport.hpp>
#include <weir/wire/acks.hpp>
#include <weir/wire/bodies.hpp>
#include <weir/wire/frame.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {

/// Joins a coordinator to a hub of lines: see coordinator::poll.
template <class Machine, class Hub>
bool serve(Machine& machine, Hub& hub, bytes rx, uint32_t now_ms) {
  tell_time(hub, now_ms);
  // Past the deadline too: however seldom this is called, what has arrived counts. But a flood must not hold it up.
  for (uint16_t datagrams = 0; datagrams < machine.ranks() + 8 && machine.counted() < machine.awaited(); ++datagrams) {
    const size_t size = hub.receive(rx);
    if (size == 0) break;
    const auto o = machine.handle(const_bytes(rx.data(), size));
    if (!o.answer.empty()) hub.send(o.rank, o.answer);  // lost if the line is busy: the worker asks again
  }
  if (!machine.round_due(now_ms)) return false;
  hub.broadcast(machine.close_round(now_ms));
  return true;
}

}  // namespace detail

/// Aggregates updates and broadcasts what passes its own gate. Its weights change only by its broadcasts, so every
/// up-to-date node holds the same weights, bit for bit.
///
/// Frames have at most FrameBytes bytes, both ways; Ring broadcasts are kept for those that missed one. Updates count by
/// sequence alone: at or below the last one applied they are acknowledged again and change nothing. All-zero until
/// begin(); no heap; sizeof is all the RAM there is: weights, residual, 2 bytes and two bits a rank, Ring + 2 frames.
///
/// The machine has no I/O: handle() takes a datagram and may give an answer for its sender, close_round() gives a
/// broadcast. poll() joins it to a hub of lines.
template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes = 64, uint8_t Ring = 4>
class coordinator : private detail::compact<typename Link::observer_type::template state<Model::parameters()>> {
  static_assert(MaxRanks >= 1 && MaxRanks <= wire::max_ranks(), "weir: a coordinator has 1 to 16,384 ranks");
  static_assert(FrameBytes >= 48, "weir: FrameBytes must be at least 48, or a frame could be too small for one weight");
  static_assert(FrameBytes / 48 >= detail::encoder_segments<typename Link::down_type>::count(),
                "weir: FrameBytes must be at least 48 for each of the encoder's segments");
  typedef weir::number<Number> format;
  typedef typename format::value value;
  typedef typename Link::up_type up_type;
  typedef typename Link::down_type down_type;
  typedef typename Link::threshold_type threshold_type;
  typedef detail::compact<typename Link::observer_type::template state<Model::parameters()>> observer_memory;

 public:
  typedef typename format::weight weight;
  typedef typename format::aggregate aggregate;

  static uint32_t fingerprint() noexcept {
    constexpr uint32_t value = fleet_fingerprint<Number, Model, up_type, down_type>();  // by the compiler
    return value;
  }

  /// Sets the initial weights from the fleet's seed and everything else to zero; round 1 is open. `epoch`: another number
  /// whenever a coordinator of this fleet starts so, without what it knew (noise will do, or a count): workers that knew its
  /// former life then write off what was meant for that, and take this one's weights.
  void begin(const Link& link, const fleet_terms& terms, uint32_t seed = 1, uint32_t now_ms = 0,
             uint16_t epoch = 0) noexcept {
    memset(static_cast<void*>(this), 0, sizeof *this);
    link_.set(link);
    terms_ = terms;
    if (terms_.ranks > MaxRanks) terms_.ranks = MaxRanks;
    if (terms_.ranks == 0) terms_.ranks = 1;
    if (terms_.quorum == 0 || terms_.quorum > terms_.ranks) terms_.quorum = terms_.ranks;
    opened_ms_ = now_ms;
    life_.epoch = epoch;
    Model::initialize(life_.weights, seed);
  }

  /// What handle() made of a datagram.
  struct outcome {
    status result;       ///< ok: taken; repeated: known already; else refused, and nothing has changed
    uint16_t rank;       ///< whom the answer is for
    const_bytes answer;  ///< to be sent back; may be empty; valid until the next call
  };

  /// Takes one datagram.
  outcome handle(const_bytes datagram) noexcept;

  /// Have enough ranks been counted, or has the deadline passed?
  bool round_due(uint32_t now_ms) const noexcept {
    return counted() >= awaited() || (terms_.deadline_ms != 0 && now_ms - opened_ms_ >= terms_.deadline_ms);
  }

  /// Closes the open round: what passes the gate moves the weights and is returned, to be broadcast. The datagram is
  /// valid for the next Ring - 1 rounds too.
  const_bytes close_round(uint32_t now_ms) noexcept;

  /// Takes what has arrived, answers, and closes the round when it is due. Returns whether it closed one.
  /// Hub: size_t receive(bytes), status send(rank, const_bytes), void broadcast(const_bytes); void tick(now_ms) if it
  /// wants to know the time.
  template <class Hub>
  bool poll(Hub& hub, uint32_t now_ms) noexcept {
    return detail::serve(*this, hub, bytes(rx_), now_ms);
  }

  /// All that must outlast a reset, as it lies in memory. A coordinator that is to go on where it was saves it before a
  /// broadcast or an answer leaves, and puts it back behind begin() with the same arguments, into a program of the same
  /// memory_id(); then resume(). (weir/host/durable_coordinator.hpp does so on a host, and only writes what is new.)
  bytes memory() noexcept { return bytes(reinterpret_cast<uint8_t*>(&life_), sizeof life_); }
  static uint32_t memory_id() noexcept {  // other kernels may round otherwise
    return mix(mix(fingerprint(), sizeof(life)), name_id(WEIR_ABI_NAME));
  }
  /// memory() has been put back: the open round is open since now_ms.
  void resume(uint32_t now_ms) noexcept { opened_ms_ = now_ms; }

  /// The largest frame, both ways.
  static constexpr size_t frame_bytes() noexcept { return FrameBytes; }
  /// The last closed round.
  uint16_t round_number() const noexcept { return life_.round; }
  uint16_t epoch() const noexcept { return life_.epoch; }
  /// Ranks counted in the open round.
  uint16_t counted() const noexcept { return life_.ranks.counted(); }
  /// Ranks to count before the round closes: the quorum, or all that have not left; at least one, or an empty fleet would be
  /// busy for ever.
  uint16_t awaited() const noexcept {
    const uint16_t there = static_cast<uint16_t>(terms_.ranks - life_.ranks.away());
    return there == 0 ? uint16_t(1) : there < terms_.quorum ? there : terms_.quorum;
  }
  uint16_t ranks() const noexcept { return terms_.ranks; }
  /// What the gate's last pass let through.
  const gate_report& report() const noexcept { return life_.gate.report; }
  /// Additions to single cells that did not fit the residual, or that the threshold cut off: written off.
  uint32_t saturated() const noexcept { return life_.saturated; }
  span<const weight> weights() const noexcept { return span<const weight>(life_.weights, Model::parameters()); }
  /// What has been taken in and not broadcast, in units of weight units / divisor.
  span<const aggregate> pending() const noexcept { return span<const aggregate>(life_.residual, Model::parameters()); }
  /// Units of the residual to one unit of a broadcast value.
  uint32_t divisor() const noexcept { return link().aggregation.divisor(terms_.ranks); }
  Link& link() noexcept { return link_.get(); }
  const Link& link() const noexcept { return link_.get(); }

  /// The largest output's index for one sample; activations[Model::elements()] is the caller's.
  template <class X>
  index_t predict(const X* x, weight* activations) const noexcept {
    return kernel::largest(Model::template forward<1>(static_cast<const weight*>(life_.weights), x, activations),
                           Model::outputs());
  }

 private:
  struct take_in {
    aggregate* cells;
    uint16_t gain;
    uint32_t* saturated;
    void operator()(index_t i, value v) const noexcept {
      if (!add_value(cells[i], v, gain)) ++*saturated;
    }
    void fetch(index_t i) const noexcept { __builtin_prefetch(cells + i, 1); }
  };

  uint16_t tag(frame_kind k) const noexcept { return wire::tag(fingerprint(), life_.epoch, k); }
  outcome handle_update(const frame_header& h, const_bytes body) noexcept;
  outcome handle_join(const frame_header& h, const_bytes body) noexcept;
  outcome handle_ask(const frame_header& h, const_bytes body) noexcept;
  outcome handle_leave(const frame_header& h, const_bytes body) noexcept;

  // Broadcasts that round r, known to be of the past, has missed: 0 if none.
  static constexpr uint16_t missed(uint16_t r, uint16_t now) noexcept { return static_cast<uint16_t>(now - r); }

  outcome nothing(status s) const noexcept { return outcome{s, 0, const_bytes()}; }
  bool acknowledges(const_bytes broadcast, uint16_t rank) const noexcept;
  outcome acknowledge(const frame_header& h, uint8_t behind) noexcept;
  outcome welcome(const frame_header& h, bool snapshot, bool behind) noexcept;
  outcome refuse(const frame_header& h, status why) noexcept;
  outcome answer(status s, frame_kind kind, uint16_t rank, uint16_t round, size_t body) noexcept {
    return answer(s, frame_header{kind, tag(kind), rank, 0, round}, body);
  }
  outcome answer(status s, const frame_header& h, size_t body) noexcept {
    return outcome{s, h.rank, const_bytes(answer_, wire::seal(h, body, bytes(answer_)))};
  }
  bytes answer_body(frame_kind kind, uint16_t rank) noexcept { return wire::body_room(kind, rank, bytes(answer_)); }

  // What must outlast a reset.
  struct life {
    weight weights[Model::parameters()];
    aggregate residual[Model::parameters()];
    gate_state<threshold_type, down_type> gate;
    detail::attendance<MaxRanks> ranks;
    uint16_t round;
    uint16_t epoch;
    uint32_t saturated;
    detail::broadcast_ring<FrameBytes, Ring> ring;
  };

  life life_;
  uint32_t opened_ms_;
  uint8_t rx_[FrameBytes];
  uint8_t answer_[FrameBytes];
  fleet_terms terms_;
  detail::placed<Link> link_;
};

template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
typename coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::outcome
coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::handle(const_bytes datagram) noexcept {
  frame_header h;
  const_bytes body;
  const status opened = wire::open(datagram, h, body);
  if (opened != status::ok) return nothing(opened);
  if (!from_worker(h.kind)) return nothing(status::wrong_kind);
  if (h.kind == frame_kind::join) return handle_join(h, body);
  if (h.fingerprint != tag(h.kind)) return refuse(h, status::wrong_epoch);
  if (h.rank >= terms_.ranks) return refuse(h, status::wrong_rank);
  if (h.kind == frame_kind::leave) return handle_leave(h, body);
  return h.kind == frame_kind::update ? handle_update(h, body) : handle_ask(h, body);
}

template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
typename coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::outcome
coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::handle_update(const frame_header& h,
                                                                            const_bytes body) noexcept {
  const uint8_t behind = static_cast<uint8_t>(life_.round - h.round_number);  // all that 8 bits can tell
  if (!life_.ranks.is_new(h.rank, h.sequence)) return acknowledge(h, behind);
  const index_t n = Model::parameters();
  const status checked = up_type::template check<value>(body, n);
  if (checked != status::ok) return refuse(h, checked);  // it would come again for ever, and nobody would know why
  const take_in sink = {life_.residual, link().aggregation.gain(behind), &life_.saturated};
  detail::decode_into<up_type, value, sizeof life_.residual>(body, n, sink);
  life_.ranks.use(h.rank, h.sequence);
  life_.ranks.count(h.rank);
  life_.ranks.set_away(h.rank, false);  // whoever said so, late
  return nothing(status::ok);
}

template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
typename coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::outcome
coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::handle_join(const frame_header& h,
                                                                          const_bytes body) noexcept {
  join_body j;
  const status got = join_body::get(body, j);
  if (got != status::ok) return nothing(got);
  if (j.fingerprint != fingerprint()) return refuse(h, status::wrong_model);
  if (h.rank >= terms_.ranks) return refuse(h, status::wrong_rank);
  if (j.frame_bytes != FrameBytes) return refuse(h, status::too_big);
  if (j.claim && j.epoch == life_.epoch && life_.ranks.is_new(h.rank, h.sequence)) life_.ranks.use(h.rank, h.sequence);
  const uint16_t behind = missed(j.round_number, life_.round);
  if (j.weightless) return welcome(h, true, false);
  if (behind == 0) return welcome(h, j.weights_hash != wire::hash(life_.weights, Model::parameters()), false);
  return welcome(h, !life_.ring.has(behind), true);
}

template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
typename coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::outcome
coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::handle_ask(const frame_header& h,
                                                                         const_bytes body) noexcept {
  ask_body a;
  const status got = ask_body::get(body, a);
  if (got != status::ok) return nothing(got);
  if (!a.piece) {
    const uint16_t behind = missed(a.round_number, life_.round);
    if (behind == 0) return nothing(status::ok);
    if (!life_.ring.has(behind)) return welcome(h, true, false);
    return outcome{status::ok, h.rank, life_.ring[static_cast<uint16_t>(a.round_number + 1)]};
  }
  const index_t n = Model::parameters();
  if (a.first >= n) return nothing(status::malformed);
  byte_writer w(answer_body(frame_kind::piece, h.rank));
  w.put_varint(a.first);
  const size_t each = format::weight_bytes();
  for (uint32_t i = a.first; i < n && w.rest().size() >= each; ++i) {
    wire::put_weight(w.rest().data(), life_.weights[i]);
    w.skip(each);
  }
  return answer(status::ok, frame_kind::piece, h.rank, life_.round, w.size());
}

// Rounds no longer wait for it. Said again, it is answered again.
template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
typename coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::outcome
coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::handle_leave(const frame_header& h,
                                                                           const_bytes body) noexcept {
  if (!body.empty()) return nothing(status::malformed);
  if (later(life_.ranks.last_sequence(h.rank), h.sequence)) return nothing(status::stale);  // it has come back since
  life_.ranks.set_away(h.rank, true);
  return answer(status::ok, frame_kind::farewell, h.rank, life_.round, 0);
}

// Does this broadcast say that the rank was counted?
template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
bool coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::acknowledges(const_bytes broadcast,
                                                                                uint16_t rank) const noexcept {
  frame_header h;
  const_bytes body;
  bool counted = false;
  if (wire::open(broadcast, h, body) != status::ok) return false;
  if (h.kind == frame_kind::broadcast) return true;
  byte_reader r(body);
  return wire::get_acks(r, terms_.ranks, rank, counted) == status::ok && counted;
}

// A known update came again. Either its acknowledgement is in the first broadcast that the worker had not seen when it
// made the update, and was lost with it; or it is in a later one, in none for want of room, or still to come.
template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
typename coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::outcome
coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::acknowledge(const frame_header& h,
                                                                          uint8_t behind) noexcept {
  if (life_.ring.has(behind)) {
    const const_bytes missed = life_.ring[static_cast<uint16_t>(life_.round - behind + 1)];
    if (acknowledges(missed, h.rank)) return outcome{status::repeated, h.rank, missed};
  }
  byte_writer w(answer_body(frame_kind::acknowledgement, h.rank));
  w.put16(h.sequence);
  const uint16_t counted_in =
      static_cast<uint16_t>(life_.round + (life_.ranks.is_counted(h.rank) ? 1 : 0));  // or before
  return answer(status::repeated, frame_kind::acknowledgement, h.rank, counted_in, w.size());
}

template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
typename coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::outcome
coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::welcome(const frame_header& h, bool snapshot,
                                                                      bool behind) noexcept {
  const welcome_body b = {terms_.ranks,
                          terms_.steps,
                          terms_.wt,
                          h.sequence,
                          life_.ranks.last_sequence(h.rank),
                          life_.epoch,
                          snapshot,
                          life_.ranks.is_counted(h.rank),
                          behind};
  byte_writer w(answer_body(frame_kind::welcome, h.rank));
  b.put(w);
  return answer(status::ok, frame_kind::welcome, h.rank, life_.round, w.size());
}

template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
typename coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::outcome
coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::refuse(const frame_header& h, status why) noexcept {
  byte_writer w(answer_body(frame_kind::refusal, h.rank));
  w.put8(static_cast<uint8_t>(why));
  // In words that the sender takes: a join has its own fingerprint.
  const uint16_t whose = h.kind == frame_kind::join ? h.fingerprint : tag(frame_kind::refusal);
  return answer(why, frame_header{frame_kind::refusal, whose, h.rank, 0, life_.round}, w.size());
}

template <class Number, class Model, class Link, uint16_t MaxRanks, size_t FrameBytes, uint8_t Ring>
const_bytes coordinator<Number, Model, Link, MaxRanks, FrameBytes, Ring>::close_round(uint32_t now_ms) noexcept {
  const bool all = counted() == terms_.ranks;
  const frame_kind kind = all ? frame_kind::broadcast : frame_kind::broadcast_some;
  ++life_.round;
  const bytes whole = life_.ring.room(life_.round);
  const bytes room = wire::body_room(kind, 0, whole);
  const size_t acks = all ? 0 : wire::put_acks(life_.ranks.bits(), terms_.ranks, room.first(room.size() / 2));

  const index_t n = Model::parameters();
  const size_t body = observed_gate(link().observer(), observer_memory::get(), life_.round, life_.residual, n,
                                    aggregate_grid(weight(), divisor()), link().threshold, link().encoder, life_.gate,
                                    room.after(acks), detail::no_fold(), detail::no_forget());
  if (detail::threshold_has_keep<threshold_type>::value) life_.saturated += life_.gate.report.clipped;
  const detail::apply_to<weight, value> sink = {life_.weights, true, detail::tell_nobody()};
  detail::decode_into<down_type, value, sizeof life_.weights>(const_bytes(room.data() + acks, body), n, sink);

  const frame_header h = {kind, tag(kind), 0, 0, life_.round};
  life_.ranks.open_round();
  opened_ms_ = now_ms;
  return life_.ring.keep(life_.round, wire::seal(h, acks + body, whole));
}

}  // namespace WEIR_ABI
}  // namespace weir
