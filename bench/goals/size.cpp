// SPDX-License-Identifier: MIT
#include "size.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "data.hpp"
#include "support/text.hpp"

namespace goals {
namespace {

using support::text;

struct measurement {
  double value;
  std::string detail;
};
struct size_goal {
  goal what;
  std::function<measurement(bool quick)> measure;
};

/// Bits of frames over those that coordinates and signs cost at least.
struct shares {
  double mean;
  double worst;
};
shares over_entropy(std::uint32_t n, double p, int frames, std::uint64_t seed) {
  shares s = {0, 0};
  dice random(seed);
  for (int i = 0; i < frames; ++i) {
    coordinates hits = even(n, p, random);
    const double k = static_cast<double>(hits.size());
    const std::size_t size = ternary_bytes(hits, n, static_cast<std::uint32_t>(std::lround(n * p)));
    const double share = 8 * static_cast<double>(size) / (entropy(n, k) + k);
    s.mean += share / frames;
    s.worst = std::max(s.worst, share);
  }
  return s;
}

/// Frames of about a thousand hits, and of many more.
std::vector<std::pair<std::uint32_t, int>> sizes_and_frames(double p, double most_cells, bool quick) {
  return {{static_cast<std::uint32_t>(1050 / p), quick ? 20 : 200},
          {static_cast<std::uint32_t>(std::max(30000 / p, most_cells)), quick ? 1 : 3}};
}

measurement even_at(double p, bool quick) {
  shares most = {0, 0};
  std::uint32_t cells = 0;
  for (const auto& [n, frames] : sizes_and_frames(p, quick ? 0 : 25000000, quick)) {
    const shares s = over_entropy(n, p, frames, n);
    if (s.mean > most.mean) most = s, cells = n;
  }
  return {most.mean, text("mean of frames of %.0f hits, the worst one %.3f", cells * p, most.worst)};
}

measurement even_anywhere(bool quick) {
  shares most = {0, 0};
  double where = 0;
  double hits = 0;
  const int points = quick ? 13 : 49;
  for (int i = 0; i < points; ++i) {
    const double p = 1e-4 * std::pow(1000.0, static_cast<double>(i) / (points - 1));
    for (const auto& [n, frames] : sizes_and_frames(p, 0, quick)) {
      const shares s = over_entropy(n, p, frames, n);
      if (s.mean > most.mean) most = s, where = p, hits = n * p;
    }
  }
  return {most.mean, text("the worst of %d densities, %.3g %%: mean of frames of %.0f hits, the worst one %.3f", points,
                          100 * where, hits, most.worst)};
}

measurement uneven_at(double p, bool quick) {
  constexpr std::uint32_t n = 1 << 20;
  const auto k = static_cast<std::uint32_t>(n * p);
  double mean = 0, known = 0;
  const int seeds = quick ? 2 : 8;
  for (int seed = 1; seed <= seeds; ++seed) {
    dice random(static_cast<std::uint64_t>(seed));
    const coordinates hits = uneven(n, k, random);
    const double count = static_cast<double>(hits.size());
    const double bits = 8 * static_cast<double>(ternary_bytes(hits, n, k)) - 16 - count;  // no magnitude, no signs
    mean += bits / entropy(n, count) / seeds;
    known += entropy_of_runs(n, hits) / entropy(n, count) / seeds;
  }
  return {mean, text("%.3f is the least for one who knows each run's density", known)};
}

/// Bytes over the entropy; the frame before had about as many hits, as chance will have it.
measurement sixteen(bool worst, bool quick) {
  constexpr std::uint32_t n = 16384;
  constexpr std::uint32_t k = 16;
  double sum = 0, most = 0;
  const int seeds = quick ? 100 : 1000;
  for (int seed = 1; seed <= seeds; ++seed) {
    dice random(static_cast<std::uint64_t>(seed));
    const coordinates hits = chosen(n, k, random);
    const auto expected = static_cast<std::uint32_t>(even(n, k / double(n), random).size());
    const double over = static_cast<double>(ternary_bytes(hits, n, expected)) - 2 - (entropy(n, k) + k) / 8;
    sum += over;
    most = std::max(most, over);
  }
  return {worst ? most : sum / seeds, text("%d seeds", seeds)};
}

std::vector<size_goal> all_goals() {
  std::vector<size_goal> all;
  for (const double p : {0.1, 0.01, 0.001})
    all.push_back({{text("wire size, ternary, even density, %g %%", 100 * p), "x entropy", 1.02},
                   [p](bool quick) { return even_at(p, quick); }});
  all.push_back({{"wire size, ternary, even density, 0.01 to 10 %", "x entropy", 1.025}, even_anywhere});
  for (const auto& [p, limit] : {std::pair(0.1, 0.68), std::pair(0.01, 0.56)})
    all.push_back({{text("wire size, positions, uneven layers, %g %%", 100 * p), "x entropy at one density", limit},
                   [p = p](bool quick) { return uneven_at(p, quick); }});
  all.push_back({{"wire size, 16 hits in 16,384, mean", "bytes over the entropy", 4},
                 [](bool quick) { return sixteen(false, quick); }});
  all.push_back({{"wire size, 16 hits in 16,384, worst", "bytes over the entropy", 4},
                 [](bool quick) { return sixteen(true, quick); }});
  return all;
}

}  // namespace

std::vector<result> measure_sizes(const plan& p) {
  std::vector<result> results;
  for (const size_goal& g : all_goals()) {
    if (!p.wants(g.what.name)) continue;
    progress(g.what.name);
    const measurement m = g.measure(p.quick);
    results.push_back({g.what, m.value, m.detail, true});
  }
  return results;
}

std::vector<std::string> size_names() {
  std::vector<std::string> names;
  for (const size_goal& g : all_goals()) names.push_back(g.what.name);
  return names;
}

}  // namespace goals
