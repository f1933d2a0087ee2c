// SPDX-License-Identifier: MIT
// 784-128-10 by Eigen, as one would write it by hand: samples are columns, weights lie as Eigen multiplies them fastest.
#include <Eigen/Dense>

#include "problem.hpp"

namespace peers {
namespace {

typedef Eigen::MatrixXf matrix;
typedef Eigen::VectorXf vector;
typedef Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> rows;

constexpr int inputs() { return 784; }
constexpr int hidden() { return 128; }

class dense_net : public trainer {
 public:
  explicit dense_net(const problem& p)
      : w1_(rows(p.weights.data(), hidden(), inputs())),
        w2_(rows(p.weights.data() + (inputs() + 1) * hidden(), classes(), hidden())),
        b1_(Eigen::Map<const vector>(p.weights.data() + inputs() * hidden(), hidden())),
        b2_(Eigen::Map<const vector>(p.weights.data() + (inputs() + 1) * hidden() + hidden() * classes(), classes())),
        u1_(matrix::Zero(hidden(), inputs())),
        u2_(matrix::Zero(classes(), hidden())),
        ub1_(vector::Zero(hidden())),
        ub2_(vector::Zero(classes())),
        x_(Eigen::Map<const matrix>(p.x.data(), inputs(), batch())),
        h_(hidden(), batch()),
        y_(classes(), batch()),
        dh_(hidden(), batch()),
        dy_(classes(), batch()),
        labels_(p.labels) {}

  float loss() override {
    forward();
    float sum = 0;
    for (int b = 0; b < batch(); ++b) {
      const float top = y_.col(b).maxCoeff();
      sum += std::log((y_.col(b).array() - top).exp().sum()) - (y_(labels_[static_cast<size_t>(b)], b) - top);
    }
    return sum / batch();
  }

  void step() override {
    forward();
    for (int b = 0; b < batch(); ++b) {
      dy_.col(b) = (y_.col(b).array() - y_.col(b).maxCoeff()).exp();
      dy_.col(b) /= dy_.col(b).sum();
      dy_(labels_[static_cast<size_t>(b)], b) -= 1;
    }
    dy_ /= batch();
    dh_.noalias() = w2_.transpose() * dy_;
    dh_ = (h_.array() > 0).select(dh_, 0.0f);
    u2_ *= momentum();
    u2_.noalias() += dy_ * h_.transpose();
    u1_ *= momentum();
    u1_.noalias() += dh_ * x_.transpose();
    ub2_ = momentum() * ub2_ + dy_.rowwise().sum();
    ub1_ = momentum() * ub1_ + dh_.rowwise().sum();
    w1_ -= rate() * u1_;
    w2_ -= rate() * u2_;
    b1_ -= rate() * ub1_;
    b2_ -= rate() * ub2_;
  }

 private:
  void forward() {
    h_.noalias() = w1_ * x_;
    h_.colwise() += b1_;
    h_ = h_.cwiseMax(0.0f);
    y_.noalias() = w2_ * h_;
    y_.colwise() += b2_;
  }

  matrix w1_, w2_;
  vector b1_, b2_;
  matrix u1_, u2_;
  vector ub1_, ub2_;
  matrix x_, h_, y_, dh_, dy_;
  std::vector<int64_t> labels_;
};

}  // namespace

std::unique_ptr<trainer> by_eigen(const problem& p) { return std::make_unique<dense_net>(p); }

}  // namespace peers
