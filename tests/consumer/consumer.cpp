// SPDX-License-Identifier: MIT
// A program of somebody else: prints the version it was built with.
#include <stdio.h>

#include <weir/weir.hpp>

int main() {
  printf("weir %d.%d.%d\n", WEIR_VERSION_MAJOR, WEIR_VERSION_MINOR, WEIR_VERSION_PATCH);
  return sizeof(weir::index_t) == 4 ? 0 : 1;
}
