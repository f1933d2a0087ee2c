// SPDX-License-Identifier: MIT
#include "aggregator.hpp"

#include <cmath>
#include <vector>

#include "support/mixed_rows.hpp"

namespace serving {
namespace {

template <class Net>
class aggregator_of final : public aggregator {
  using coordinator = mixed::coordinator<Net, most_ranks>;
  using settings = mixed::settings<Net>;

 public:
  aggregator_of(const options& o, const support::dataset& digits)
      : tests_(mixed::test_rows<Net>(digits)), activations_(Net::elements()) {
    const weir::mean mean(static_cast<std::uint16_t>(std::lround(o.server_step * 16)), 4);
    const weir::target_density density(o.density > 0 ? o.density : settings::density_down());
    const std::uint16_t steps = o.steps != 0 ? o.steps : settings::steps_per_round();
    coordinator_.begin(mixed::link(mean, density, mixed::encoder()),
                       weir::fleet_terms(o.ranks, steps, o.deadline_ms, 0, o.quorum), o.seed);
  }

  outcome handle(weir::const_bytes datagram) override {
    const auto o = coordinator_.handle(datagram);
    return {o.result, o.answer};
  }
  bool round_due(std::uint32_t now_ms) const override {
    return coordinator_.counted() != 0 && coordinator_.round_due(now_ms);
  }
  weir::const_bytes close_round(std::uint32_t now_ms) override { return coordinator_.close_round(now_ms); }

  std::uint16_t counted() const override { return coordinator_.counted(); }
  weir::gate_report report() const override { return coordinator_.report(); }
  std::uint32_t saturated() const override { return coordinator_.saturated(); }
  double accuracy() override {
    std::size_t hits = 0;
    for (std::size_t i = 0; i < tests_.size(); ++i)
      hits += coordinator_.predict(tests_.x(i), activations_.data()) == tests_.labels[i] ? 1 : 0;
    return 100.0 * static_cast<double>(hits) / static_cast<double>(tests_.size());
  }
  std::uint32_t weights_hash() const override {
    return weir::wire::hash(coordinator_.weights().data(), Net::parameters());
  }

 private:
  mixed::rows tests_;
  std::vector<typename coordinator::weight> activations_;
  coordinator coordinator_{};
};

}  // namespace

std::unique_ptr<aggregator> make_aggregator(const options& o, const support::dataset& digits) {
  if (o.net == "digits") return std::make_unique<aggregator_of<mixed::net_digits>>(o, digits);
  return std::make_unique<aggregator_of<mixed::net_quarter>>(o, digits);
}

}  // namespace serving
