// SPDX-License-Identifier: MIT
// The main job: a fleet of workers and a coordinator train one model, once with dense float32 and once in two
// steps, with the same data, split, optimizer, batches and seeds; then what that cost in bytes and in accuracy.
//
//   fleet                                                       digits, 8 workers
//   fleet --data idx:/usr/share/datasets/fashion-mnist          Fashion-MNIST
//   fleet --data idx:/usr/share/datasets/fashion-mnist --net cnn    by a LeNet
//   fleet --data clips                                          clips of moving digits, by conv3d
//   fleet --data text:/usr/share/games/fortunes                 next characters, by a GRU
//   fleet --numbers int8                                        devices with weights of 8 bits
//   fleet --compare-numbers --runs 10                           what integers cost
#include <chrono>
#include <cstdio>
#include <vector>

#include "compare.hpp"
#include "options.hpp"
#include "runs.hpp"
#include "support/program.hpp"
#include "support/result_file.hpp"
#include "tables.hpp"

namespace {

int run(int argc, const char* const* argv) {
  fleet::options o;
  if (!fleet::parse(argc, argv, o)) return 0;
  const support::result_file json(o.json), svg(o.svg);
  const support::dataset data = fleet::load(o);
  fleet::settle(o, data);

  if (o.compare_numbers) {
    const std::vector<fleet::numbers_result> all = fleet::compare_numbers(o, data);
    std::fputs(fleet::numbers_table(o, all).c_str(), stdout);
    json.write(fleet::numbers_json(o, all));
    return 0;
  }
  const auto started = std::chrono::steady_clock::now();
  fleet::round_log rounds(o.observe);
  const fleet::results all = fleet::run_all(o, data, rounds);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::fputs(fleet::table(o, data, all).c_str(), stdout);
  std::fflush(stdout);
  json.write(fleet::json_text(o, data, all, seconds));
  svg.write(fleet::svg_text(data, all));
  rounds.close();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return support::run_program("fleet", [&] { return run(argc, argv); });
}
