// SPDX-License-Identifier: MIT
// A second implementation of models and losses: in double, at run time, as plainly as possible. Tests differentiate it
// numerically and compare with what the library computes.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace test_support {

enum class kind { dense, relu, leaky7, leaky1, sigmoid, tanh };
enum class loss_kind { cross_entropy, squared, hinge, binary, absolute, huber, multiclass };

struct reference_layer {
  kind what;
  size_t outputs;  // of dense
};

struct reference_model {
  size_t inputs;
  std::vector<reference_layer> layers;
  loss_kind loss;

  std::vector<double> forward(const std::vector<double>& w, const double* x) const {
    std::vector<double> y(x, x + inputs);
    size_t at = 0;
    for (const reference_layer& layer : layers) {
      if (layer.what == kind::dense) {
        std::vector<double> z(layer.outputs);
        for (size_t o = 0; o < layer.outputs; ++o) {
          z[o] = w[at + layer.outputs * y.size() + o];
          for (size_t i = 0; i < y.size(); ++i) z[o] += w[at + o * y.size() + i] * y[i];
        }
        at += layer.outputs * (y.size() + 1);
        y = z;
        continue;
      }
      for (double& v : y) {
        if (layer.what == kind::relu) v = v > 0 ? v : 0;
        if (layer.what == kind::leaky7) v = v > 0 ? v : v / 128;
        if (layer.what == kind::leaky1) v = v > 0 ? v : v / 2;
        if (layer.what == kind::sigmoid) v = 1 / (1 + std::exp(-v));
        if (layer.what == kind::tanh) v = std::tanh(v);
      }
    }
    return y;
  }

  /// The loss of outputs y; `label` for classes, `wanted` for squares.
  double value(const std::vector<double>& y, size_t label, const double* wanted) const {
    double sum = 0;
    if (loss == loss_kind::cross_entropy) {
      for (const double v : y) sum += std::exp(v - y[label]);
      return std::log(sum);
    }
    if (loss == loss_kind::multiclass) {
      double rival = -1e300;
      for (size_t i = 0; i < y.size(); ++i)
        if (i != label) rival = std::fmax(rival, y[i]);
      return std::fmax(0.0, 1 + rival - y[label]);
    }
    const double share = 1 / static_cast<double>(y.size());
    for (size_t i = 0; i < y.size(); ++i) {
      const double d = std::fabs(y[i] - wanted[i]);
      if (loss == loss_kind::binary) {
        const double p = 1 / (1 + std::exp(-y[i]));
        sum -= (wanted[i] * std::log(p) + (1 - wanted[i]) * std::log(1 - p)) * share;
      }
      if (loss == loss_kind::absolute) sum += d * share;
      if (loss == loss_kind::huber) sum += (d < 0.5 ? d * d / 2 : 0.5 * (d - 0.25)) * share;  // delta 1/2
      if (loss == loss_kind::squared) sum += (y[i] - wanted[i]) * (y[i] - wanted[i]) / static_cast<double>(y.size());
      if (loss == loss_kind::hinge) {
        const bool up = y.size() == 1 ? label == 1 : i == label;
        sum += std::fmax(0.0, 1 - (up ? y[i] : -y[i]));
      }
    }
    return sum;
  }
};

/// d f / d w by central differences.
template <class Function>
std::vector<double> numerical_gradient(std::vector<double> w, Function f) {
  std::vector<double> g(w.size());
  const double step = 1e-6;
  for (size_t i = 0; i < w.size(); ++i) {
    const double there = w[i];
    w[i] = there + step;
    const double above = f(w);
    w[i] = there - step;
    g[i] = (above - f(w)) / (2 * step);
    w[i] = there;
  }
  return g;
}

}  // namespace test_support
