// SPDX-License-Identifier: MIT
// Prints a file of tests/golden with the bytes that weir writes now in place of those that stand there; of a new vector,
// `bytes ?` stands there. It changes no file: compare what it prints with what is there, and mean it.
//
//   golden_bytes tests/golden/bodies.txt | diff tests/golden/bodies.txt -
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "write.hpp"

namespace {

constexpr size_t words_in_a_line = 32;

bool is_written(const golden::block& b) { return b.kind.rfind("refused", 0) != 0 && b.kind != "heard"; }

void print(const golden::data& bytes) {
  const std::vector<std::string> words = golden::hex(bytes);
  for (size_t i = 0; i == 0 || i < words.size(); i += words_in_a_line) {
    std::printf("bytes");
    for (size_t k = i; k < i + words_in_a_line && k < words.size(); ++k) std::printf(" %s", words[k].c_str());
    std::printf("\n");
  }
}

void copy(const std::string& path) {
  const std::vector<golden::block> all = golden::read(path);
  std::ifstream in(path);
  std::string line;
  size_t next = 0, n = 0;
  bool printed = false;
  while (std::getline(in, line)) {
    ++n;
    if (next < all.size() && all[next].line == n) {
      ++next;
      printed = false;
    }
    const bool bytes = line.rfind("bytes", 0) == 0 && is_written(all.at(next - 1));
    if (!bytes) std::printf("%s\n", line.c_str());
    if (!bytes || printed) continue;
    print(golden::written(all[next - 1]));
    printed = true;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("golden_bytes FILE...: prints the files with the bytes that are written now\n", stderr);
    return 2;
  }
  try {
    for (int i = 1; i < argc; ++i) copy(argv[i]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "golden_bytes: %s\n", e.what());
    return 1;
  }
  return 0;
}
