// SPDX-License-Identifier: MIT
// Recurrent layers from their equations, one number at a time, in double, with weights as PyTorch has them; and those weights
// as weir has them.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace test_support {

/// PyTorch's weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0.
struct torch_weights {
  std::vector<double> w_ih, w_hh, b_ih, b_hh;
};

enum class recurrent_kind { simple_rnn, gru, lstm };

struct reference_recurrent {
  recurrent_kind kind;
  size_t features, hidden;

  size_t gates() const { return kind == recurrent_kind::simple_rnn ? 1 : kind == recurrent_kind::gru ? 3 : 4; }

  template <class Unit>
  torch_weights random_weights(Unit unit) const {
    const size_t rows = gates() * hidden;
    torch_weights t;
    for (size_t i = 0; i < rows * features; ++i) t.w_ih.push_back(unit());
    for (size_t i = 0; i < rows * hidden; ++i) t.w_hh.push_back(unit());
    for (size_t i = 0; i < rows; ++i) t.b_ih.push_back(unit());
    for (size_t i = 0; i < rows; ++i) t.b_hh.push_back(unit());
    return t;
  }

  /// The mapping that the layers' comments give.
  std::vector<float> to_weir(const torch_weights& t) const {
    std::vector<float> w;
    for (const double v : t.w_ih) w.push_back(static_cast<float>(v));
    for (const double v : t.w_hh) w.push_back(static_cast<float>(v));
    const size_t together = kind == recurrent_kind::gru ? 2 * hidden : gates() * hidden;
    for (size_t i = 0; i < gates() * hidden; ++i)
      w.push_back(static_cast<float>(i < together ? t.b_ih[i] + t.b_hh[i] : t.b_ih[i]));
    for (size_t i = together; i < gates() * hidden; ++i) w.push_back(static_cast<float>(t.b_hh[i]));
    return w;
  }

  /// h after each step of one sample x[steps][features].
  template <class X>
  std::vector<double> run(const torch_weights& t, const X* x, size_t steps) const {
    std::vector<double> h(hidden), c(hidden), all;
    for (size_t s = 0; s < steps; ++s, x += features) {
      const auto from_x = [&](size_t row) {
        double sum = t.b_ih[row];
        for (size_t f = 0; f < features; ++f) sum += t.w_ih[row * features + f] * static_cast<double>(x[f]);
        return sum;
      };
      const auto from_h = [&](size_t row) {
        double sum = t.b_hh[row];
        for (size_t i = 0; i < hidden; ++i) sum += t.w_hh[row * hidden + i] * h[i];
        return sum;
      };
      const auto sum = [&](size_t gate, size_t i) { return from_x(gate * hidden + i) + from_h(gate * hidden + i); };
      const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
      std::vector<double> next(hidden);
      for (size_t j = 0; j < hidden; ++j) {
        if (kind == recurrent_kind::simple_rnn) {
          next[j] = std::tanh(sum(0, j));
        } else if (kind == recurrent_kind::gru) {
          const double r = sigmoid(sum(0, j)), z = sigmoid(sum(1, j));
          const double n = std::tanh(from_x(2 * hidden + j) + r * from_h(2 * hidden + j));
          next[j] = (1 - z) * n + z * h[j];
        } else {
          const double i = sigmoid(sum(0, j)), f = sigmoid(sum(1, j)), g = std::tanh(sum(2, j)), o = sigmoid(sum(3, j));
          c[j] = f * c[j] + i * g;
          next[j] = o * std::tanh(c[j]);
        }
      }
      h = next;
      all.insert(all.end(), h.begin(), h.end());
    }
    return all;
  }
};

}  // namespace test_support
