// SPDX-License-Identifier: MIT
// The same fleet without a line: workers and coordinator called by hand, one after the other.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "support/mixed_rows.hpp"

namespace coordinator_program {

struct nowhere {
  static int read() { return -1; }
  static bool write(std::uint8_t) { return true; }
};

/// The CRC-32C of the fleet's weights after so many rounds with all ranks, as the log writes it.
template <class Net>
std::string reference_weights(std::uint16_t ranks, unsigned rounds) {
  using settings = mixed::settings<Net>;
  const support::dataset digits = support::load_digits();
  const auto center = std::make_unique<mixed::coordinator<Net, 16>>();
  center->begin(mixed::link(weir::mean(16, 4), weir::target_density(settings::density_down()), mixed::encoder()),
                weir::fleet_terms(ranks, settings::steps_per_round(), 0, 0), mixed::seed());
  struct worker {
    mixed::node<Net, nowhere> node;
    mixed::rows rows;
    std::size_t row;
  };
  std::vector<std::unique_ptr<worker>> workers;
  const auto exchange = [&center](worker& w) {
    for (weir::const_bytes d = w.node.outgoing(0); !d.empty(); d = w.node.outgoing(0)) {
      w.node.sent(0);
      const auto o = center->handle(d);
      if (!o.answer.empty()) w.node.handle(o.answer, 0);
    }
  };
  for (std::uint16_t rank = 0; rank < ranks; ++rank) {
    workers.push_back(std::make_unique<worker>());
    workers.back()->node.begin(mixed::make_pipe<Net>(nowhere()), weir::rank_t(rank), mixed::seed());
    workers.back()->rows = mixed::share_of<Net>(digits, rank, ranks);
    exchange(*workers.back());
  }
  for (unsigned round = 0; round < rounds; ++round) {
    for (const auto& w : workers) {
      for (std::uint16_t k = 0; k < settings::steps_per_round(); ++k, w->row = (w->row + 1) % w->rows.size())
        w->node.train(w->rows.x(w->row), static_cast<weir::index_t>(w->rows.labels[w->row]));
      exchange(*w);
    }
    const weir::const_bytes broadcast = center->close_round(0);
    for (const auto& w : workers) w->node.handle(broadcast, 0);
  }
  char hex[9];
  std::snprintf(hex, sizeof hex, "%08x",
                static_cast<unsigned>(weir::wire::hash(center->weights().data(), Net::parameters())));
  return hex;
}

}  // namespace coordinator_program
