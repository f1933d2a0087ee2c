// SPDX-License-Identifier: MIT
#include "text.hpp"

#include <cstdarg>
#include <cstdio>

namespace support {

std::string text(const char* format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  std::string all(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
  std::vsnprintf(&all[0], all.size() + 1, format, again);
  va_end(again);
  return all;
}

std::string grouped(double v) {
  std::string digits = text("%.0f", v);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

}  // namespace support
