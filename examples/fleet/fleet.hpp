// SPDX-License-Identifier: MIT
// A fleet in one process: workers and a coordinator that talk over loopback lines, by the protocol that
// devices use. All memory is taken once, at the start of a run.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "metered.hpp"
#include "plan.hpp"
#include "score.hpp"

namespace fleet {

/// How broadcasts are encoded: as updates are. Both ways by one sign at a time would be two delays in a row.
template <class Encoder>
struct way_down {
  using encoder = Encoder;
};
template <>
struct way_down<weir::one_signed> {
  using encoder = weir::ternary;
};

/// What a model is trained with, beside what the plan says.
template <class Model>
struct training {
  using loss = weir::softmax_cross_entropy;
  /// Is its gradient kept below plan::most_gradient?
  static constexpr bool limited() { return false; }
};

template <class Numbers, class Model, class Encoder, weir::index_t Batch>
class fleet {
  using number = typename Numbers::number;
  using input = typename Numbers::input;
  using loss = typename training<Model>::loss;
  using target = typename loss::template target<float>;
  // A frame has room for the whole model, or dense32 could not send it.
  static constexpr std::size_t frame_bytes = 4 * Model::parameters() + 32;
  static constexpr std::uint16_t most_workers = 1024;

  using line = weir::loopback<frame_bytes, 1>;
  using threshold = weir::warm_up<any_threshold<!Encoder::needs_wt()>>;
  using down = typename way_down<Encoder>::encoder;
  using optimizer = std::conditional_t<training<Model>::limited(), any_limited,
                                       std::conditional_t<std::is_same_v<number, float>, any_corrected, any_optimizer>>;
  using pipe = weir::pipeline<optimizer, threshold, Encoder, metered_line<line>, weir::local_steps, down,
                              weir::save_nothing, any_observer>;
  using worker = weir::worker<number, Model, loss, pipe, Batch, frame_bytes>;
  using link = weir::downlink<Encoder, weir::mean, threshold, down, any_observer>;
  using coordinator = weir::coordinator<number, Model, link, most_workers, frame_bytes, 1>;

 public:
  fleet(const plan& p, const support::dataset& data, const observer& rounds)
      : plan_(p),
        data_(data),
        rounds_(rounds),
        seen_(rounds ? p.workers + 1u : 0u),
        each_(steps_per_epoch(data.train.size(), p.workers, p.batch)),
        steps_(each_ * p.epochs),
        lines_(new typename line::line[p.workers]()),
        workers_(new worker[p.workers]),
        coordinator_(new coordinator),
        activations_(Model::elements()) {
    sent_.hash = UINT64_C(0xcbf29ce484222325);
    coordinator_->begin(link{p.aggregation, threshold{{p.down, p.clip}, p.warm_up}, down(), observer_of(p.workers)},
                        weir::fleet_terms{p.workers, p.local_steps, 0, 0}, p.seed);
    std::vector<row_list> shares = deal(data.train, p.workers, p.rows, p.seed);
    for (std::uint16_t rank = 0; rank < p.workers; ++rank) {
      const metered_line<line> out(line::worker_end(lines_[rank]), sent_, rank);
      workers_[rank].begin(pipe{optimizer_of<optimizer>(p), threshold{{p.up, p.clip}, p.warm_up}, Encoder(), out,
                                weir::local_steps(1), weir::save_nothing(), observer_of(rank)},
                           weir::rank_t(rank), p.seed);
      feeders_.emplace_back(data, std::move(shares[rank]), each_,
                            weir::mix(weir::mix(p.seed, rank), weir::name_id("feed")));
      ends_.push_back(line::coordinator_end(lines_[rank]));
    }
  }

  outcome train(const progress& tell) {
    const auto started = std::chrono::steady_clock::now();
    join();
    std::uint32_t next_point = 1;
    for (std::uint32_t step = 0; step < steps_;) {
      const std::uint32_t k = std::min<std::uint32_t>(plan_.local_steps, steps_ - step);
      round(static_cast<std::uint16_t>(k));
      step += k;
      if (rounds_) report(step);
      if (step < next_point && step < steps_) continue;
      measure(step, tell);
      // Steps 1, 2, 4, ... of the first epoch, then the end of each.
      while (next_point <= step)
        next_point = next_point * 2 < each_ ? next_point * 2 : (next_point / each_ + 1) * each_;
    }
    result_.parameters = Model::parameters();
    result_.steps = steps_;
    result_.accuracy = result_.curve.back().accuracy;
    result_.loss = result_.curve.back().loss;
    result_.sent = sent_;
    result_.density_up = hits_up_ / (static_cast<double>(result_.rounds) * plan_.workers * Model::parameters());
    result_.density_down = hits_down_ / (static_cast<double>(result_.rounds) * Model::parameters());
    for (std::uint16_t rank = 0; rank < plan_.workers; ++rank)
      result_.wt_up += static_cast<double>(workers_[rank].report().wt) / plan_.workers;
    result_.wt_down = static_cast<double>(coordinator_->report().wt);
    for (std::uint16_t rank = 0; rank < plan_.workers; ++rank)
      result_.saturated += static_cast<double>(workers_[rank].saturated()) / plan_.workers / steps_;
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return result_;
  }

 private:
  void join() {
    exchange_until("join", [](const worker& w) { return w.member_state() == weir::membership::member; });
  }

  /// Everybody trains k batches, sends, and takes what is broadcast.
  void round(std::uint16_t k) {
    for (std::uint16_t rank = 0; rank < plan_.workers; ++rank) {
      workers_[rank].pipe().local.steps = k;  // the last round of a run may be shorter
      for (std::uint16_t i = 0; i < k; ++i) {
        feeders_[rank].next();
        workers_[rank].train(feeders_[rank].x(), feeders_[rank].targets());
      }
    }
    const std::uint16_t closed = static_cast<std::uint16_t>(++result_.rounds);
    exchange_until("close a round", [closed](const worker& w) { return w.round_number() == closed; });
    for (std::uint16_t rank = 0; rank < plan_.workers; ++rank)
      hits_up_ += static_cast<double>(workers_[rank].report().hits);
    hits_down_ += static_cast<double>(coordinator_->report().hits);
  }

  /// What the last round of `steps` so far showed.
  void report(std::uint32_t steps) const {
    round_report r = {result_.rounds, static_cast<double>(steps) / each_, sent_.bytes_up + sent_.bytes_down, {}, {}};
    for (std::uint16_t rank = 0; rank < plan_.workers; ++rank) add(seen_[rank], 1.0 / plan_.workers, r.up);
    add(seen_[plan_.workers], 1, r.down);
    rounds_(r);
  }
  static void add(const weir::observation& seen, double share, way_report& to) {
    to.wt += share * static_cast<double>(seen.gate.wt);
    to.density += share * static_cast<double>(seen.density());
    to.bytes += share * static_cast<double>(seen.gate.bytes);
    to.residual_norm += share * static_cast<double>(seen.residual_norm);
    to.oldest = std::max(to.oldest, seen.oldest);
  }
  template <class Optimizer>
  static Optimizer optimizer_of(const plan& p) {
    if constexpr (std::is_same_v<Optimizer, any_limited>) {
      return any_limited(p.optimizer, p.most_gradient);
    } else if constexpr (std::is_same_v<Optimizer, any_corrected>) {
      const float newest = 0.3f;  // 0.1 is too slow for a learning rate that falls
      return any_corrected(p.optimizer, p.drift, newest,
                           static_cast<float>(p.aggregation.numerator) / static_cast<float>(1u << p.aggregation.shift));
    } else {
      return p.optimizer;
    }
  }

  any_observer observer_of(std::uint16_t node) { return any_observer(rounds_ ? &seen_[node] : nullptr); }

  template <class Done>
  void exchange_until(const char* what, Done&& done) {
    for (int tries = 0; tries < 100; ++tries) {
      exchange();
      if (std::all_of(workers_.get(), workers_.get() + plan_.workers, done)) return;
    }
    throw std::logic_error(std::string("a worker could not ") + what);
  }

  void exchange() {
    weir::star<line> star{weir::span<line>(ends_.data(), ends_.size())};
    metered_hub<weir::star<line>> hub(star, sent_, plan_.workers);
    now_ms_ += 1000;  // of a clock that nobody waits for
    for (std::uint16_t rank = 0; rank < plan_.workers; ++rank) workers_[rank].poll(now_ms_);
    coordinator_->poll(hub, now_ms_);
    for (std::uint16_t rank = 0; rank < plan_.workers; ++rank) workers_[rank].poll(now_ms_);
  }

  /// Of the weights that everybody has.
  void measure(std::uint32_t step, const progress& tell) {
    const score now = score_of<input, loss>(data_, Model::outputs(), [this](const input* x) {
      return Model::template forward<1>(coordinator_->weights().data(), x, activations_.data());
    });
    result_.curve.push_back(
        {static_cast<double>(step) / each_, sent_.bytes_up + sent_.bytes_down, now.accuracy, now.loss});
    tell(result_.curve.back());
  }

  const plan& plan_;
  const support::dataset& data_;
  const observer& rounds_;
  std::vector<weir::observation> seen_;  // by workers; the coordinator last; empty if nobody listens
  std::uint32_t each_;                   // steps of an epoch
  std::uint32_t steps_;                  // of the run
  std::unique_ptr<typename line::line[]> lines_;
  std::unique_ptr<worker[]> workers_;
  std::unique_ptr<coordinator> coordinator_;
  std::vector<feeder<input, Batch, target>> feeders_;
  std::vector<line> ends_;
  std::vector<typename coordinator::weight> activations_;
  traffic sent_{};
  outcome result_{};
  double hits_up_ = 0;
  double hits_down_ = 0;
  std::uint32_t now_ms_ = 0;
};

template <class... Encoders>
struct encoder_list {};
template <weir::index_t... Sizes>
struct batch_list {};

using all_encoders = encoder_list<weir::ternary, weir::strom, weir::sparse32, weir::sparse16, weir::dense32>;
using compared_encoders = encoder_list<weir::one_signed, weir::base3, weir::logarithmic<2>, weir::logarithmic<3>,
                                       weir::logarithmic<4>, weir::natural, weir::sparse8, weir::one_bit,
                                       weir::levels<1>, weir::levels<3>, weir::levels<7>, weir::dense_natural>;
using all_batches = batch_list<1, 2, 4, 8, 16, 32, 64>;
using device_batches = batch_list<1, 16>;
/// Of the larger models.
using few_encoders = encoder_list<weir::ternary, weir::sparse32, weir::dense32, weir::logarithmic<4>>;
using compared_batches = batch_list<16>;

namespace detail {

template <class Encoder>
constexpr encoding kind_of = encoding::ternary;
template <>
inline constexpr encoding kind_of<weir::strom> = encoding::strom;
template <>
inline constexpr encoding kind_of<weir::sparse32> = encoding::sparse32;
template <>
inline constexpr encoding kind_of<weir::sparse16> = encoding::sparse16;
template <>
inline constexpr encoding kind_of<weir::dense32> = encoding::dense32;
template <>
inline constexpr encoding kind_of<weir::one_signed> = encoding::one_signed;
template <>
inline constexpr encoding kind_of<weir::base3> = encoding::base3;
template <>
inline constexpr encoding kind_of<weir::logarithmic<2>> = encoding::logarithmic2;
template <>
inline constexpr encoding kind_of<weir::logarithmic<3>> = encoding::logarithmic3;
template <>
inline constexpr encoding kind_of<weir::logarithmic<4>> = encoding::logarithmic4;
template <>
inline constexpr encoding kind_of<weir::natural> = encoding::natural;
template <>
inline constexpr encoding kind_of<weir::sparse8> = encoding::sparse8;
template <>
inline constexpr encoding kind_of<weir::one_bit> = encoding::one_bit;
template <>
inline constexpr encoding kind_of<weir::levels<1>> = encoding::levels1;
template <>
inline constexpr encoding kind_of<weir::levels<3>> = encoding::levels3;
template <>
inline constexpr encoding kind_of<weir::levels<7>> = encoding::levels7;
template <>
inline constexpr encoding kind_of<weir::dense_natural> = encoding::dense_natural;

using runner = outcome (*)(const plan&, const support::dataset&, const progress&, const observer&);

template <class Numbers, class Model, class Encoder, weir::index_t Batch>
outcome run(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds) {
  return fleet<Numbers, Model, Encoder, Batch>(p, data, rounds).train(tell);
}

template <class Numbers, class Model, class Encoder, weir::index_t... Sizes>
runner with_batch(weir::index_t size, batch_list<Sizes...>) {
  runner found = nullptr;
  ((size == Sizes ? void(found = run<Numbers, Model, Encoder, Sizes>) : void()), ...);
  return found;
}

}  // namespace detail

/// Picks the instantiation that the plan asks for, out of these.
template <class Numbers, class Model, class... Encoders, class Batches>
outcome run_model(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds,
                  encoder_list<Encoders...>, Batches sizes) {
  detail::runner found = nullptr;
  ((p.encoder == detail::kind_of<Encoders> ? void(found = detail::with_batch<Numbers, Model, Encoders>(p.batch, sizes))
                                           : void()),
   ...);
  if (found == nullptr) throw std::logic_error("no such encoder and batch");
  return found(p, data, tell, rounds);
}

}  // namespace fleet
