// SPDX-License-Identifier: MIT
#include "data.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <weir/weir.hpp>

namespace goals {
namespace {

constexpr std::uint32_t run = 8192;

std::uint32_t with_sign(std::uint64_t index, dice& random) {
  return static_cast<std::uint32_t>(index | (random.bits() & 0x80000000u));
}

template <class Encoder>
void decode(const std::uint8_t* body, std::size_t size, std::uint32_t n, coordinates& hits) {
  hits.clear();
  const weir::status s = Encoder::template decode<float>(
      weir::const_bytes(body, size), n,
      [&hits](weir::index_t i, float v) { hits.push_back(v < 0 ? i | 0x80000000u : i); });
  if (s != weir::status::ok) throw std::runtime_error("ternary: what was encoded is malformed");
}

}  // namespace

dice::dice(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15u;
    word = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    word ^= word >> 31;
  }
}

std::uint64_t dice::bits() {
  const auto turned = [](std::uint64_t v, int by) { return (v << by) | (v >> (64 - by)); };
  std::uint64_t* const s = state_;
  const std::uint64_t result = turned(s[1] * 5, 7) * 9;
  const std::uint64_t shifted = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = turned(s[3], 45);
  return result;
}

double dice::normal() {
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(6.283185307179586 * uniform());
}

coordinates even(std::uint32_t n, double p, dice& random) {
  coordinates hits;
  hits.reserve(static_cast<std::size_t>(1.05 * n * p) + 100);
  const double scale = 1 / std::log1p(-p);
  for (double at = 0;; ++at) {
    at += std::floor(std::log(random.uniform()) * scale);
    if (at >= n) return hits;
    hits.push_back(with_sign(static_cast<std::uint64_t>(at), random));
  }
}

coordinates uneven(std::uint32_t n, std::uint32_t k, dice& random) {
  std::vector<double> values(n);
  dice scales(77);
  double scale = 1;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (i % run == 0) scale = std::exp(0.8 * scales.normal());
    values[i] = std::abs(scale * random.normal());
  }
  std::vector<double> sorted = values;
  std::nth_element(sorted.begin(), sorted.end() - k, sorted.end());
  const double wt = *(sorted.end() - k);
  coordinates hits;
  for (std::uint32_t i = 0; i < n; ++i)
    if (values[i] >= wt) hits.push_back(with_sign(i, random));
  return hits;
}

coordinates chosen(std::uint32_t n, std::uint32_t k, dice& random) {
  std::vector<std::uint32_t> picked;
  while (picked.size() < k) {
    const std::uint32_t i = static_cast<std::uint32_t>(random.uniform() * n);
    if (std::find(picked.begin(), picked.end(), i) == picked.end()) picked.push_back(i);
  }
  std::sort(picked.begin(), picked.end());
  for (std::uint32_t& i : picked) i = with_sign(i, random);
  return picked;
}

double entropy(double n, double k) {
  const double p = k / n;
  return p <= 0 || p >= 1 ? 0 : -n * (p * std::log2(p) + (1 - p) * std::log1p(-p) / std::log(2.0));
}

double entropy_of_runs(std::uint32_t n, const coordinates& hits) {
  std::vector<std::uint32_t> counts((n + run - 1) / run);
  for (const std::uint32_t hit : hits) ++counts[(hit & 0x7fffffff) / run];
  double bits = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    bits += entropy(std::min(run, n - static_cast<std::uint32_t>(i) * run), counts[i]);
  return bits;
}

std::size_t put_ternary(const coordinates& hits, std::uint32_t n, std::uint32_t expected,
                        std::vector<std::uint8_t>& out) {
  typedef weir::grid<float, float> grid;
  out.resize(weir::ternary::max_bytes(n, static_cast<weir::index_t>(hits.size())));
  weir::ternary::state state{};
  const weir::encode_request request = {1.0f, n, 0, expected};
  weir::ternary::writer<grid> writer(weir::ternary(), state, grid(1.0f), request, weir::bytes(out.data(), out.size()));
  for (const std::uint32_t hit : hits) {
    float cell = (hit >> 31) != 0 ? -1.25f : 1.25f;
    if (!writer.put(hit & 0x7fffffff, cell)) throw std::runtime_error("ternary: max_bytes() is too little");
  }
  return writer.finish(state);
}

std::size_t ternary_bytes(const coordinates& hits, std::uint32_t n, std::uint32_t expected) {
  std::vector<std::uint8_t> out;
  const std::size_t size = put_ternary(hits, n, expected, out);
  coordinates back;
  ternary_coordinates(out.data(), size, n, back);
  if (back != hits) throw std::runtime_error("ternary: what was encoded does not come back");
  return size;
}

void ternary_coordinates(const std::uint8_t* body, std::size_t size, std::uint32_t n, coordinates& hits) {
  decode<weir::ternary>(body, size, n, hits);
}
void coordinates_of_two(const std::uint8_t* body, std::size_t size, std::uint32_t n, coordinates& hits) {
  decode<weir::segmented<weir::ternary, 2>>(body, size, n, hits);
}

}  // namespace goals
