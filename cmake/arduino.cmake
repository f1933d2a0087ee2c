# SPDX-License-Identifier: MIT
# Builds Arduino sketches without the IDE, from Debian's arduino-core-avr and with the flags of its own platform.txt and boards.txt.
#
#   include(cmake/arduino.cmake)
#   weir_add_sketch(FOLDER)       FOLDER/NAME.ino becomes WEIR_SKETCHES/NAME/{mega,uno}.elf; the target is NAME
#   weir_add_sketch(FOLDER AS OTHER FLAGS -include FILE...)    the same with more flags, as OTHER
#
# A sketch sees what it would see in the IDE with single_include/weir.hpp copied into its folder: the core, the core's EEPROM
# library, its own tabs (*.h), and that header.
include_guard(DIRECTORY)  # the variables are a directory's

set(WEIR_ARDUINO "/usr/share/arduino/hardware/arduino/avr" CACHE PATH "The Arduino core for AVR: boards.txt, platform.txt, cores/")
set(WEIR_SKETCHES "${PROJECT_BINARY_DIR}/sketches")
set(WEIR_BOARDS mega uno)

if(NOT EXISTS "${WEIR_ARDUINO}/platform.txt")
  message(FATAL_ERROR "weir: no Arduino core in ${WEIR_ARDUINO}: install arduino-core-avr, "
    "or build without firmware (-DWEIR_BUILD_FIRMWARE=OFF)")
endif()
foreach(tool IN ITEMS avr-gcc avr-g++ avr-gcc-ar)
  find_program(WEIR_${tool} ${tool})
  if(NOT WEIR_${tool})
    message(FATAL_ERROR "weir: no ${tool}: install gcc-avr and avr-libc, or build without firmware (-DWEIR_BUILD_FIRMWARE=OFF)")
  endif()
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${WEIR_ARDUINO}/platform.txt" "${WEIR_ARDUINO}/boards.txt")

# The value of `key` in boards.txt or platform.txt. An empty one is a value; none is an error.
function(weir_arduino_value file key out)
  string(REPLACE "." "\\." pattern "${key}")
  file(STRINGS "${WEIR_ARDUINO}/${file}" line REGEX "^${pattern}=" LIMIT_COUNT 1)
  if("${line}" STREQUAL "")
    message(FATAL_ERROR "weir: ${WEIR_ARDUINO}/${file} does not say ${key}")
  endif()
  string(FIND "${line}" "=" equals)
  math(EXPR equals "${equals} + 1")
  string(SUBSTRING "${line}" ${equals} -1 value)
  set(${out} "${value}" PARENT_SCOPE)
endfunction()

# The flags that platform.txt gives a language, as a list. Warnings are chosen by the one who compiles.
function(weir_arduino_flags key out)
  weir_arduino_value(platform.txt ${key} flags)
  string(REPLACE "{compiler.warning_flags}" "" flags "${flags}")
  separate_arguments(flags UNIX_COMMAND "${flags}")
  set(${out} "${flags}" PARENT_SCOPE)
endfunction()

weir_arduino_flags(compiler.c.flags weir_arduino_c)
weir_arduino_flags(compiler.cpp.flags weir_arduino_cpp)
weir_arduino_flags(compiler.S.flags weir_arduino_S)
weir_arduino_flags(compiler.c.elf.flags weir_arduino_elf)
# WString.cpp has a `DECIMAL_DIG`, which avr-libc does not define.
list(APPEND weir_arduino_cpp "-DDECIMAL_DIG=__DECIMAL_DIG__")

# What boards.txt calls the boards: a Mega is sold with two chips, and has a menu.
set(weir_arduino_mega mega.menu.cpu.atmega2560)
set(weir_arduino_uno uno)
foreach(board IN LISTS WEIR_BOARDS)
  weir_arduino_value(boards.txt ${weir_arduino_${board}}.build.mcu WEIR_${board}_MCU)
  weir_arduino_value(boards.txt ${weir_arduino_${board}}.upload.maximum_size WEIR_${board}_FLASH)
  weir_arduino_value(boards.txt ${weir_arduino_${board}}.build.board name)
  weir_arduino_value(boards.txt ${board}.upload.maximum_data_size WEIR_${board}_RAM)
  weir_arduino_value(boards.txt ${board}.build.f_cpu f_cpu)
  weir_arduino_value(boards.txt ${board}.build.core core)
  weir_arduino_value(boards.txt ${board}.build.variant variant)

  set(core "${WEIR_ARDUINO}/cores/${core}")
  set(weir_arduino_on_${board} -mmcu=${WEIR_${board}_MCU} -DF_CPU=${f_cpu} -DARDUINO=10819 -DARDUINO_${name} -DARDUINO_ARCH_AVR
    "-I${core}" "-I${WEIR_ARDUINO}/variants/${variant}")

  if(TARGET arduino_core_${board})
    continue()
  endif()
  file(GLOB sources "${core}/*.c" "${core}/*.cpp" "${core}/*.S")
  set(objects "")
  foreach(source IN LISTS sources)
    cmake_path(GET source FILENAME file)
    cmake_path(GET source EXTENSION LAST_ONLY extension)
    string(SUBSTRING "${extension}" 1 -1 language)
    set(compiler "${WEIR_avr-gcc}")
    if(language STREQUAL "cpp")
      set(compiler "${WEIR_avr-g++}")
    endif()
    set(object "${WEIR_SKETCHES}/core/${board}/${file}.o")
    add_custom_command(OUTPUT "${object}"
      COMMAND "${compiler}" ${weir_arduino_${language}} -w ${weir_arduino_on_${board}} "${source}" -o "${object}"
      DEPENDS "${source}" COMMENT "Arduino core for ${board}: ${file}" VERBATIM)
    list(APPEND objects "${object}")
  endforeach()
  set(archive "${WEIR_SKETCHES}/core/${board}/core.a")
  file(MAKE_DIRECTORY "${WEIR_SKETCHES}/core/${board}")
  add_custom_command(OUTPUT "${archive}"
    COMMAND "${CMAKE_COMMAND}" -E rm -f "${archive}"
    COMMAND "${WEIR_avr-gcc-ar}" rcs "${archive}" ${objects}
    DEPENDS ${objects} COMMENT "Arduino core for ${board}" VERBATIM)
  add_custom_target(arduino_core_${board} DEPENDS "${archive}")
endforeach()

function(weir_add_sketch folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "AS" "FLAGS")
  cmake_path(ABSOLUTE_PATH folder)
  cmake_path(GET folder FILENAME name)
  set(ino "${folder}/${name}.ino")
  if(arg_AS)
    set(name "${arg_AS}")
  endif()
  set(single "${PROJECT_SOURCE_DIR}/single_include/weir.hpp")
  file(GLOB tabs CONFIGURE_DEPENDS "${folder}/*.h")
  set(included ${arg_FLAGS})
  list(FILTER included INCLUDE REGEX "^/.*\\.hpp$")  # behind -include

  # As the IDE does: the sketch is C++ after Arduino.h. (It also declares functions ahead of their use; ours need none of that.)
  set(cpp "${WEIR_SKETCHES}/${name}/${name}.ino.cpp")
  file(CONFIGURE OUTPUT "${cpp}" CONTENT "#include <Arduino.h>\n#include \"${ino}\"\n")

  set(elves "")
  foreach(board IN LISTS WEIR_BOARDS)
    set(object "${WEIR_SKETCHES}/${name}/${board}.o")
    set(elf "${WEIR_SKETCHES}/${name}/${board}.elf")
    # With the warnings that a user may switch on in the IDE ("all"), as errors.
    add_custom_command(OUTPUT "${elf}"
      COMMAND "${WEIR_avr-g++}" ${weir_arduino_cpp} -Wall -Wextra -Werror ${weir_arduino_on_${board}} ${arg_FLAGS}
              "-I${WEIR_ARDUINO}/libraries/EEPROM/src" "-I${folder}" "-I${PROJECT_SOURCE_DIR}/single_include" "${cpp}" -o "${object}"
      COMMAND "${WEIR_avr-gcc}" -w ${weir_arduino_elf} -mmcu=${WEIR_${board}_MCU} -o "${elf}" "${object}"
              "${WEIR_SKETCHES}/core/${board}/core.a" -lm
      DEPENDS "${ino}" ${tabs} ${included} "${single}" "${cpp}" arduino_core_${board} "${WEIR_SKETCHES}/core/${board}/core.a"
      COMMENT "Sketch ${name} for ${board}" VERBATIM)
    list(APPEND elves "${elf}")
  endforeach()
  add_custom_target(${name} ALL DEPENDS ${elves})
endfunction()
