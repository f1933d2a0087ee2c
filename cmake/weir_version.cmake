# SPDX-License-Identifier: MIT
# The version number lives in include/weir/version.hpp; everything else in the build reads it through this function.

function(weir_read_version header out)
  file(READ "${header}" text)
  set(version "")
  foreach(part IN ITEMS MAJOR MINOR PATCH)
    if(NOT "${text}" MATCHES "#define WEIR_VERSION_${part} ([0-9]+)")
      message(FATAL_ERROR "weir: ${header} does not define WEIR_VERSION_${part} as a number")
    endif()
    string(APPEND version ".${CMAKE_MATCH_1}")
  endforeach()
  string(SUBSTRING "${version}" 1 -1 version)  # without the first dot
  set(${out} "${version}" PARENT_SCOPE)
endfunction()
