// SPDX-License-Identifier: MIT
// hostile NET RANK RANKS SEED
//
// Says to a coordinator, on standard output and for ever, what no worker would say, as if it were worker RANK of a fleet of
// RANKS: hostile_words.hpp. Hears nothing.
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "../support/hostile_words.hpp"

namespace {

template <class Net>
void speak(std::uint16_t rank, std::uint16_t ranks, std::uint32_t seed) {
  using words = test_support::hostile_words<Net>;
  words all(seed, false, rank, ranks);
  for (std::uint16_t turn = 0;; ++turn) {
    all.set_round(turn);
    const std::string some = all.pour(static_cast<typename words::flood>(turn % 4), turn % 4 == 3 ? 8192 : 512) + '\0';
    for (std::size_t at = 0; at < some.size();) {
      const ssize_t n = ::write(1, some.data() + at, some.size() - at);
      if (n < 0 && errno != EINTR) return;
      if (n > 0) at += static_cast<std::size_t>(n);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string net = argc == 5 ? argv[1] : "";
  if (net != "digits" && net != "quarter") {
    std::fprintf(stderr, "hostile: usage: hostile digits|quarter RANK RANKS SEED\n");
    return 2;
  }
  const auto number = [argv](int i) { return static_cast<std::uint16_t>(std::atoi(argv[i])); };
  net == "digits" ? speak<mixed::net_digits>(number(2), number(3), number(4))
                  : speak<mixed::net_quarter>(number(2), number(3), number(4));
  return 0;
}
