// SPDX-License-Identifier: MIT
// The mixed fleet without lines: workers and coordinator called by hand, one after the other, all in one process. Of the
// fleet's own numbers, it gets to the very weights that machines get to where all rounds wait for all ranks; of floats, it is
// what those are compared with: the same rows, batches, rounds, encoders, frames and hyper-parameters.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "support/mixed_rows.hpp"

namespace test_support {

template <class Net, class Number = mixed::number>
class fleet_in_memory {
  struct nowhere {
    static int read() { return -1; }
    static bool write(std::uint8_t) { return true; }
  };
  using node = mixed::node<Net, nowhere, Number>;
  using settings = mixed::settings<Net>;

 public:
  using coordinator = mixed::coordinator<Net, 16, Number>;

  /// Of 1 to 16 ranks; one of them may be somewhere else, and then talks to center().
  explicit fleet_in_memory(std::uint16_t ranks, int elsewhere = -1)
      : tests_(mixed::test_rows<Net>(digits_)), center_(std::make_unique<coordinator>()) {
    center_->begin(mixed::link(weir::mean(16, 4), weir::target_density(settings::density_down()), mixed::encoder()),
                   weir::fleet_terms(ranks, settings::steps_per_round(), 0, 0), mixed::seed());
    for (std::uint16_t rank = 0; rank < ranks; ++rank) {
      if (rank == elsewhere) continue;
      workers_.push_back(std::make_unique<worker>());
      workers_.back()->rank = rank;
      workers_.back()->rows = mixed::share_of<Net>(digits_, rank, ranks);
      start(*workers_.back());
    }
  }

  coordinator& center() { return *center_; }

  /// All that are here train, and are counted in the open round.
  void train() {
    for (const auto& w : workers_) {
      for (std::uint16_t k = 0; k < settings::steps_per_round(); ++k, w->row = (w->row + 1) % w->rows.size()) {
        const std::vector<input> x = inputs(w->rows, w->row);
        w->device.train(x.data(), static_cast<weir::index_t>(w->rows.labels[w->row]));
      }
      exchange(*w);
    }
  }
  /// Closes it, and tells them; returns the broadcast.
  weir::const_bytes close_round() {
    const weir::const_bytes broadcast = center_->close_round(0);
    for (const auto& w : workers_) w->device.handle(broadcast, 0);
    return broadcast;
  }
  void rounds(unsigned n) {
    for (unsigned i = 0; i < n; ++i) {
      train();
      close_round();
    }
  }

  /// A device that is here is switched off and on again: it knows nothing any more.
  void restart(std::uint16_t rank) {
    for (const auto& w : workers_)
      if (w->rank == rank) start(*w);
  }

  /// Percent of the test rows that the fleet's weights get right.
  double accuracy() const {
    std::vector<typename coordinator::weight> activations(Net::elements());
    std::size_t hits = 0;
    for (std::size_t i = 0; i < tests_.size(); ++i)
      hits += center_->predict(inputs(tests_, i).data(), activations.data()) == tests_.labels[i] ? 1 : 0;
    return 100.0 * static_cast<double>(hits) / static_cast<double>(tests_.size());
  }

  /// The weights' CRC-32C, as the coordinator's log writes it.
  std::string weights() const {
    char hex[9];
    std::snprintf(hex, sizeof hex, "%08x",
                  static_cast<unsigned>(weir::wire::hash(center_->weights().data(), Net::parameters())));
    return hex;
  }

 private:
  struct worker {
    std::uint16_t rank;
    node device;  // all-zero until begin()
    mixed::rows rows;
    std::size_t row;
  };

  // A row as it is for fixed point, in floats for floats.
  using input = std::conditional_t<std::is_same_v<Number, float>, float, mixed::pixel>;
  static std::vector<input> inputs(const mixed::rows& rows, std::size_t row) {
    std::vector<input> x(rows.inputs);
    for (std::size_t i = 0; i < rows.inputs; ++i) put(rows.x(row)[i], x[i]);
    return x;
  }
  static void put(mixed::pixel from, mixed::pixel& to) { to = from; }
  static void put(mixed::pixel from, float& to) { to = static_cast<float>(from.raw) / 64; }

  void start(worker& w) {
    w.device.begin(mixed::make_pipe<Net>(nowhere()), weir::rank_t(w.rank), mixed::seed());
    w.row = 0;
    exchange(w);
  }
  void exchange(worker& w) {
    for (weir::const_bytes d = w.device.outgoing(0); !d.empty(); d = w.device.outgoing(0)) {
      w.device.sent(0);
      const auto o = center_->handle(d);
      if (!o.answer.empty()) w.device.handle(o.answer, 0);
    }
  }

  const support::dataset digits_ = support::load_digits();
  mixed::rows tests_;
  std::unique_ptr<coordinator> center_;
  std::vector<std::unique_ptr<worker>> workers_;
};

}  // namespace test_support
