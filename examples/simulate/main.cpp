// SPDX-License-Identifier: MIT
// A fleet over unequal links, in virtual time: how long until a wanted accuracy, with dense exchange, with one Wt for all
// devices, and with a Wt that each link's budget sets?
//
//   simulate                                                    digits, eight devices on six kinds of links
//   simulate --data idx:/usr/share/datasets/fashion-mnist       Fashion-MNIST
//   simulate --links lora_sf7,lora_sf7,wifi --svg FILE          others, and a picture
#include <cstdio>
#include <mutex>
#include <utility>
#include <vector>

#include "fleet/nets.hpp"
#include "report.hpp"
#include "support/for_each.hpp"
#include "support/program.hpp"
#include "support/result_file.hpp"

namespace {

std::vector<simulate::result> run_all(const simulate::options& o, const support::dataset& data,
                                      std::vector<simulate::trial> trials) {
  std::vector<simulate::result> all;
  for (simulate::trial& t : trials) all.push_back({std::move(t), {}});
  std::size_t done = 0;
  std::mutex one_at_a_time;
  support::for_each(all.size(), o.jobs, [&](std::size_t i) {
    simulate::result& r = all[i];
    r.came = fleet::takes_digits(data) ? run_digits(r.tried.what, data) : run_idx(r.tried.what, data);
    if (o.quiet) return;
    const std::lock_guard<std::mutex> hold(one_at_a_time);
    std::fprintf(stderr, "%3zu %%  %-30s %6.2f %% at the end\n", 100 * ++done / all.size(), r.tried.name.c_str(),
                 r.came.accuracy);
  });
  return all;
}

int run(int argc, const char* const* argv) {
  simulate::options o;
  if (!simulate::parse(argc, argv, o)) return 0;
  const support::result_file json(o.json), svg(o.svg);
  const support::dataset data = simulate::load(o);
  simulate::settle(o, data);
  const std::vector<simulate::result> all = run_all(o, data, simulate::trials(o));
  std::fputs(simulate::table(o, data, all).c_str(), stdout);
  std::fflush(stdout);
  json.write(simulate::json_text(o, data, all));
  svg.write(simulate::svg_text(o, data, all));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return support::run_program("simulate", [&] { return run(argc, argv); });
}
