# SPDX-License-Identifier: MIT
# What simavr_run promises, with the probe: bytes, end, exit codes, marks, stack, EEPROM, sleep, bad options.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/run.cmake")

# expect(text what): in `output`
macro(expect text)
  if(NOT "${output}" STREQUAL "${text}")
    message(FATAL_ERROR "weir: the device said `${output}`, expected `${text}`; ${errors}")
  endif()
endmacro()
# asked(text): what the device reads
macro(asked text)
  file(WRITE "${WORK}/input" "${text}")
  set(input "${WORK}/input")
endmacro()
macro(expect_error text)
  if(NOT "${errors}" MATCHES "${text}")
    message(FATAL_ERROR "weir: expected an error about `${text}`; it said `${errors}`")
  endif()
endmacro()
set(report "${WORK}/report.jsonl")

# An empty stdout but for the device, exit codes of the device.
asked("q")
run(0)
expect("")
asked("x")
run(7 --report "${report}")
expect("")
report_value("${report}" exit_code value)
report_value("${report}" end end)
if(NOT "${value}/${end}" STREQUAL "7/sleep")
  message(FATAL_ERROR "weir: reported ${value}, ${end}")
endif()

# Bytes: both ways, more than any buffer, each once and in order; the device is slower than the pipe. Line ends are not touched.
string(REPEAT "all of this, 40 bytes,\r\n\t comes back\n...." 500 long)
execute_process(COMMAND printf "\\377\\377" OUTPUT_FILE "${WORK}/ends")
file(WRITE "${WORK}/long" "${long}")
execute_process(COMMAND sh -c "printf e; cat '${WORK}/long' '${WORK}/ends'" OUTPUT_FILE "${WORK}/sent")
execute_process(COMMAND sh -c "cat '${WORK}/long' '${WORK}/ends'" OUTPUT_FILE "${WORK}/wanted")
execute_process(COMMAND "${RUNNER}" --mcu ${MCU} --cycles 500000000 "${ELF}"
  INPUT_FILE "${WORK}/sent" OUTPUT_FILE "${WORK}/got" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${WORK}/wanted" "${WORK}/got" COMMAND_ERROR_IS_FATAL ANY)

# --until
asked("t")
run(0 --until "the end")
expect("before\nthe end")
run(0 --until "not said")
expect("before\nthe end\nafter")

# --cycles, also while the device sleeps or waits for ever; sleep takes the device's time, to the tick.
asked("l")
run(124 --cycles 1000000)
expect_error("cycles are used up")
asked("z")
run(124 --cycles 100000000)
asked("s")
run(0 --report "${report}")
expect("awake")
report_value("${report}" cycles cycles)
if(cycles LESS 163840 OR cycles GREATER 190000)
  message(FATAL_ERROR "weir: ten ticks of 16,384 cycles took ${cycles}")
endif()

# Crashes
asked("c")
run(125)
expect_error("the program crashed: it left its code")
asked("a")
run(125)
expect_error("it stands still with interrupts off")

# Marks: a count of 1 for nothing, nested ones, and cycles as the delay loop says.
asked("m")
run(0 --report "${report}")
file(STRINGS "${report}" lines)
list(GET lines 0 nothing)
list(GET lines 1 delays)
list(GET lines 2 outer)
if(NOT "${nothing}" STREQUAL [[{"mark":1,"count":2,"min":1,"mean":1.0,"max":1}]] OR
   NOT "${outer}" STREQUAL [[{"mark":3,"count":1,"min":4,"mean":4.0,"max":4}]])
  message(FATAL_ERROR "weir: nothing took\n${nothing}\n${outer}")
endif()
string(JSON low GET "${delays}" min)
string(JSON high GET "${delays}" max)
if(low LESS 1000 OR low GREATER 1020 OR high LESS 3000 OR high GREATER 3040)
  message(FATAL_ERROR "weir: 1,000 and 3,000 cycles were measured as ${low} and ${high}")
endif()

# Stack and variables: 100 in .bss, some tables of switches in .data; a function with 300 bytes.
report_value("${report}" stack_peak shallow)
asked("d")
run(0 --report "${report}")
report_value("${report}" stack_peak deep)
report_value("${report}" ram_static variables)
if(deep LESS 300 OR deep GREATER 330 OR shallow GREATER 30 OR variables LESS 100 OR variables GREATER 160)
  message(FATAL_ERROR "weir: stack ${shallow} and ${deep}, variables ${variables}")
endif()

# EEPROM: erased at first, then kept from run to run; a byte takes 3.4 ms.
asked("p")
foreach(runs IN ITEMS 0 1 2)
  run(0 --eeprom "${WORK}/eeprom" --report "${report}")
  expect("${runs}")
endforeach()
report_value("${report}" cycles cycles)
if(cycles LESS 108800)
  message(FATAL_ERROR "weir: two bytes of EEPROM took ${cycles} cycles")
endif()
file(READ "${WORK}/eeprom" eeprom HEX)
string(LENGTH "${eeprom}" size)
math(EXPR last "${size} - 2")
string(SUBSTRING "${eeprom}" ${last} 2 at_end)
string(SUBSTRING "${eeprom}" 14 4 at_seven)
if(NOT "${at_seven}${at_end}" STREQUAL "02ff01")
  message(FATAL_ERROR "weir: the EEPROM has ${at_seven} at 7, ${at_end} at its end")
endif()
file(WRITE "${WORK}/small" "too small")
run(2 --eeprom "${WORK}/small")
expect_error("has 9")

# Nobody reads: the end, and not an error.
execute_process(COMMAND sh -c "{ printf f | '${RUNNER}' --mcu ${MCU} '${ELF}'; echo $? >&2; } | head -c 3"
  OUTPUT_VARIABLE output ERROR_VARIABLE errors)
expect("fff")
expect_error("nobody reads stdout any more\n0\n")

# SIGTERM, while its stdin is open and the device sleeps: a clean end.
execute_process(
  COMMAND sh -c "mkfifo in out; exec 3<>in 4<>out; '${RUNNER}' --mcu ${MCU} --report '${report}' '${ELF}' <&3 >&4 & \
printf z >&3; head -c 1 <&4; kill -TERM $!; wait $!; echo $?"
  WORKING_DIRECTORY "${WORK}" OUTPUT_VARIABLE output ERROR_VARIABLE errors)
expect("z0\n")
report_value("${report}" end end)
if(NOT "${end}" STREQUAL "signal")
  message(FATAL_ERROR "weir: SIGTERM ended the run by `${end}`")
endif()

# Bad options
set(good "${ELF}")
run(2 --cycles many)
run(2 --until "")
run(2 --frequency 3)
run(2 --report "${WORK}/no/such/folder/report")
expect_error("cannot write")
set(ELF "${WORK}/input")
run(2)
expect_error("is not an ELF file for an AVR")
set(ELF "${RUNNER}")
run(2)
expect_error("is not an ELF file for an AVR")
set(ELF "${WORK}/nowhere")
run(2)
expect_error("cannot read")
set(ELF "${good}")
set(MCU atmega9)
run(2)
expect_error("knows no chip `atmega9`")
