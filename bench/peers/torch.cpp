// SPDX-License-Identifier: MIT
// The nets by libtorch, on one thread.
#include <torch/torch.h>

#include "problem.hpp"

namespace peers {
namespace {

namespace nn = torch::nn;

/// Takes the next weights of ours into a tensor.
class reader {
 public:
  explicit reader(const std::vector<float>& from) : at_(from.data()) {}
  void into(const torch::Tensor& t) {
    torch::NoGradGuard none;
    t.copy_(torch::from_blob(const_cast<float*>(at_), t.sizes()));
    at_ += t.numel();
  }

 private:
  const float* at_;
};

class net_by_torch : public trainer {
 public:
  net_by_torch(const problem& p, at::IntArrayRef sample)
      : labels_(torch::from_blob(const_cast<int64_t*>(p.labels.data()), {batch()}, torch::kLong).clone()) {
    torch::set_num_threads(1);
    std::vector<int64_t> shape = {batch()};
    shape.insert(shape.end(), sample.begin(), sample.end());
    x_ = torch::from_blob(const_cast<float*>(p.x.data()), shape).clone();
  }
  float loss() override { return loss_of(x_).item<float>(); }
  void step() override {
    optimizer_->zero_grad();
    loss_of(x_).backward();
    optimizer_->step();
  }

 protected:
  virtual torch::Tensor outputs(const torch::Tensor& x) = 0;
  void trains(const std::vector<torch::Tensor>& weights) {
    optimizer_ = std::make_unique<torch::optim::SGD>(weights, torch::optim::SGDOptions(rate()).momentum(momentum()));
  }

 private:
  torch::Tensor loss_of(const torch::Tensor& x) { return nn::functional::cross_entropy(outputs(x), labels_); }

  torch::Tensor x_, labels_;
  std::unique_ptr<torch::optim::SGD> optimizer_;
};

class layers_by_torch : public net_by_torch {
 public:
  layers_by_torch(const problem& p, at::IntArrayRef sample, nn::Sequential layers)
      : net_by_torch(p, sample), layers_(std::move(layers)) {
    reader ours(p.weights);
    for (const torch::Tensor& t : layers_->parameters())
      ours.into(t);  // each layer's weights, then its biases, as ours
    trains(layers_->parameters());
  }

 private:
  torch::Tensor outputs(const torch::Tensor& x) override { return layers_->forward(x); }
  nn::Sequential layers_;
};

class gru_by_torch : public net_by_torch {
 public:
  explicit gru_by_torch(const problem& p)
      : net_by_torch(p, {64, 32}), gru_(nn::GRUOptions(32, 32).batch_first(true)), head_(32, classes()) {
    reader ours(p.weights);
    ours.into(gru_->named_parameters()["weight_ih_l0"]);
    ours.into(gru_->named_parameters()["weight_hh_l0"]);
    ours.into(gru_->named_parameters()["bias_ih_l0"]);
    torch::NoGradGuard none;
    const torch::Tensor hidden_bias = gru_->named_parameters()["bias_hh_l0"];
    hidden_bias.zero_();
    ours.into(hidden_bias.slice(0, 64, 96));
    ours.into(head_->weight);
    ours.into(head_->bias);
    std::vector<torch::Tensor> all = gru_->parameters();
    for (const torch::Tensor& t : head_->parameters()) all.push_back(t);
    trains(all);
  }

 private:
  torch::Tensor outputs(const torch::Tensor& x) override {
    return head_->forward(std::get<0>(gru_->forward(x)).select(1, 63));
  }
  nn::GRU gru_;
  nn::Linear head_;
};

}  // namespace

std::unique_ptr<trainer> by_torch(net n, const problem& p) {
  if (n == net::dense)
    return std::make_unique<layers_by_torch>(
        p, at::IntArrayRef{784}, nn::Sequential(nn::Linear(784, 128), nn::ReLU(), nn::Linear(128, classes())));
  if (n == net::gru) return std::make_unique<gru_by_torch>(p);
  return std::make_unique<layers_by_torch>(
      p, at::IntArrayRef{1, 28, 28},
      nn::Sequential(nn::Conv2d(nn::Conv2dOptions(1, 6, 5).padding(2)), nn::ReLU(), nn::MaxPool2d(2),
                     nn::Conv2d(nn::Conv2dOptions(6, 16, 5)), nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(),
                     nn::Linear(400, 120), nn::ReLU(), nn::Linear(120, 84), nn::ReLU(), nn::Linear(84, classes())));
}

}  // namespace peers
