# SPDX-License-Identifier: MIT
# Builds avr_kernels.cpp for the ATmega2560 with clang++, as ELF, and runs it by the command RUN.
cmake_minimum_required(VERSION 3.25)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH tests)
cmake_path(GET tests PARENT_PATH root)
execute_process(COMMAND clang++ --target=avr -mmcu=atmega2560 -std=gnu++11 -Os -fno-exceptions -isystem /usr/lib/avr/include
    "-I${root}/include" "-I${root}/examples/firmware" -c "${CMAKE_CURRENT_LIST_DIR}/avr_kernels.cpp" -o "${ELF}.o"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND avr-g++ -mmcu=atmega2560 "${ELF}.o" -o "${ELF}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${RUN} COMMAND_ERROR_IS_FATAL ANY)
