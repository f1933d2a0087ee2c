# SPDX-License-Identifier: MIT
# Links SOURCE for the ATmega2560 and looks into the result: no heap, no exceptions, nearly nothing in .data.
cmake_minimum_required(VERSION 3.25)
set(data_limit 64)  # bytes; every initialised variable costs flash and SRAM

foreach(tool IN ITEMS avr-g++ avr-nm avr-size)
  find_program(found_${tool} ${tool})
  if(NOT found_${tool})
    message(FATAL_ERROR "${tool} is not installed; README.md has the packages")
  endif()
endforeach()

file(MAKE_DIRECTORY "${WORK}")
execute_process(COMMAND avr-g++ ${FLAGS} -Wl,--gc-sections "${SOURCE}" -o "${WORK}/program.elf" -lm
  COMMAND_ERROR_IS_FATAL ANY)

execute_process(COMMAND avr-nm "${WORK}/program.elf" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
if(NOT "${symbols}" MATCHES " T main\n")
  message(FATAL_ERROR "weir: avr-nm finds no main in ${WORK}/program.elf; the checks below would see nothing")
endif()
# malloc and its kin, operator new and delete, exceptions, guards of function statics
set(forbidden "(malloc|calloc|realloc|free|_Zn[wa][a-zA-Z0-9_]*|_Zd[la][a-zA-Z0-9_]*|__cxa_[a-z_]+)")
if("${symbols}" MATCHES " [a-zA-Z] ${forbidden}(\\.[a-z0-9.]+)?\n")
  message(FATAL_ERROR "weir: the program for the ATmega2560 contains `${CMAKE_MATCH_1}`")
endif()

execute_process(COMMAND avr-size -A "${WORK}/program.elf" OUTPUT_VARIABLE sizes COMMAND_ERROR_IS_FATAL ANY)
if(NOT "${sizes}" MATCHES "\n\\.text +[0-9]+ ")
  message(FATAL_ERROR "weir: cannot read what avr-size says:\n${sizes}")
endif()
if("${sizes}" MATCHES "\n\\.data +([0-9]+) " AND NOT CMAKE_MATCH_1 LESS data_limit)
  message(FATAL_ERROR "weir: ${CMAKE_MATCH_1} bytes in .data, ${data_limit} is too much; is there a member that "
    "does not start as zero, or a table outside flash?")
endif()
message(STATUS "${sizes}")
