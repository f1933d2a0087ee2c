// SPDX-License-Identifier: MIT
// Devices of the mixed fleet, on a host:
//
//   device --rank 3 --ranks 8                                          its line are standard input and output
//   device --count 8 --ranks 8 --tcp localhost:4000                    eight of them
#include <csignal>

#include "coordinator/endpoint.hpp"
#include "options.hpp"
#include "support/program.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  serving::have_descriptors();
  return support::run_program("device", [&] {
    working::options o;
    if (!working::parse(argc, argv, o)) return 0;
    o.net == "digits" ? working::work_on_digits(o) : working::work_on_quarter(o);
    return 0;
  });
}
