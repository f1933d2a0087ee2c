// SPDX-License-Identifier: MIT
// The coordinator of a real fleet: devices on serial lines, child processes, TCP, in any mixture.
//
//   coordinator --exec "node --rank 0 --ranks 2" --device /dev/ttyACM0     two workers
//   coordinator --listen 4000 --ranks 8 --quorum 6 --deadline 5000         whoever calls
#include <string>

#include "aggregator.hpp"
#include "descriptor.hpp"
#include "endpoint.hpp"
#include "journal.hpp"
#include "options.hpp"
#include "server.hpp"
#include "support/program.hpp"

namespace {

/// Descriptors 0, 1 and 2 are there, so that no line gets their numbers.
void have_standard_streams() {
  int fd = 0;
  while (fd >= 0 && fd <= 2) fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::close(fd);
}

int run(int argc, const char* const* argv) {
  serving::options o;
  if (!serving::parse(argc, argv, o)) return 0;
  const std::unique_ptr<serving::aggregator> fleet = serving::make_aggregator(o, support::load_digits());
  serving::journal log(o.log);
  serving::stop_reason why;
  {
    serving::server server(o, *fleet, log);
    why = server.run();
  }
  log.close();
  if (why == serving::stop_reason::rounds && o.until_accuracy > 0)
    throw std::runtime_error("--until-accuracy: not reached in " + std::to_string(o.rounds) + " rounds");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  have_standard_streams();
  serving::have_descriptors();
  return support::run_program("coordinator", [&] { return run(argc, argv); });
}
