// SPDX-License-Identifier: MIT
#include "support/own_layer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>
#include <weir/host/weight_arrays.hpp>
#include <weir/nn/activation.hpp>
#include <weir/nn/batch_norm.hpp>
#include <weir/nn/convolution.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/dropout.hpp>
#include <weir/nn/embedding.hpp>
#include <weir/nn/flatten.hpp>
#include <weir/nn/frozen.hpp>
#include <weir/nn/group_norm.hpp>
#include <weir/nn/gru.hpp>
#include <weir/nn/layer_norm.hpp>
#include <weir/nn/lstm.hpp>
#include <weir/nn/pooling.hpp>
#include <weir/nn/recomputed.hpp>
#include <weir/nn/rms_norm.hpp>
#include <weir/nn/sequential.hpp>
#include <weir/nn/simple_rnn.hpp>
#include <weir/nn/skip.hpp>
#include <weir/weights.hpp>

using namespace weir;
using test_support::own_layer;

namespace {

/// What a model says of its weights. Gapless and to the end: weight_arrays throws where sizes do not add up.
template <class Model>
std::string text() {
  size_t at = 0;
  for (const weight_array& a : weight_arrays<Model>()) {
    CHECK(a.offset == at);
    at += a.size;
  }
  CHECK(at == Model::parameters());
  return weight_text<Model>();
}

template <class In, class... Layers>
std::string of() {
  return text<sequential<In, Layers...>>();
}

struct constants {
  static const float* data() { return nullptr; }
  static constexpr uint32_t id() { return 1; }
};

/// Says less, or says it twice.
template <bool Twice>
struct lying_layer {
  template <class In>
  struct on : own_layer::on<In> {
    template <class Visitor>
    static void describe(Visitor& v) {
      v.array("weight", In());
      if (Twice) v.array("weight", In());
    }
  };
};

}  // namespace

TEST_CASE("layers say what their weights are, by PyTorch's names and shapes") {
  CHECK(of<input<3>, dense<4>>() == "0.weight (4, 3) 0\n0.bias (4,) 12\n");
  CHECK(of<input<9>, embedding<12, 7>, flatten, dense<2>>() ==
        "0.weight (12, 7) 0\n2.weight (2, 63) 84\n2.bias (2,) 210\n");
  CHECK(of<input<2, 3, 4>, layer_norm<>>() == "0.weight (4,) 0\n0.bias (4,) 4\n");
  CHECK(of<input<2, 3, 4>, layer_norm<2>>() == "0.weight (3, 4) 0\n0.bias (3, 4) 12\n");
  CHECK(of<input<2, 3, 4>, rms_norm<3>>() == "0.weight (2, 3, 4) 0\n");
  CHECK(of<input<6, 3>, group_norm<2>>() == "0.weight (6,) 0\n0.bias (6,) 6\n");
  CHECK(of<input<6, 3>, instance_norm>() == "0.weight (6,) 0\n0.bias (6,) 6\n");
  CHECK(of<input<5, 3>, batch_norm>() ==
        "0.weight (5,) 0\n0.bias (5,) 5\n0.running_mean (5,) 10\n0.running_var (5,) 15\n");
  CHECK(of<input<7>, batch_norm>() ==
        "0.weight (7,) 0\n0.bias (7,) 7\n0.running_mean (7,) 14\n0.running_var (7,) 21\n");
}

TEST_CASE("convolutions have one extent for each axis of their window") {
  CHECK(of<input<2, 9>, conv1d<4, window<3>>>() == "0.weight (4, 2, 3) 0\n0.bias (4,) 24\n");
  CHECK(of<input<6, 9, 8>, conv2d<4, same, groups<2>, window<5, 3>>>() == "0.weight (4, 3, 5, 3) 0\n0.bias (4,) 180\n");
  CHECK(of<input<4, 9, 8>, conv2d<4, window<3, 3>, groups<4>>>() == "0.weight (4, 1, 3, 3) 0\n0.bias (4,) 36\n");
  CHECK(of<input<2, 5, 6, 7>, conv3d<3, window<2, 3, 4>, stride<1, 2, 1>>>() ==
        "0.weight (3, 2, 2, 3, 4) 0\n0.bias (3,) 144\n");
}

TEST_CASE("recurrent layers have one bias, and a GRU the part of the other that its new gate keeps apart") {
  CHECK(of<input<5, 3>, simple_rnn<2>>() == "0.weight_ih (2, 3) 0\n0.weight_hh (2, 2) 6\n0.bias (2,) 10\n");
  CHECK(of<input<5, 3>, lstm<2, all_outputs>>() == "0.weight_ih (8, 3) 0\n0.weight_hh (8, 2) 24\n0.bias (8,) 40\n");
  CHECK(of<input<5, 3>, gru<2>>() ==
        "0.weight_ih (6, 3) 0\n0.weight_hh (6, 2) 18\n0.bias (6,) 30\n0.bias_hn (2,) 36\n");
}

TEST_CASE("layers are counted from 0, those without weights too, and inside of a layer anew") {
  CHECK(of<input<4>, dense<3>, relu, dropout<1, 2>, dense<2>>() ==
        "0.weight (3, 4) 0\n0.bias (3,) 12\n3.weight (2, 3) 15\n3.bias (2,) 21\n");
  CHECK(of<input<4>, skip<dense<4>, relu, recomputed<relu, dense<4>>>, dense<1>>() ==
        "0.0.weight (4, 4) 0\n0.0.bias (4,) 16\n0.2.1.weight (4, 4) 20\n0.2.1.bias (4,) 36\n"
        "1.weight (1, 4) 40\n1.bias (1,) 44\n");
  CHECK(of<input<4>, relu, skip_with<dense<2>, dense<3>, relu, dense<2>>>() ==
        "1.0.weight (2, 4) 0\n1.0.bias (2,) 8\n1.1.weight (3, 4) 10\n1.1.bias (3,) 22\n"
        "1.3.weight (2, 3) 25\n1.3.bias (2,) 31\n");
  CHECK(of<input<4>, frozen<constants, dense<4>, relu>, dense<1>>() == "1.weight (1, 4) 0\n1.bias (1,) 4\n");
  CHECK(of<input<4, 2>, max_pool<window<2>>, flatten, relu>().empty());
}

TEST_CASE("a layer that says nothing of its weights has one array of them; one that lies is found out") {
  CHECK(of<input<2, 3>, own_layer, flatten, dense<1>>() == "0.weights (12,) 0\n2.weight (1, 6) 12\n2.bias (1,) 18\n");
  typedef sequential<input<3>, lying_layer<false>> says_less;
  typedef sequential<input<3>, lying_layer<true>> says_twice;
  CHECK_THROWS_WITH(weight_arrays<says_less>(), "weir: the layers describe 3 weights, and have 6");
  CHECK_THROWS_WITH(weight_arrays<says_twice>(), "weir: a layer describes 0.weight twice");
}

TEST_CASE("the order is the weights' own: as layers begin, gains and variances are 1, biases and means 0") {
  typedef sequential<input<2, 8, 8>, conv2d<4, window<3, 3>>, batch_norm, relu,
                     skip<conv2d<4, window<3, 3>, same>, group_norm<2>>, layer_norm<3>, reshape<6, 24>,
                     gru<5, all_outputs>, simple_rnn<4, all_outputs>, lstm<3>, rms_norm<>, dense<2>>
      model;
  std::vector<float> w(model::parameters(), 7.0f);
  model::initialize(w.data(), 5);
  size_t ones = 0, zeros = 0, spread = 0;
  for (const weight_array& a : weight_arrays<model>()) {
    CAPTURE(a.name);
    const auto begin = w.begin() + static_cast<long>(a.offset), end = begin + static_cast<long>(a.size);
    const std::string kind = a.name.substr(a.name.rfind('.') + 1);
    if (a.name == "8.bias") {  // lstm: i, f, g, o
      CHECK(std::vector<float>(begin, end) == std::vector<float>{0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0});
    } else if (kind == "running_var" || (kind == "weight" && (a.name == "1.weight" || a.name == "3.1.weight" ||
                                                              a.name == "4.weight" || a.name == "9.weight"))) {
      ++ones;
      CHECK(std::all_of(begin, end, [](float v) { return v == 1.0f; }));
    } else if (kind == "bias" || kind == "bias_hn" || kind == "running_mean") {
      ++zeros;
      CHECK(std::all_of(begin, end, [](float v) { return v == 0.0f; }));
    } else {
      ++spread;
      CHECK(std::none_of(begin, end, [](float v) { return v == 0.0f || v == 1.0f; }));
    }
  }
  CHECK(ones == 5);
  CHECK(zeros == 10);
  CHECK(spread == 9);
}

TEST_CASE("store_weights writes little-endian floats, and load_weights reads them") {
  const float w[] = {1.0f, -0.15625f, 0.0f};
  uint8_t out[13];
  std::fill(std::begin(out), std::end(out), uint8_t{0xAA});
  CHECK(store_weights(w, 3, bytes(out, 12)) == status::ok);
  const uint8_t golden[] = {0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xbe, 0, 0, 0, 0, 0xAA};
  CHECK(std::equal(std::begin(golden), std::end(golden), out));
  float back[] = {7, 7, 7, 7};
  CHECK(load_weights(const_bytes(out, 12), back, 3) == status::ok);
  CHECK(std::equal(w, w + 3, back));
  CHECK(back[3] == 7);
  CHECK(store_weights(w, 0, bytes()) == status::ok);
  CHECK(load_weights(const_bytes(), back, 0) == status::ok);
}

TEST_CASE("any other size is another model's, and nothing changes") {
  const float w[] = {1, 2, 3};
  for (size_t size = 0; size <= 24; ++size) {
    if (size == 12) continue;
    CAPTURE(size);
    std::vector<uint8_t> out(size, uint8_t{0xAA});
    CHECK(store_weights(w, 3, bytes(out.data(), size)) == status::wrong_model);
    CHECK(std::count(out.begin(), out.end(), uint8_t{0xAA}) == static_cast<long>(size));
    float back[] = {7, 7, 7};
    CHECK(load_weights(const_bytes(out.data(), size), back, 3) == status::wrong_model);
    CHECK(std::count(back, back + 3, 7.0f) == 3);
  }
}

TEST_CASE("what is no number is not loaded, wherever it stands") {
  const float infinite = std::numeric_limits<float>::infinity();
  for (const float bad : {infinite, -infinite, std::nanf("1")})
    for (size_t at = 0; at < 3; ++at) {
      float w[] = {1, 2, 3};
      w[at] = bad;
      uint8_t out[12];
      CHECK(store_weights(w, 3, bytes(out)) == status::ok);
      float back[] = {7, 7, 7};
      CHECK(load_weights(const_bytes(out), back, 3) == status::malformed);
      CHECK(std::count(back, back + 3, 7.0f) == 3);
    }
  const float most[] = {std::numeric_limits<float>::max(), -std::numeric_limits<float>::denorm_min(), -0.0f};
  uint8_t out[12];
  float back[3];
  CHECK(store_weights(most, 3, bytes(out)) == status::ok);
  CHECK(load_weights(const_bytes(out), back, 3) == status::ok);
  CHECK(std::equal(most, most + 3, back));
  CHECK(std::signbit(back[2]));
}

TEST_CASE("fixed point goes through floats unchanged, and takes the nearest of what it does not have") {
  std::vector<fixed16<12>> all(65535), back(all.size());
  for (size_t i = 0; i < all.size(); ++i) all[i].raw = static_cast<int16_t>(static_cast<int>(i) - 32767);
  std::vector<uint8_t> out(4 * all.size());
  CHECK(store_weights(all.data(), static_cast<index_t>(all.size()), bytes(out.data(), out.size())) == status::ok);
  CHECK(load_weights(const_bytes(out.data(), out.size()), back.data(), static_cast<index_t>(all.size())) == status::ok);
  CHECK(std::equal(all.begin(), all.end(), back.begin()));

  const float given[] = {0.3f, -0.3f, 1e9f, -3e38f, 0.0311f, -3.96f};
  const int8_t wanted[] = {10, -10, 127, -127, 1, -127};
  uint8_t small[24];
  fixed8<5> got[6];
  CHECK(store_weights(given, 6, bytes(small)) == status::ok);
  CHECK(load_weights(const_bytes(small), got, 6) == status::ok);
  for (int i = 0; i < 6; ++i) CHECK(got[i].raw == wanted[i]);
}
