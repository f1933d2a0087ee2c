// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace support {

/// printf's format, as a string.
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
std::string
text(const char* format, ...);

/// 12345.6 as "12,346".
std::string grouped(double v);

}  // namespace support
