// SPDX-License-Identifier: MIT
// That this links at all shows that no header defines a function twice.
#include <stdio.h>
#include <string.h>

typedef const char* test_function();
test_function* native();
test_function* again();
test_function* pinned();

int main() {
  printf("native: %s\nagain:  %s\npinned: %s\n", native()(), again()(), pinned()());
  if (native() != again()) return puts("units of one configuration must share their functions"), 1;
  if (native() == pinned()) return puts("units of two configurations share a function"), 1;
  if (strcmp(native()(), pinned()()) == 0) return puts("the linker merged two configurations"), 1;
  return 0;
}
