# SPDX-License-Identifier: MIT
# Runs a machine, by the command RUN, without input. It must end with 0 and print what REFERENCE, a program for the host,
# prints, but for lines that begin with `#`; without REFERENCE that is not asked. The first lines must be those of GOLDEN, a
# file, and the last one `end`.
cmake_minimum_required(VERSION 3.25)

function(said_by out)
  execute_process(COMMAND ${ARGN} INPUT_FILE /dev/null OUTPUT_VARIABLE text ERROR_VARIABLE errors RESULT_VARIABLE result)
  list(JOIN ARGN " " command)
  message(STATUS "${command}\n${text}${errors}")
  if(NOT "${result}" STREQUAL "0")
    message(FATAL_ERROR "weir: the program ended with `${result}`")
  endif()
  string(REGEX REPLACE "#[^\n]*\n" "" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

said_by(said ${RUN})
file(READ "${GOLDEN}" golden)
string(FIND "${said}" "${golden}" at)
if("${golden}" STREQUAL "" OR NOT at EQUAL 0)
  message(FATAL_ERROR "weir: it does not begin with the frames of ${GOLDEN}:\n${golden}")
endif()
if(NOT "${said}" MATCHES "\nweights crc [0-9]+\n.*\nend\n$")
  message(FATAL_ERROR "weir: it did not come to its end")
endif()
if(NOT "${REFERENCE}" STREQUAL "")
  said_by(wanted "${REFERENCE}")
  if(NOT "${said}" STREQUAL "${wanted}")
    message(FATAL_ERROR "weir: it does not say what the host says")
  endif()
endif()
