# SPDX-License-Identifier: MIT
# examples/arduino_node/digits.h is what the command in make_digits.awk writes.
cmake_minimum_required(VERSION 3.25)
file(MAKE_DIRECTORY "${WORK}")
set(folder "${ROOT}/examples/arduino_node")
file(STRINGS "${folder}/make_digits.awk" command REGEX "^#   zcat ")
string(REGEX REPLACE "^#   " "" command "${command}")
execute_process(COMMAND sh -c "${command}" WORKING_DIRECTORY "${ROOT}" OUTPUT_FILE "${WORK}/digits.h" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${WORK}/digits.h" "${folder}/digits.h" RESULT_VARIABLE differs)
if(differs)
  message(FATAL_ERROR "weir: digits.h is not what this writes:\n  ${command} > examples/arduino_node/digits.h")
endif()
execute_process(COMMAND sh -c "echo 1,2 | awk -v RANK=0 -v RANKS=1 -v ROWS=1 -f '${folder}/make_digits.awk'"
  RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE errors)
if("${result}" STREQUAL "0" OR NOT "${errors}" MATCHES "rank 0 of 1 has only 0 rows")
  message(FATAL_ERROR "weir: with too few rows make_digits.awk must say so; it said ${errors}")
endif()
