// SPDX-License-Identifier: MIT
// Each line has broken a generator: none of this may change. Read by tests/CMakeLists.txt.
#pragma once

#include <stddef.h>

#include <weir/version.hpp>

#define NASTY(a, i) \
  do {              \
    a[i] = a[(i)];; \
  } while (0)

inline int nasty(const int* a, int i) { int b; b = a[i]; return b; }  // ]] [[ ]; [; ;] #[[ "
inline const char* text() { return "${ROOT} @ROOT@ $ENV{HOME} \\;\\[ \" \n %\\"; }	// a tab, then two spaces  
// a path that ends in a backslash and a semicolon: c:\;
// grüße, µ ≥ 0
/* #include_next, #pragma once and # include <other/weir.hpp> stay where they are */
#if defined(__AVR__)
#  include <avr/pgmspace.h>
#endif


