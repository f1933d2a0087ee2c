// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/compact.hpp>
#include <weir/core/placed.hpp>
#include <weir/fetching.hpp>
#include <weir/fleet.hpp>
#include <weir/inference.hpp>
#include <weir/observed_gate.hpp>
#include <weir/pipeline.hpp>
#include <weir/trainer.hpp>
#include <weir/worker_protocol.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// A device that trains: gathers updates behind Wt, sends what passes, applies what is broadcast.
///
/// Pipe is a weir::pipeline; Batch samples make a step; frames have at most FrameBytes bytes, both ways, like the
/// coordinator's. All-zero until begin(); no heap; sizeof is all the RAM there is: weights, residual, the optimizer's and
/// the local policy's state, Model::workspace activations and deltas, two frames, a request of 30 bytes,
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
    talk_.begin(rank.value, boot);
    training_.begin(seed, mix(rank.value, boot));
    restore(seed);
  }
  /// What of a former life came back at begin().
  recovery recovered() const noexcept {
    return saving_type::most() == recovery::nothing ? recovery::nothing : talk_.recovered();
  }
  /// Is anything saved? Not by save_nothing, nor when the storage has less than saved_bytes().
  bool saves() const noexcept { return saved_bytes() != 0 && pipe().saving().room() >= saved_bytes(); }

  /// One batch: x[Batch][inputs], targets[Batch]. Forward, loss, backward; the update gathers in the residual.
  template <class X, class T, class = typename enable_if<is_same<T, target>::value>::type>
  void train(const X* x, const T* targets) noexcept {
    training_.train(pipe().optimizer, x, targets, talk_.ranks());
    if (batches_ != 0xffff) batches_ = static_cast<uint16_t>(batches_ + 1);
  }
  template <class X>
  void train(const X* x, target t) noexcept {
    static_assert(Batch == 1, "weir: with a batch of more than one sample, pass a pointer to the targets");
    train(x, &t);
  }

  /// Takes what has arrived and sends what is due. Never blocks. now_ms may wrap.
  void poll(uint32_t now_ms) noexcept {
    detail::tell_time(pipe().transport, now_ms);
    for (uint8_t datagrams = 0; datagrams < 8; ++datagrams) {  // a flood must not keep the device from its work
      const size_t size = pipe().transport.receive(bytes(rx_));
      if (size == 0) break;
      handle(const_bytes(rx_, size), now_ms);
    }
    if (!detail::is_idle(pipe().transport)) return talk_.leaving(now_ms);  // it reads what outgoing() might write anew
    const const_bytes datagram = outgoing(now_ms);
    if (!datagram.empty() && pipe().transport.send(datagram) == status::ok) sent(now_ms);
  }

  /// Takes one datagram. Whatever is not ok has changed nothing; `ahead` makes the worker ask for what it missed.
  status handle(const_bytes datagram, uint32_t now_ms) noexcept;

  /// The datagram to send now, empty if none; it is valid, and offered again, until sent().
  __attribute__((noinline)) const_bytes outgoing(uint32_t now_ms) noexcept;  // not in poll(): its stack is not poll()'s
  /// The transport took the datagram of outgoing(); it comes again when no answer does, ever more slowly.
  void sent(uint32_t now_ms) noexcept { talk_.sent(now_ms); }

  /// Milliseconds from when it has left until an unanswered frame is sent again, less up to a quarter by chance; doubled at
  /// each try up to 16 times as long. It is the first guess only: then twice as long as answers have taken, for updates and
  /// for the rest by themselves. From 50 to 65,535; 0: as it is by default.
  void set_resend_ms(uint16_t ms) noexcept { talk_.set_resend_ms(ms); }
  /// How long a device may sleep if it does not train: until something arrives, or for so many milliseconds from now on
  /// (never(): for ever). Ask after poll(), or when outgoing() has nothing.
  uint32_t wait_ms(uint32_t now_ms) const noexcept { return talk_.wait_ms(now_ms); }
  static constexpr uint32_t never() noexcept { return detail::worker_protocol::never(); }
  static constexpr uint16_t default_resend_ms() noexcept { return detail::worker_protocol::default_resend_ms(); }

  /// Layers that carry state from batch to batch (recurrent ones, `carries_on`) begin anew with the next one.
  void begin_sequences() noexcept { training_.begin_sequences(); }

  /// The outputs for one sample at the broadcast weights, which predict, loss and hit use too; valid until the next call of anything here.
  template <class X>
  const weight* outputs(const X* x) noexcept {
    return training_.outputs(x);
  }

  /// Goes, politely: what is in flight arrives, then rounds no longer wait for this rank. What has not been sent stays.
  void leave() noexcept { talk_.leave(); }
  /// Joins again, after leave().
  void come_back() noexcept { talk_.come_back(); }

  membership member_state() const noexcept { return talk_.member_state(); }
  /// Why the coordinator refused, when member_state() is refused.
  status refusal() const noexcept { return talk_.refusal(); }
  /// The round whose broadcast the weights have.
  uint16_t round_number() const noexcept { return talk_.round_number(); }
  uint16_t rank() const noexcept { return talk_.rank(); }
  /// Of the coordinator that welcomed it.
  uint16_t epoch() const noexcept { return talk_.epoch(); }
  /// Batches trained since the last frame was made.
  uint16_t batches() const noexcept { return batches_; }
  /// Batches to a round.
  uint16_t steps_per_round() const noexcept { return pipe().local.steps; }
  /// The sequence of the last update.
  uint16_t sequence() const noexcept { return talk_.sequence(); }
  /// A frame waits for its acknowledgement, or to be saved before it leaves.
  bool in_flight() const noexcept { return talk_.frame_size() != 0; }
  /// That frame; empty if there is none.
  const_bytes frame() const noexcept { return const_bytes(frame_, talk_.frame_size()); }
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

  life here() noexcept {
    const life l = {talk_.sequence(), talk_.round_number(), talk_.ranks(),      talk_.epoch(), talk_.frame_size(),
                    frame_,           training_.cells(),    training_.weights()};
    return l;
  }
  void restore(uint32_t seed) noexcept {
    life l = here();
    const recovery r = pipe().saving().restore(saving_memory::get(), mix(mix(fingerprint(), rank()), seed), l);
    if (r != recovery::nothing) talk_.resume(r, l);
  }
  // May the frame in flight leave? Saves what has to be saved before.
  bool saved() noexcept { return pipe().saving().ready(saving_memory::get(), here()); }

  status handle_broadcast(const frame_header& h, const_bytes body, uint32_t now_ms) noexcept;
  status handle_welcome(const frame_header& h, const_bytes body, uint32_t now_ms) noexcept;
  status handle_piece(const frame_header& h, const_bytes body, uint32_t now_ms) noexcept;
  void make_update() noexcept;

  // What is small comes first: an 8-bit machine reaches 64 bytes from a pointer in one instruction.
  detail::worker_protocol talk_;
  uint16_t batches_;
  detail::placed<Pipe> pipe_;
  gate_state<threshold_type, encoder_type> gate_;
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
  if (h.fingerprint != talk_.tag(fingerprint(), h.kind)) return status::wrong_model;
  if (is_broadcast(h.kind)) return handle_broadcast(h, body, now_ms);
  if (h.rank != rank()) return status::wrong_rank;
  switch (h.kind) {
    case frame_kind::welcome: return handle_welcome(h, body, now_ms);
    case frame_kind::piece: return handle_piece(h, body, now_ms);
    case frame_kind::acknowledgement: return talk_.acknowledgement(h, body, now_ms);
    case frame_kind::refusal: return talk_.refused(body);
    case frame_kind::farewell: return talk_.farewell(h, body);
    default: return status::wrong_kind;
  }
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
status worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::handle_broadcast(const frame_header& h, const_bytes body,
                                                                              uint32_t now_ms) noexcept {
  bool counted;
  const status next = talk_.broadcast(h, body, counted);
  if (next != status::ok) return next;
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
  training_.start_round();
  talk_.applied(counted, now_ms);
  return status::ok;
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
status worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::handle_welcome(const frame_header& h, const_bytes body,
                                                                            uint32_t now_ms) noexcept {
  welcome_body b;
  const detail::welcomed w = talk_.welcome(h, body, b, now_ms);
  if (w.write_off) memset(static_cast<void*>(training_.cells()), 0, Model::parameters() * sizeof(residual));
  if (!w.taken) return w.result;
  if (b.steps != 0) pipe().local.steps = b.steps;
  if (b.wt > 0) hint(pipe().threshold, gate_, b.wt, bool_constant<detail::threshold_has_hint<threshold_type>::value>());
  training_.start_round();
  return w.result;
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
status worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::handle_piece(const frame_header& h, const_bytes body,
                                                                          uint32_t now_ms) noexcept {
  byte_reader r(body);
  const uint32_t first = r.get_varint();
  const size_t each = number<Number>::weight_bytes();
  const const_bytes raw = r.rest();
  const size_t count = raw.size() / each;
  const index_t n = Model::parameters();
  if (!r.ok() || count == 0 || raw.size() % each != 0 || first >= n || count > n - first) return status::malformed;
  const status next = talk_.piece(h, first);
  if (next != status::ok) return next;
  for (size_t i = 0; i < count; ++i)
    wire::get_weight(raw.data() + i * each, training_.weights()[static_cast<size_t>(first) + i]);
  talk_.fetched(h, static_cast<index_t>(first + count), n, now_ms);
  return status::ok;
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
void worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::make_update() noexcept {
  const bytes whole = bytes(frame_).first(frame_bytes());
  const frame_header h = talk_.new_update(fingerprint());
  const size_t body =
      observed_gate(pipe().observer(), detail::compact<observer_state>::get(), h.round_number, training_.cells(),
                    Model::parameters(), worker_grid<number<Number>>::make(), pipe().threshold, pipe().encoder, gate_,
                    wire::body_room(h.kind, h.rank, whole), typename training::folding(training_, pipe().optimizer),
                    typename training::forgetting(training_, pipe().optimizer));
  if (detail::threshold_has_keep<threshold_type>::value) training_.write_off(gate_.report.clipped);
  talk_.set_frame_size(wire::seal(h, body, whole));
  batches_ = 0;
}

template <class Number, class Model, class Loss, class Pipe, index_t Batch, size_t FrameBytes>
const_bytes worker<Number, Model, Loss, Pipe, Batch, FrameBytes>::outgoing(uint32_t now_ms) noexcept {
  const bool held_back = in_flight() && !saved();
  switch (talk_.next(now_ms, held_back, batches_ >= pipe().local.steps)) {
    case detail::turn::request: return talk_.request();
    case detail::turn::join:
      return talk_.make_join(fingerprint(), wire::hash(training_.weights(), Model::parameters()), frame_bytes());
    case detail::turn::ask_broadcast: return talk_.make_ask(fingerprint(), false);
    case detail::turn::ask_piece: return talk_.make_ask(fingerprint(), true);
    case detail::turn::leave: return talk_.make_leave(fingerprint());
    case detail::turn::frame: return frame();
    case detail::turn::update: make_update(); return saved() ? frame() : const_bytes();
    default: return const_bytes();
  }
}

}  // namespace WEIR_ABI
}  // namespace weir
