# SPDX-License-Identifier: MIT
# Compiles each header alone, with all WARNINGS as errors. WAY is one of
#
#   plain                  C++11 as it is
#   arduino                after the macros of Arduino.h
#   freestanding           without the C++ library, with the portable kernels: what a microcontroller has
#   arduino_freestanding   both
#   clang                  plain, by clang++
#   avr                    for the ATmega2560, after its registers: 16-bit int, program memory
cmake_minimum_required(VERSION 3.25)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH root)
include("${CMAKE_CURRENT_LIST_DIR}/header_lists.cmake")

set(compiler g++)
set(flags "")
set(host FALSE)  # opt-in host headers need the standard library: they are compiled in the ways that have it
if("${WAY}" STREQUAL "plain")
  set(host TRUE)
elseif("${WAY}" STREQUAL "clang")
  set(compiler clang++)
  set(host TRUE)
elseif("${WAY}" STREQUAL "avr")
  set(compiler avr-g++)
  # avr-gcc 5 sees a conversion in every `u8 += u8`, and a promotion in expf, which avr-libc defines as exp
  set(flags -mmcu=atmega2560 -fno-exceptions -Wno-conversion -Wno-double-promotion)
  list(APPEND flags -include avr/io.h -include avr/interrupt.h)
endif()
if("${WAY}" MATCHES "freestanding")
  list(APPEND flags -nostdinc++ -DWEIR_ISA=scalar)
endif()
if("${WAY}" MATCHES "arduino")
  list(APPEND flags -include "${root}/tests/support/arduino_macros.hpp")
endif()

find_program(found ${compiler})
if(NOT found)
  message(FATAL_ERROR "${compiler} is not installed; README.md has the packages")
endif()

set(failed "")
set(count 0)
foreach(header IN LISTS headers)
  set(dialect c++11)
  if("${header}" MATCHES "${host_headers}")
    if(NOT host)
      continue()
    endif()
    set(dialect c++17)
  endif()
  set(support "")
  if("${WAY}" MATCHES "arduino" OR "${header}" MATCHES "${arduino_headers}")
    set(support "-I${root}/tests/support")  # a stand-in for Arduino.h
  endif()
  # By -include, because a main file with `#pragma once` is a warning.
  execute_process(
    COMMAND ${compiler} -std=${dialect} ${WARNINGS} "-I${root}/include" ${support} ${flags} -include ${header}
            -fsyntax-only -x c++ /dev/null
    RESULT_VARIABLE result ERROR_VARIABLE message)
  math(EXPR count "${count} + 1")
  if(NOT "${result}" STREQUAL "0")
    message(STATUS "<${header}>\n${message}")
    list(APPEND failed ${header})
  endif()
endforeach()
if(failed)
  list(JOIN failed ", " failed)
  message(FATAL_ERROR "weir: these headers do not compile alone (${WAY}): ${failed}")
endif()
message(STATUS "${count} headers compile alone (${WAY})")
