// SPDX-License-Identifier: MIT
// What every program of ours does with what goes wrong.
#pragma once

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "bad_input.hpp"

namespace support {

/// Says on stderr, in one line, what is wrong; returns the code.
inline int complain(const char* program, std::string what, int code) {
  std::replace(what.begin(), what.end(), '\n', ' ');
  std::fprintf(stderr, "%s: %s\n", program, what.c_str());
  return code;
}

/// A program's exit code: what body() returns; 2 after bad_input, 1 after any other exception.
template <class Body>
int run_program(const char* program, Body&& body) {
  try {
    return body();
  } catch (const bad_input& e) {
    return complain(program, e.what(), 2);
  } catch (const std::bad_alloc&) {
    return complain(program, "not enough memory", 1);
  } catch (const std::exception& e) {
    return complain(program, e.what(), 1);
  }
}

}  // namespace support
