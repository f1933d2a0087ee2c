// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/compact.hpp>
#include <weir/core/placed.hpp>
#include <weir/core/serial.hpp>
#include <weir/fetching.hpp>
#include <weir/fleet.hpp>
#include <weir/inference.hpp>
#include <weir/observed_gate.hpp>
#include <weir/pipeline.hpp>
#include <weir/trainer.hpp>
#include <weir/wire/acks.hpp>
#include <weir/wire/bodies.hpp>
#include <weir/wire/frame.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A device that trains: gathers updates behind Wt, sends what passes, applies what is broadcast.
///
/// Pipe is a weir::pipeline; Batch samples make a step; frames have at most FrameBytes bytes, both ways, like the
/// coordinator's. All-zero until begin(); no heap; sizeof is all the RAM there is: weights, residual, the optimizer's and
/// the local policy's state, 2 * Batch * Model::elements() activations and deltas, two frames, a request of 30 bytes,
/// the policies, and some sixty bytes of counters.
///
/// The machine has no I/O: handle() takes a datagram, outgoing() gives one. poll() joins it to the transport. What
/// outlasts a reset is the pipeline's Saving: save_nothing, save_counters, save_state; outgoing() saves as far as the
/// storage takes it at once, and holds a new frame back until it is saved.
template <class Number, class Model, class Loss, class Pipe, index_t Batch = 1, size_t FrameBytes = 64>
class worker
    : public detail::inference<worker<Number, Model, Loss, Pipe, Batch, FrameBytes>, Model, Loss,
                               typename number<Number>::weight>,
      private detail::compact<typename Pipe::saving_type::template state<Number, Model::parameters(), FrameBytes>>,
      private detail::compact<typename Pipe::observer_type::template state<Model::parameters()>> {
  static_assert(Batch >= 1, "weir: a batch has at least one sample");
  static_assert(FrameBytes >= 48, "weir: FrameBytes must be at least 48, or a frame could be too small for one weight");
  static_assert(FrameBytes / 48 >= detail::encoder_segments<typename Pipe::encoder_type>::count(),
                "weir: FrameBytes must be at least 48 for each of the encoder's segments");
  typedef typename Pipe::optimizer_type optimizer_type;
  typedef typename Pipe::threshold_type threshold_type;
  typedef typename Pipe::encoder_type encoder_type;
  typedef typename Pipe::down_type down_type;
  typedef typename Pipe::saving_type saving_type;
  typedef detail::compact<typename saving_type::template state<Number, Model::parameters(), FrameBytes>> saving_memory;
  typedef typename Pipe::observer_type::template state<Model::parameters()> observer_state;
  typedef worker_life<Number> life;
  typedef typename number<Number>::value value;
  typedef detail::trainer<Number, Model, Loss, optimizer_type, typename Pipe::local_type, Batch> training;

 public:
  typedef typename training::weight weight;
  typedef typename training::residual residual;
  typedef typename training::target target;

  static uint32_t fingerprint() noexcept {
    constexpr uint32_t value = fleet_fingerprint<Number, Model, encoder_type, down_type>();  // by the compiler
    return value;
  }

  /// Bytes that the pipeline's Saving needs of its storage.
  static constexpr size_t saved_bytes() noexcept {
    return saving_type::template bytes<Number, Model::parameters(), FrameBytes>();
  }

  /// Sets the initial weights from the fleet's seed and everything else to zero, then restores what was saved by a worker
  /// of the same model, formats, rank and seed; recovered() tells what. The worker then asks to join. `boot`: another number
  /// at each start, if the device has one (noise) and nothing saved; then no answer to its former life that the network
  /// kept is taken for one to this.
  void begin(const Pipe& pipe, rank_t rank, uint32_t seed = 1, uint16_t boot = 0) noexcept {
    memset(static_cast<void*>(this), 0, sizeof *this);
    pipe_.set(pipe);
    rank_ = rank.value;
    sequence_ = boot;
    training_.begin(seed, mix(rank_, boot));
    restore(seed);
  }
  /// What of a former life came back at begin().
  recovery recovered() const noexcept {
    return saving_type::most() == recovery::nothing ? recovery::nothing : static_cast<recovery>(recovered_);
  }
  /// Is anything saved? Not by save_nothing, nor when the storage has less than saved_bytes().
  bool saves() const noexcept { return saved_bytes() != 0 && pipe().saving().room() >= saved_bytes(); }

  /// One batch: x[Batch][inputs], targets[Batch]. Forward, loss, backward; the update gathers in the residual.
  template <class X, class T, class = typename enable_if<is_same<T, target>::value>::type>
  void train(const X* x, const T* targets) noexcept {
    training_.train(pipe().optimizer, x, targets, ranks_);
    if (batches_ != 0xffff) batches_ = static_cast<uint16_t>(batches_ + 1);
  }
  template <class X>
  void train(const X* x, target t) noexcept {
    static_assert(Batch == 1, "weir: with a batch of more than one sample, pass a pointer to the targets");
    train(x, &t);
  }

  /// Takes what has arrived and sends what is due. Never blocks. now_ms may wrap.
  void poll(uint32_t now_ms) noexcept {
    for (uint8_t datagrams = 0; datagrams < 8; ++datagrams) {  // a flood must not keep the device from its work
      const size_t size = pipe().transport.receive(bytes(rx_));
      if (size == 0) break;
      handle(const_bytes(rx_, size), now_ms);
    }
    if (!detail::is_idle(pipe().transport)) return;  // it still reads what outgoing() might write anew
    const const_bytes datagram = outgoing(now_ms);
    if (!datagram.empty() && pipe().transport.send(datagram) == status::ok) sent(now_ms);
  }

  /// Takes one datagram. Whatever is not ok has changed nothing; `ahead` makes the worker ask for what it missed.
  status handle(const_bytes datagram, uint32_t now_ms) noexcept;

  /// The datagram to send now, empty if none; it is valid, and offered again, until sent().
  __attribute__((noinline)) const_bytes outgoing(uint32_t now_ms) noexcept;  // not in poll(): its stack is not poll()'s
  /// The transport took the datagram of outgoing(); it comes again when no answer does, ever more slowly.
  void sent(uint32_t now_ms) noexcept {
    timer_running_ = true;
    due_ms_ = now_ms + (static_cast<uint32_t>(resend_ms_ == 0 ? default_resend_ms() : resend_ms_) << tries_);
    if (tries_ < 6) ++tries_;
  }

  /// Milliseconds until an unanswered frame is sent again, doubled at each try up to 64 times as long.
  void set_resend_ms(uint16_t ms) noexcept { resend_ms_ = ms; }
  static constexpr uint16_t default_resend_ms() noexcept { return 4000; }

  /// The outputs for one sample at the broadcast weights, which predict, loss and hit use too; valid until the next call of anything here.
  template <class X>
  const weight* outputs(const X* x) noexcept {
    return training_.outputs(x);
  }

  membership member_state() const noexcept { return membership_; }
  /// Why the coordinator refused, when member_state() is refused.
  status refusal() const noexcept { return refusal_; }
  /// The round whose broadcast the weights have.
  uint16_t round_number() const noexcept { return round_; }
  uint16_t rank() const noexcept { return rank_; }
  /// Batches trained since the last frame was made.
  uint16_t batches() const noexcept { return batches_; }
  /// Batches to a round.
  uint16_t steps_per_round() const noexcept { return pipe().local.steps; }
  /// The sequence of the last update.
  uint16_t sequence() const noexcept { return sequence_; }
  /// A frame waits for its acknowledgement, or to be saved before it leaves.
  bool in_flight() const noexcept { return frame_size_ != 0; }
  /// That frame; empty if there is none.
  const_bytes frame() const noexcept { return const_bytes(frame_, frame_size_); }
  /// What the gate's last pass let through.
  const gate_report& report() const noexcept { return gate_.report; }
  /// Updates to single cells that did not fit their residual, or that the threshold cut off: written off.
  uint32_t saturated() const noexcept { return training_.saturated(); }

  span<const weight> weights() noexcept { return span<const weight>(training_.weights(), Model::parameters()); }
  /// The updates not sent yet; what the last step left to fold is folded first.
  span<const residual> pending() noexcept {
    training_.settle(pipe().optimizer);
    return span<const residual>(training_.cells(), Model::parameters());
  }
  Pipe& pipe() noexcept { return pipe_.get(); }
  const Pipe& pipe() const noexcept { return pipe_.get(); }

 private:
  template <class Threshold>
  static void hint(const Threshold& threshold, typename Threshold::state& s, float wt, true_type) noexcept {
    threshold.hint(s, wt);
  }
  template <class Threshold>
  static void hint(const Threshold&, typename Threshold::state&, float, false_type) noexcept {}

  /// The largest frame, both ways.
  size_t frame_bytes() const noexcept {
    const size_t mtu = pipe().transport.mtu();
    return mtu < FrameBytes ? mtu : FrameBytes;
  }
  static uint16_t tag() noexcept { return static_cast<uint16_t>(fingerprint() & 0xffff); }

  life here() noexcept {
    const life l = {sequence_, round_, ranks_, frame_size_, frame_, training_.cells(), training_.weights()};
    return l;
  }
  void restore(uint32_t seed) noexcept {
    life l = here();
    const recovery r = pipe().saving().restore(saving_memory::get(), mix(mix(fingerprint(), rank_), seed), l);
    if (r == recovery::nothing) return;
    recovered_ = static_cast<uint8_t>(r) & 3;
    claiming_ = r == recovery::counters;  // frames of the former life may be on their way
    weightless_ = r != recovery::all;
    sequence_ = l.sequence;
    ranks_ = l.ranks;
    not_before_ = round_ = l.round_number;
    frame_size_ = l.frame_size;
  }
  // May the frame in flight leave? Saves what has to be saved before.
  bool saved() noexcept { return pipe().saving().ready(saving_memory::get(), here()); }
  // What was restored is older than what the coordinator knows: it would count twice.
  void write_off() noexcept {
    memset(static_cast<void*>(training_.cells()), 0, Model::parameters() * sizeof(residual));
    frame_size_ = 0;
    recovered_ = static_cast<uint8_t>(recovery::counters) & 3;
    membership_ = membership::joining;
    behind_ = false;
    claiming_ = true;
  }

  status handle_broadcast(const frame_header& h, const_bytes body) noexcept;
  status handle_welcome(const frame_header& h, const_bytes body, uint32_t now_ms) noexcept;
  status handle_piece(const frame_header& h, const_bytes body) noexcept;
  status handle_acknowledgement(const frame_header& h, const_bytes body, uint32_t now_ms) noexcept;

  void make_update() noexcept;
  const_bytes make_join() noexcept;
  const_bytes make_ask(bool piece) noexcept;
  const_bytes sealed_request(frame_kind kind, size_t body) noexcept;

  // Something new is known: what is to be sent next is sent at once.
  void answered() noexcept {
    timer_running_ = false;
    tries_ = 0;
    request_size_ = 0;
  }
  // A later broadcast than the next one has been seen: ask for the next one.
  status ahead() noexcept {
    if (!behind_) {
      behind_ = true;
      answered();
    }
    return status::ahead;
  }
  // What comes next goes out at once, unless it is the turn of the open round's broadcast: ask when that does not come.
  void proceed(uint32_t now_ms) noexcept {
    answered();
    if (not_before_ == static_cast<uint16_t>(round_ + 1)) sent(now_ms);
  }

  // What is small comes first: an 8-bit machine reaches 64 bytes from a pointer in one instruction.
  uint8_t request_size_;
  membership membership_;
  status refusal_;
  bool behind_ : 1;    // a later broadcast than the next one has been seen
  bool claiming_ : 1;  // the coordinator has to confirm sequence_
  bool timer_running_ : 1;
  bool weightless_ : 1;  // the weights are not those of round_: a snapshot must come, whatever the coordinator believes
  uint8_t recovered_ : 2;  // a weir::recovery
  uint8_t tries_;
  uint16_t rank_;
  uint16_t ranks_;       // 0: not welcomed yet, and sequence_ is the boot number
  uint16_t sequence_;    // of the last update
  uint16_t round_;       // whose broadcast the weights have
  uint16_t not_before_;  // the next update waits for this round's broadcast
  uint16_t batches_;
  uint16_t resend_ms_;
  index_t fetched_;  // weights below are here
  uint32_t due_ms_;
  size_t frame_size_;
  detail::placed<Pipe> pipe_;
  gate_state<threshold_type, encoder_type> gate_;
  uint8_t request_[30];        // the join or ask under way; an update may be in flight beside it
  uint8_t frame_[FrameBytes];  // the update in flight
  uint8_t rx_[FrameBytes];
  training training_;
};

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
status worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::handle(const_bytes datagram, uint32_t now_ms) noexcept {
  frame_header h;
  const_bytes body;
  const status opened = wire::open(datagram, h, body);
  if (opened != status::ok) return opened;
  if (from_worker(h.kind)) return status::wrong_kind;
  if (h.fingerprint != tag()) return status::wrong_model;
  if (is_broadcast(h.kind)) return handle_broadcast(h, body);
  if (h.rank != rank_) return status::wrong_rank;
  switch (h.kind) {
    case frame_kind::welcome: return handle_welcome(h, body, now_ms);
    case frame_kind::piece: return handle_piece(h, body);
    case frame_kind::acknowledgement: return handle_acknowledgement(h, body, now_ms);
    case frame_kind::refusal:
      if (body.size() != 1 || body[0] == 0 || body[0] > static_cast<uint8_t>(status::too_big)) return status::malformed;
      membership_ = membership::refused;
      refusal_ = static_cast<status>(body[0]);
      return status::ok;
    default: return status::wrong_kind;
  }
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
status worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::handle_broadcast(const frame_header& h,
                                                                              const_bytes body) noexcept {
  const uint16_t next = static_cast<uint16_t>(round_ + 1);
  const bool nothing_here = membership_ == membership::fetching && fetched_ == 0;
  if (nothing_here || !later(h.round_number, round_)) return status::stale;
  if (h.round_number != next)
    return membership_ == membership::member || membership_ == membership::fetching ? ahead() : status::ahead;
  bool counted = true;
  if (h.kind == frame_kind::broadcast_some) {
    if (ranks_ == 0) return status::ahead;  // not welcomed yet: the acknowledgements cannot be read
    byte_reader r(body);
    if (wire::get_acks(r, ranks_, rank_, counted) != status::ok) return status::malformed;
    body = r.rest();
  }
  // Looked at first, so that a malformed body changes nothing. (One sink: the decoder is in flash but once.)
  typedef typename training::receiving receiving;
  detail::apply_to<weight, value, receiving> sink = {training_.weights(), false,
                                                     receiving(training_, pipe().optimizer)};
  for (uint8_t pass = 0; pass < 2; ++pass) {
    const status decoded =
        detail::decode_into<down_type, value, Model::parameters() * sizeof(weight)>(body, Model::parameters(), sink);
    if (decoded != status::ok) return decoded;
    sink.live = true;  // while fetching, pieces come over what is not here yet
  }
  round_ = next;
  if (!later(not_before_, round_)) not_before_ = round_;  // never so old that it seems to be of the future
  training_.start_round();
  if (counted) frame_size_ = 0;
  behind_ = false;
  answered();
  return status::ok;
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
status worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::handle_welcome(const frame_header& h, const_bytes body,
                                                                            uint32_t now_ms) noexcept {
  welcome_body b;
  const status got = welcome_body::get(body, b);
  if (got != status::ok) return got;
  if (b.ranks <= rank_) return status::malformed;
  // Only a join, or asking for a broadcast, is answered so; and only to this life.
  const bool asked = request_size_ != 0 && (membership_ != membership::fetching || behind_);
  if (!asked || b.answers != sequence_) return status::stale;
  if (recovered() >= recovery::state && later(b.last_sequence, sequence_)) write_off();
  if (ranks_ == 0 || (claiming_ && later(b.last_sequence, sequence_))) {
    // A frame of a former life may be on its way: one, and what it has used nobody else may use.
    if (ranks_ == 0 && b.snapshot) {  // the initial weights are of no use, and their round may seem to be ahead
      round_ = h.round_number;
      weightless_ = true;
    }
    sequence_ = static_cast<uint16_t>(b.last_sequence + 1);
    claiming_ = true;
    ranks_ = b.ranks;
    answered();
    return status::ok;
  }
  // (A node that was away for long may be more than half of all rounds behind: only the last 4,096 are of the past.)
  if (b.snapshot ? static_cast<uint16_t>(round_ - h.round_number - 1) < 0x1000
                 : (b.behind ? !later(h.round_number, round_) : h.round_number != round_))
    return status::stale;                                                           // it answers an older request
  if (frame_size_ == 0 && later(sequence_, b.last_sequence)) return status::stale;  // from before that was used up
  if (weightless_ && !b.snapshot) return status::stale;  // it answers a former life, which had them
  claiming_ = false;
  ranks_ = b.ranks;
  if (b.steps != 0) pipe().local.steps = b.steps;
  if (b.wt > 0) hint(pipe().threshold, gate_, b.wt, bool_constant<detail::threshold_has_hint<threshold_type>::value>());
  if (!later(sequence_, b.last_sequence)) frame_size_ = 0;  // it has been applied
  if (later(b.last_sequence, sequence_)) sequence_ = b.last_sequence;
  behind_ = b.behind && !b.snapshot;
  if (b.snapshot) {
    membership_ = membership::fetching;
    weightless_ = true;
    fetched_ = 0;
    round_ = h.round_number;  // nothing older will do
  } else if (!b.behind) {
    membership_ = membership::member;
    training_.start_round();
    not_before_ = static_cast<uint16_t>(round_ + (b.counted ? 1 : 0));
    proceed(now_ms);
    return status::ok;
  }
  answered();
  return status::ok;
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
status worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::handle_piece(const frame_header& h,
                                                                          const_bytes body) noexcept {
  if (membership_ != membership::fetching) return status::stale;
  byte_reader r(body);
  const uint32_t first = r.get_varint();
  const size_t each = number<Number>::weight_bytes();
  const const_bytes raw = r.rest();
  const size_t count = raw.size() / each;
  const index_t n = Model::parameters();
  if (!r.ok() || count == 0 || raw.size() % each != 0 || first >= n || count > n - first) return status::malformed;
  if (first != fetched_) return status::stale;
  if (later(round_, h.round_number)) return status::stale;
  if (first != 0 && h.round_number != round_) return ahead();  // what is here and what came are of different rounds
  for (size_t i = 0; i < count; ++i)
    wire::get_weight(raw.data() + i * each, training_.weights()[static_cast<size_t>(first) + i]);
  round_ = h.round_number;
  fetched_ = static_cast<index_t>(first + count);
  if (fetched_ == n) {
    membership_ = membership::joining;  // once more, now with the right hash
    weightless_ = false;
  }
  answered();
  return status::ok;
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
status worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::handle_acknowledgement(const frame_header& h,
                                                                                    const_bytes body,
                                                                                    uint32_t now_ms) noexcept {
  if (body.size() != 2) return status::malformed;
  if (load16(body.data()) != sequence_ || frame_size_ == 0) return status::stale;
  frame_size_ = 0;
  // The broadcast of that round will say "counted" of this update, not of a new one.
  if (later(h.round_number, not_before_)) not_before_ = h.round_number;
  if (membership_ == membership::member && request_size_ == 0) proceed(now_ms);
  return status::ok;
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
void worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::make_update() noexcept {
  const bytes whole = bytes(frame_).first(frame_bytes());
  ++sequence_;
  const frame_header h = {frame_kind::update, tag(), rank_, sequence_, round_};
  const size_t body =
      observed_gate(pipe().observer(), detail::compact<observer_state>::get(), round_, training_.cells(),
                    Model::parameters(), worker_grid<number<Number>>::make(), pipe().threshold, pipe().encoder, gate_,
                    wire::body_room(h.kind, h.rank, whole), typename training::folding(training_, pipe().optimizer),
                    typename training::forgetting(training_, pipe().optimizer));
  if (detail::threshold_has_keep<threshold_type>::value) training_.write_off(gate_.report.clipped);
  frame_size_ = wire::seal(h, body, whole);
  batches_ = 0;
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
const_bytes worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::make_join() noexcept {
  join_body j = {fingerprint(), wire::hash(training_.weights(), Model::parameters()), round_,
                 static_cast<uint32_t>(frame_bytes()), claiming_};
  if (weightless_) {  // ask for a snapshot: another hash, and a round for which nobody has broadcasts
    j.weights_hash = ~j.weights_hash;
    j.round_number = static_cast<uint16_t>(round_ - 0x8000);
  }
  byte_writer body(wire::body_room(frame_kind::join, rank_, bytes(request_)));
  j.put(body);
  return sealed_request(frame_kind::join, body.size());
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
const_bytes worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::make_ask(bool piece) noexcept {
  const ask_body a = {round_, piece, fetched_};
  byte_writer body(wire::body_room(frame_kind::ask, rank_, bytes(request_)));
  a.put(body);
  return sealed_request(frame_kind::ask, body.size());
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
const_bytes worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::sealed_request(frame_kind kind,
                                                                                 size_t body) noexcept {
  const frame_header h = {kind, tag(), rank_, sequence_, round_};
  request_size_ = static_cast<uint8_t>(wire::seal(h, body, bytes(request_)));
  return const_bytes(request_, request_size_);
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
const_bytes worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::outgoing(uint32_t now_ms) noexcept {
  const bool held_back = frame_size_ != 0 && !saved();
  if (timer_running_ && static_cast<int32_t>(now_ms - due_ms_) < 0) return const_bytes();
  timer_running_ = false;
  if (behind_ && tries_ == 2) {  // nobody knows that later broadcast; if there was one, the next will say so again
    behind_ = false;
    answered();
  }
  if (request_size_ != 0) return const_bytes(request_, request_size_);
  if (behind_) return make_ask(false);
  if (membership_ == membership::fetching) return make_ask(true);
  if (membership_ != membership::member) return make_join();
  if (frame_size_ != 0) return held_back ? const_bytes() : frame();
  if (later(not_before_, round_)) return make_ask(false);  // counted, but the broadcast that says more did not come
  if (batches_ < pipe().local.steps) return const_bytes();
  make_update();
  return saved() ? frame() : const_bytes();
}

}  // namespace WEIR_ABI
}  // namespace weir
