// SPDX-License-Identifier: MIT
// A fleet in one process: workers and a coordinator that talk over loopback lines, by the protocol that
// devices use. All memory is taken once, at the start of a run.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "metered.hpp"
#include "plan.hpp"
#include "shares.hpp"

namespace fleet {

/// One worker's way through its rows: batch after batch, reshuffled when an epoch is over.
template <weir::index_t Batch>
class feeder {
 public:
  feeder(const support::dataset& data, row_list rows, std::uint32_t steps_per_epoch, std::uint32_t seed)
      : data_(&data), rows_(std::move(rows)), each_(steps_per_epoch), random_(seed), x_(Batch * data.inputs) {}

  void next() {
    if (step_ == 0) shuffle(rows_, random_);
    for (std::size_t b = 0; b < Batch; ++b) {
      const std::size_t row = rows_[step_ * Batch + b];
      data_->scaled(data_->train, row, x_.data() + b * data_->inputs);
      labels_[b] = data_->train.labels[row];
    }
    step_ = step_ + 1 == each_ ? 0 : step_ + 1;
  }
  const float* x() const { return x_.data(); }
  const weir::index_t* labels() const { return labels_; }

 private:
  const support::dataset* data_;
  row_list rows_;
  std::size_t each_;
  std::size_t step_ = 0;
  weir::random_bits random_;
  std::vector<float> x_;
  weir::index_t labels_[Batch];
};

template <class Model, class Encoder, weir::index_t Batch>
class fleet {
  // A frame has room for the whole model, or dense32 could not send it.
  static constexpr std::size_t frame_bytes = 4 * Model::parameters() + 32;
  static constexpr std::uint16_t most_workers = 1024;

  using line = weir::loopback<frame_bytes, 1>;
  using threshold = weir::warm_up<any_threshold<!Encoder::needs_wt()>>;
  using pipe = weir::pipeline<any_optimizer, threshold, Encoder, metered_line<line>, weir::local_steps>;
  using worker = weir::worker<float, Model, weir::softmax_cross_entropy, pipe, Batch, frame_bytes>;
  using link = weir::downlink<Encoder, weir::mean, threshold>;
  using coordinator = weir::coordinator<float, Model, link, most_workers, frame_bytes, 1>;

 public:
  fleet(const plan& p, const support::dataset& data)
      : plan_(p),
        data_(data),
        each_(steps_per_epoch(data.train.size(), p.workers, p.batch)),
        steps_(each_ * p.epochs),
        lines_(new typename line::line[p.workers]()),
        workers_(new worker[p.workers]),
        coordinator_(new coordinator),
        activations_(Model::elements()) {
    sent_.hash = UINT64_C(0xcbf29ce484222325);
    coordinator_->begin(link{p.aggregation, threshold{{p.down}, p.warm_up}, Encoder()},
                        weir::fleet_terms{p.workers, p.local_steps, 0, 0}, p.seed);
    std::vector<row_list> shares = deal(data.train, p.workers, p.rows, p.seed);
    for (std::uint16_t rank = 0; rank < p.workers; ++rank) {
      const metered_line<line> out(line::worker_end(lines_[rank]), sent_, rank);
      workers_[rank].begin(pipe{p.optimizer, threshold{{p.up}, p.warm_up}, Encoder(), out, weir::local_steps(1)},
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
      if (step < next_point && step < steps_) continue;
      measure(step, tell);
      // Steps 1, 2, 4, ... of the first epoch, then the end of each.
      while (next_point <= step)
        next_point = next_point * 2 < each_ ? next_point * 2 : (next_point / each_ + 1) * each_;
    }
    result_.parameters = Model::parameters();
    result_.steps = steps_;
    result_.accuracy = result_.curve.back().accuracy;
    result_.sent = sent_;
    result_.density_up = hits_up_ / (static_cast<double>(result_.rounds) * plan_.workers * Model::parameters());
    result_.density_down = hits_down_ / (static_cast<double>(result_.rounds) * Model::parameters());
    for (std::uint16_t rank = 0; rank < plan_.workers; ++rank)
      result_.wt_up += static_cast<double>(workers_[rank].report().wt) / plan_.workers;
    result_.wt_down = static_cast<double>(coordinator_->report().wt);
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
        workers_[rank].train(feeders_[rank].x(), feeders_[rank].labels());
      }
    }
    const std::uint16_t closed = static_cast<std::uint16_t>(++result_.rounds);
    exchange_until("close a round", [closed](const worker& w) { return w.round_number() == closed; });
    for (std::uint16_t rank = 0; rank < plan_.workers; ++rank)
      hits_up_ += static_cast<double>(workers_[rank].report().hits);
    hits_down_ += static_cast<double>(coordinator_->report().hits);
  }

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

  /// The accuracy of the weights that everybody has.
  void measure(std::uint32_t step, const progress& tell) {
    std::vector<float> x(data_.inputs);
    std::size_t hits = 0;
    for (std::size_t i = 0; i < data_.test.size(); ++i) {
      data_.scaled(data_.test, i, x.data());
      hits += coordinator_->predict(x.data(), activations_.data()) == data_.test.labels[i] ? 1 : 0;
    }
    result_.curve.push_back({static_cast<double>(step) / each_, sent_.bytes_up + sent_.bytes_down,
                             100.0 * static_cast<double>(hits) / static_cast<double>(data_.test.size())});
    tell(result_.curve.back());
  }

  const plan& plan_;
  const support::dataset& data_;
  std::uint32_t each_;   // steps of an epoch
  std::uint32_t steps_;  // of the run
  std::unique_ptr<typename line::line[]> lines_;
  std::unique_ptr<worker[]> workers_;
  std::unique_ptr<coordinator> coordinator_;
  std::vector<feeder<Batch>> feeders_;
  std::vector<line> ends_;
  std::vector<float> activations_;
  traffic sent_{};
  outcome result_{};
  double hits_up_ = 0;
  double hits_down_ = 0;
  std::uint32_t now_ms_ = 0;
};

namespace detail {

template <class Model, class Encoder, weir::index_t Batch>
outcome run(const plan& p, const support::dataset& data, const progress& tell) {
  return fleet<Model, Encoder, Batch>(p, data).train(tell);
}

template <class Model, class Encoder, std::size_t... I>
outcome run(const plan& p, const support::dataset& data, const progress& tell, std::index_sequence<I...>) {
  using runner = outcome (*)(const plan&, const support::dataset&, const progress&);
  static constexpr runner runners[] = {run<Model, Encoder, batch_sizes[I]>...};
  const auto at = std::find(std::begin(batch_sizes), std::end(batch_sizes), p.batch) - std::begin(batch_sizes);
  return runners[at](p, data, tell);
}

template <class Model, class Encoder>
outcome run(const plan& p, const support::dataset& data, const progress& tell) {
  return run<Model, Encoder>(p, data, tell, std::make_index_sequence<std::size(batch_sizes)>());
}

}  // namespace detail

/// Picks the instantiation that the plan asks for.
template <class Model>
outcome run_model(const plan& p, const support::dataset& data, const progress& tell) {
  switch (p.encoder) {
    case encoding::ternary: return detail::run<Model, weir::ternary>(p, data, tell);
    case encoding::strom: return detail::run<Model, weir::strom>(p, data, tell);
    case encoding::sparse32: return detail::run<Model, weir::sparse32>(p, data, tell);
    case encoding::sparse16: return detail::run<Model, weir::sparse16>(p, data, tell);
    case encoding::dense32: return detail::run<Model, weir::dense32>(p, data, tell);
  }
  throw std::logic_error("no such encoder");
}

}  // namespace fleet
