# SPDX-License-Identifier: MIT
# ELF, a sketch, must have no heap, no exceptions and no static initialisers but those that EMPTY has, a sketch that only
# opens Serial; and its tables in flash where a 16-bit pointer reaches.
cmake_minimum_required(VERSION 3.25)
find_program(nm avr-nm REQUIRED)

# The size and name of every such symbol.
function(suspects elf out)
  execute_process(COMMAND "${nm}" -S "${elf}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  if(NOT "${symbols}" MATCHES " T main\n" OR NOT "${symbols}" MATCHES "(^|\n)([0-9a-f]+) T __ctors_start\n")
    message(FATAL_ERROR "weir: avr-nm finds no main or no __ctors_start in ${elf}; the checks would see nothing")
  endif()
  math(EXPR tables_end "0x${CMAKE_MATCH_2}")
  string(REGEX MATCH "([0-9a-f]+) T __ctors_end\n" ignored "${symbols}")
  math(EXPR constructors "0x${CMAKE_MATCH_1} - ${tables_end}")
  if(tables_end GREATER 65536)
    message(FATAL_ERROR "weir: the tables in flash end at ${tables_end}; a pointer reaches as far as 65,536")
  endif()
  set(kinds malloc calloc realloc free "_Zn[wa][a-zA-Z0-9_]*" "_Zd[la][a-zA-Z0-9_]*" "__cxa_[a-z_]+" "_Unwind_[a-zA-Z_]+"
    "_GLOBAL__(sub_)?I_[a-zA-Z0-9_.]*")
  list(JOIN kinds "|" kinds)
  string(REGEX MATCHALL "[0-9a-f]+ [a-zA-Z] (${kinds})(\\.[a-z0-9.]+)?\n" found "${symbols}")
  list(SORT found)
  set(${out} "constructors: ${constructors} bytes\n${found}" PARENT_SCOPE)
endfunction()

suspects("${ELF}" ours)
suspects("${EMPTY}" core)
message(STATUS "${ours}")
if(NOT "${ours}" STREQUAL "${core}")
  message(FATAL_ERROR "weir: an empty sketch has only\n${core}")
endif()
