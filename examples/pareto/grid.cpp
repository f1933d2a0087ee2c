// SPDX-License-Identifier: MIT
#include "grid.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "support/text.hpp"

namespace pareto {
namespace {

/// Three digits: as fine as anything can be told apart, and commands stay short. What is not changed stays exact.
fleet::threshold_choice scaled(fleet::threshold_choice c, float factor) {
  if (factor == 1 || c.kind == fleet::crest::always) return c;
  c.value = std::strtof(support::text("%.3g", static_cast<double>(c.value * factor)).c_str(), nullptr);
  if (c.kind == fleet::crest::density) c.value = std::min(c.value, 0.5f);  // as fleet's own end there
  return c;
}

std::vector<std::uint16_t> local_steps(const options& o, const fleet::options& centre) {
  if (!o.local_steps.empty()) return o.local_steps;
  const std::vector<std::uint16_t> ours = {1, 2, 3, 4, 6, 8, 12};
  std::vector<std::uint16_t> all;
  for (const std::uint16_t k : ours)
    if (2 * k >= *centre.local_steps && k <= 4 * *centre.local_steps) all.push_back(k);
  return all;
}

std::vector<fleet::threshold_choice> thresholds(const options& o, const fleet::options& centre) {
  // Bytes are about proportional to 1 / Wt: steps of the root of two, to a factor of four.
  const std::vector<crest> ours = {{0.5f, {}}, {0.7f, {}}, {1, {}}, {1.4f, {}}, {2, {}}};
  std::vector<fleet::threshold_choice> all;
  for (const crest& c : o.thresholds.empty() ? ours : o.thresholds)
    all.push_back(c.choice ? *c.choice : scaled(*centre.threshold, c.factor));
  return all;
}

/// Those that go with this one of the workers.
std::vector<fleet::threshold_choice> down_thresholds(const options& o, const fleet::options& centre,
                                                     fleet::threshold_choice up) {
  const std::vector<crest> ours = {{1, {}}, {1.4f, {}}};
  std::vector<fleet::threshold_choice> all;
  for (const float share : o.down_shares) all.push_back(scaled(up, share));
  if (!all.empty()) return all;
  const bool alike = up.kind == centre.threshold->kind && up.kind == centre.down_threshold->kind;
  const float along = alike && up.kind != fleet::crest::always ? up.value / centre.threshold->value : 1;
  for (const crest& c : o.down_thresholds.empty() ? ours : o.down_thresholds)
    all.push_back(c.choice ? *c.choice : scaled(*centre.down_threshold, along * c.factor));
  return all;
}

}  // namespace

std::vector<fleet::options> grid(const options& o, const support::dataset& data) {
  std::vector<fleet::options> all;
  std::set<std::string> have;
  for (const fleet::encoding encoder :
       o.encoders.empty() ? std::vector<fleet::encoding>{o.common.encoder} : o.encoders) {
    fleet::options centre = o.common;
    centre.encoder = encoder;
    centre.encoder_given = !o.encoders.empty();
    fleet::settle(centre, data);
    const std::vector<float> server_steps =
        o.server_steps.empty() ? std::vector<float>{*centre.server_step} : o.server_steps;
    for (const std::uint16_t k : local_steps(o, centre))
      for (const float step : server_steps)
        for (const fleet::threshold_choice up : thresholds(o, centre))
          for (const fleet::threshold_choice down : down_thresholds(o, centre, up)) {
            fleet::options point = centre;
            point.local_steps = k;
            point.server_step = std::round(step * 16) / 16;
            point.threshold = up;
            point.down_threshold = down;
            fleet::check(point);
            if (have.insert(fleet::exchange_words(point)).second) all.push_back(point);
          }
  }
  return all;
}

std::string brief(const fleet::options& p) {
  return support::text("K %u, step %g, %s up, %s down, %s", unsigned(*p.local_steps),
                       static_cast<double>(*p.server_step), fleet::text_of(*p.threshold).c_str(),
                       fleet::text_of(*p.down_threshold).c_str(), fleet::name_of(p.encoder));
}

}  // namespace pareto
