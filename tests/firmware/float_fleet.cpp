// SPDX-License-Identifier: MIT
// float_fleet NET RANKS ROUNDS ACCURACY POINTS
//
// Trains the fleet of NET (digits or quarter) in floats on the host, in two steps like the fleet of small integers, on the
// same rows and with the same hyper-parameters, and fails if a fleet with ACCURACY percent is more than POINTS below it.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../support/fleet_in_memory.hpp"

namespace {

template <class Net>
double accuracy(std::uint16_t ranks, unsigned rounds) {
  test_support::fleet_in_memory<Net, float> fleet(ranks);
  fleet.rounds(rounds);
  return fleet.accuracy();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string net = argc == 6 ? argv[1] : "";
  const int ranks = argc == 6 ? std::atoi(argv[2]) : 0;
  if ((net != "digits" && net != "quarter") || ranks < 1 || ranks > 16) {
    std::fprintf(stderr, "float_fleet: usage: float_fleet digits|quarter RANKS ROUNDS ACCURACY POINTS\n");
    return 2;
  }
  const unsigned rounds = static_cast<unsigned>(std::atoi(argv[3]));
  const double got = std::atof(argv[4]), points = std::atof(argv[5]);
  const double wanted = net == "digits" ? accuracy<mixed::net_digits>(static_cast<std::uint16_t>(ranks), rounds)
                                        : accuracy<mixed::net_quarter>(static_cast<std::uint16_t>(ranks), rounds);
  std::printf("float: %.2f %%, 16 bits: %.2f %%, difference %+.2f points\n", wanted, got, got - wanted);
  if (got >= wanted - points) return 0;
  std::fprintf(stderr, "float_fleet: that is more than %.1f points below\n", points);
  return 1;
}
