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

}  // namespace support
