# SPDX-License-Identifier: MIT
# Looks into ELF, by the binutils with the prefix TOOLS: no heap, no exceptions, no constructors before main. A node has
# nearly nothing in .data. On AVR all tables in flash are where a 16-bit pointer reaches.
cmake_minimum_required(VERSION 3.25)
set(data_limit 64)  # bytes; every initialised variable costs flash and RAM

foreach(tool IN ITEMS nm size)
  find_program(found_${tool} ${TOOLS}${tool})
  if(NOT found_${tool})
    message(FATAL_ERROR "${TOOLS}${tool} is not installed; README.md has the packages")
  endif()
endforeach()

execute_process(COMMAND "${found_nm}" "${ELF}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
if(NOT "${symbols}" MATCHES " [tT] (main|board_start)\n")  # main may be inlined
  message(FATAL_ERROR "weir: ${TOOLS}nm finds no program in ${ELF}; the checks below would see nothing")
endif()
# malloc and its kin, operator new and delete; exceptions and guards of function statics; static initialisers
set(forbidden "_?(malloc|calloc|realloc|free|sbrk)(_r)?" "_Zn[wa][a-zA-Z0-9_]*" "_Zd[la][a-zA-Z0-9_]*" "__cxa_[a-z_]+"
  "_Unwind_[a-zA-Z_]+" "_GLOBAL__(sub_)?I_[a-zA-Z0-9_.]*" "__do_global_ctors" "__libc_init_array" "atexit")
list(JOIN forbidden "|" forbidden)
if("${symbols}" MATCHES " [a-zA-Z] (${forbidden})(\\.[a-z0-9.]+)?\n")
  message(FATAL_ERROR "weir: ${ELF} contains `${CMAKE_MATCH_1}`")
endif()
if("${TOOLS}" STREQUAL "avr-")
  if(NOT "${symbols}" MATCHES "(^|\n)([0-9a-f]+) T __ctors_start\n")  # behind the tables
    message(FATAL_ERROR "weir: no __ctors_start in ${ELF}")
  endif()
  math(EXPR behind "0x${CMAKE_MATCH_2}")
  if(behind GREATER 65536)
    message(FATAL_ERROR "weir: the tables in flash end at ${behind}, and 65,536 is as far as a pointer reaches")
  endif()
endif()

execute_process(COMMAND "${found_size}" -A "${ELF}" OUTPUT_VARIABLE sizes COMMAND_ERROR_IS_FATAL ANY)
message(STATUS "${sizes}")
if(NOT "${sizes}" MATCHES "\n\\.text[a-zA-Z0-9_.]* +[0-9]+ ")
  message(FATAL_ERROR "weir: cannot read what ${TOOLS}size says")
endif()
if("${sizes}" MATCHES "\n\\.(ctors|init_array)[a-zA-Z0-9_.]* +[1-9]")
  message(FATAL_ERROR "weir: ${ELF} has constructors before main")
endif()
if("${PROGRAM}" MATCHES "^node" AND "${sizes}" MATCHES "\n\\.data +([0-9]+) " AND NOT CMAKE_MATCH_1 LESS data_limit)
  message(FATAL_ERROR "weir: ${CMAKE_MATCH_1} bytes in .data, ${data_limit} is too much; is there a member that "
    "does not start as zero, or a table outside flash?")
endif()
