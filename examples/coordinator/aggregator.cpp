// SPDX-License-Identifier: MIT
#include "aggregator.hpp"

#include <cmath>
#include <optional>
#include <random>
#include <vector>

#include <weir/host/durable_coordinator.hpp>
#include <weir/host/journal_file.hpp>

#include "support/bad_input.hpp"
#include "support/mixed_rows.hpp"

namespace serving {
namespace {

/// A journal in a file, or none: then nothing outlasts the program.
class state_file {
 public:
  explicit state_file(const std::string& path) {
    if (!path.empty()) file_.emplace(path);
  }
  std::vector<std::uint8_t> load() { return file_ ? file_->load() : std::vector<std::uint8_t>(); }
  void replace(weir::const_bytes all) {
    if (file_) file_->replace(all);
  }
  void append(weir::const_bytes more) {
    if (file_) file_->append(more);
  }
  void sync() {
    if (file_) file_->sync();
  }

 private:
  std::optional<weir::journal_file> file_;
};

template <class Net>
class aggregator_of final : public aggregator {
  using coordinator = mixed::coordinator<Net, most_ranks>;
  using settings = mixed::settings<Net>;

 public:
  aggregator_of(const options& o, const support::dataset& digits) try
      : tests_(mixed::test_rows<Net>(digits)), activations_(Net::elements()), state_(o.state), durable_(state_) {
    const weir::mean mean(static_cast<std::uint16_t>(std::lround(o.server_step * 16)), 4);
    const weir::target_density density(o.density > 0 ? o.density : settings::density_down());
    const std::uint16_t steps = o.steps != 0 ? o.steps : settings::steps_per_round();
    // Without its state it is another one than before, and nodes have to know.
    const std::uint16_t epoch =
        static_cast<std::uint16_t>(o.epoch >= 0 ? static_cast<unsigned>(o.epoch) : std::random_device()());
    durable_.begin(mixed::link(mean, density, mixed::encoder()),
                   weir::fleet_terms(o.ranks, steps, o.deadline_ms, 0, o.quorum), o.seed, 0, epoch);
  } catch (const std::runtime_error& e) {
    throw support::bad_input(std::string("--state: ") + e.what());
  }

  outcome handle(weir::const_bytes datagram) override {
    const auto o = durable_.handle(datagram);
    return {o.result, o.answer};
  }
  bool round_due(std::uint32_t now_ms) const override { return durable_.counted() != 0 && durable_.round_due(now_ms); }
  weir::const_bytes close_round(std::uint32_t now_ms) override { return durable_.close_round(now_ms); }

  std::uint16_t rounds() const override { return center().round_number(); }
  std::uint16_t counted() const override { return durable_.counted(); }
  weir::gate_report report() const override { return center().report(); }
  std::uint32_t saturated() const override { return center().saturated(); }
  double accuracy() override {
    std::size_t hits = 0;
    for (std::size_t i = 0; i < tests_.size(); ++i)
      hits += center().predict(tests_.x(i), activations_.data()) == tests_.labels[i] ? 1 : 0;
    return 100.0 * static_cast<double>(hits) / static_cast<double>(tests_.size());
  }
  std::uint32_t weights_hash() const override { return weir::wire::hash(center().weights().data(), Net::parameters()); }

 private:
  const coordinator& center() const { return durable_.center(); }

  mixed::rows tests_;
  std::vector<typename coordinator::weight> activations_;
  state_file state_;
  weir::durable_coordinator<coordinator, state_file> durable_;
};

}  // namespace

std::unique_ptr<aggregator> make_aggregator(const options& o, const support::dataset& digits) {
  if (o.net == "digits") return std::make_unique<aggregator_of<mixed::net_digits>>(o, digits);
  return std::make_unique<aggregator_of<mixed::net_quarter>>(o, digits);
}

}  // namespace serving
