# SPDX-License-Identifier: MIT
# Compiles flash_tables.cpp for AVR by COMPILER, without and with optimisation: its tables must stand in program memory.
cmake_minimum_required(VERSION 3.25)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH tests)
cmake_path(GET tests PARENT_PATH root)

foreach(tool IN ITEMS ${COMPILER} avr-objdump)
  find_program(found_${tool} ${tool})
  if(NOT found_${tool})
    message(FATAL_ERROR "${tool} is not installed; README.md has the packages")
  endif()
endforeach()
set(flags -std=c++11 -mmcu=atmega2560 -fno-exceptions -fdata-sections ${WARNINGS})
if("${COMPILER}" STREQUAL "clang++")
  list(APPEND flags --target=avr -isystem /usr/lib/avr/include)
else()
  list(APPEND flags -Wno-conversion -Wno-double-promotion)  # avr-gcc 5: tests/CMakeLists.txt
endif()

foreach(level IN ITEMS -O0 -Os)
  set(object "${WORK}/flash_tables.${COMPILER}${level}.o")
  execute_process(COMMAND ${COMPILER} ${flags} ${level} "-I${root}/include" -c "${CMAKE_CURRENT_LIST_DIR}/flash_tables.cpp"
    -o "${object}" COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND avr-objdump -t "${object}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  message(STATUS "${symbols}")
  foreach(table IN ITEMS table_of_bytes table_of_words table_of_floats)
    if(NOT "${symbols}" MATCHES " O \\.progmem\\.[^\n]*${table}")
      message(FATAL_ERROR "weir: by ${COMPILER} ${level}, ${table} does not stand in program memory")
    endif()
  endforeach()
  if("${symbols}" MATCHES "_GLOBAL__(sub_)?I_|\\.(ctors|init_array)")
    message(FATAL_ERROR "weir: by ${COMPILER} ${level}, a table is filled at run time")
  endif()
endforeach()
