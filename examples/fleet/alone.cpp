// SPDX-License-Identifier: MIT
#include "alone.hpp"

#include <memory>
#include <numeric>
#include <stdexcept>

#include "score.hpp"

namespace fleet {
namespace {

template <class Numbers, class Threshold>
alone_outcome run(Threshold threshold, std::uint32_t seed, const support::dataset& data) {
  using device = weir::learner<typename Numbers::number, device_net, weir::softmax_cross_entropy, weir::sgd, Threshold>;
  using input = typename Numbers::input;
  const std::uint32_t steps = static_cast<std::uint32_t>(data.train.size());
  row_list rows(steps);
  std::iota(rows.begin(), rows.end(), 0u);
  feeder<input, 1> rows_of(data, rows, steps, weir::mix(seed, weir::name_id("alone")));

  const auto learner = std::make_unique<device>();
  learner->begin(weir::sgd(alone_rate), threshold, seed);
  for (std::uint32_t step = 0; step < alone_epochs * steps; ++step) {
    rows_of.next();
    learner->train(rows_of.x(), rows_of.targets()[0]);
  }

  const score came = score_of<input, weir::softmax_cross_entropy>(data, device_net::outputs(),
                                                                  [&](const input* x) { return learner->outputs(x); });
  return {came.accuracy, static_cast<double>(learner->saturated()) / (alone_epochs * steps)};
}

}  // namespace

alone_outcome run_alone(number_kind numbers, std::uint32_t seed, const support::dataset& data) {
  const weir::fixed_wt crest(alone_wt);
  switch (numbers) {
    case number_kind::real: return run<real>(weir::always(), seed, data);
    case number_kind::int16: return run<int16>(crest, seed, data);
    case number_kind::int16r8: return run<int16r8>(crest, seed, data);
    case number_kind::int8: return run<int8>(crest, seed, data);
    case number_kind::int8r8: return run<int8r8>(crest, seed, data);
  }
  throw std::logic_error("no such numbers");
}

}  // namespace fleet
