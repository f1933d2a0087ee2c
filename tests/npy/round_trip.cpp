// SPDX-License-Identifier: MIT
// The side of round_trip.py that is weir's.
//
//   npy_round_trip write FOLDER     weight i is (37 i mod 1009 - 504) / 256, and the same again in FOLDER/all.bin
//   npy_round_trip check FOLDER     weight i must be 1 + 2 times that
//   npy_round_trip refuse FOLDER    prints why it is refused; nothing may have changed
//   npy_round_trip list             the arrays, a line each
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>
#include <weir/host/npy.hpp>
#include <weir/nn/activation.hpp>
#include <weir/nn/batch_norm.hpp>
#include <weir/nn/convolution.hpp>
#include <weir/nn/dense.hpp>
#include <weir/nn/flatten.hpp>
#include <weir/nn/gru.hpp>
#include <weir/nn/lstm.hpp>
#include <weir/nn/sequential.hpp>
#include <weir/nn/skip.hpp>
#include <weir/weights.hpp>

namespace {

typedef weir::sequential<weir::input<2, 8, 8>, weir::conv2d<4, weir::window<3, 3>>, weir::batch_norm, weir::relu,
                         weir::reshape<6, 24>, weir::gru<5, weir::all_outputs>, weir::lstm<3>,
                         weir::skip<weir::dense<3>, weir::relu>, weir::dense<2>>
    net;

float wanted(size_t i) { return (static_cast<float>(37 * i % 1009) - 504.0f) / 256.0f; }

int fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "", folder = argc > 2 ? argv[2] : ".";
  std::vector<float> w(net::parameters());
  for (size_t i = 0; i < w.size(); ++i) w[i] = wanted(i);
  if (what == "list") {
    std::fputs(weir::weight_text<net>().c_str(), stdout);
    return 0;
  }
  if (what == "write") {
    std::vector<uint8_t> all(4 * w.size());
    if (weir::store_weights(w.data(), net::parameters(), weir::bytes(all.data(), all.size())) != weir::status::ok)
      return fail("store_weights");
    std::ofstream(folder + "/all.bin", std::ios::binary)
        .write(reinterpret_cast<const char*>(all.data()), static_cast<std::streamsize>(all.size()));
    const weir::npy_result saved = weir::save_npy<net>(folder, w.data());
    return saved ? 0 : fail(saved.why);
  }
  const std::vector<float> before = w;
  const weir::npy_result loaded = weir::load_npy<net>(folder, w.data());
  if (what == "refuse") {
    if (loaded) return fail("taken, and should not have been");
    std::printf("%s\n", loaded.why.c_str());
    return std::memcmp(w.data(), before.data(), 4 * w.size()) == 0 ? 0 : fail("weights have changed");
  }
  if (what != "check") return fail("write, check, refuse or list");
  if (!loaded) return fail(loaded.why);
  for (size_t i = 0; i < w.size(); ++i)
    if (w[i] != 1.0f + 2.0f * wanted(i)) return fail("weight " + std::to_string(i) + " is " + std::to_string(w[i]));
  return 0;
}
