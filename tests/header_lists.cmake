# SPDX-License-Identifier: MIT
# The headers, as <weir/...> names them, and which of them are special. Included by scripts that know `root`.
file(GLOB_RECURSE headers RELATIVE "${root}/include" "${root}/include/weir/*.hpp")
if(NOT headers)
  message(FATAL_ERROR "weir: no headers under ${root}/include")
endif()

# Opt-in, for a host: C++17 and the standard library. The umbrella never includes them.
set(host_headers "^weir/(sim/|host/|transport/(asio|posix|udp|tcp|file)[^/]*\\.hpp$)")

# These include Arduino.h.
set(arduino_headers "^weir/(platform|transport)/arduino[^/]*\\.hpp$")
