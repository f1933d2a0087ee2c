// SPDX-License-Identifier: MIT
// What does this frame say, and why does nobody take it?
//
//   weir-inspect --hex 11efbe03020104 00 e97f38ec
//   weir-inspect frame.bin --encoder ternary --cells 1210 --integer
//   weir-inspect --cobs < /tmp/serial.log --json
//
// Exits with 0 if all frames are good, 1 if one is bad, 2 if it was asked wrongly.
#include <cstdio>

#include "explain.hpp"
#include "report.hpp"
#include "support/program.hpp"

namespace {

int run(int argc, const char* const* argv) {
  inspect::options o;
  if (!inspect::parse(argc, argv, o)) return 0;
  bool good = true, first = true;
  for (const inspect::datagram& d : inspect::read(o)) {
    const inspect::finding f = inspect::explain(d, o);
    if (!first && !o.json) std::fputs("\n", stdout);
    std::fputs((o.json ? inspect::as_json(f) : inspect::as_text(f)).c_str(), stdout);
    good = good && f.good();
    first = false;
  }
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return support::run_program("weir-inspect", [&] { return run(argc, argv); });
}
