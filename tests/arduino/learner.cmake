# SPDX-License-Identifier: MIT
# The sketch arduino_learner on MCU: learns and saves; after a reset it recognises as many as before; told to forget, it
# starts anew; what is in EEPROM and is no saved model is not loaded.
cmake_minimum_required(VERSION 3.25)  # which reads the sketch's \r\n as \n
include("${CMAKE_CURRENT_LIST_DIR}/run.cmake")
set(wanted 190)  # of 200
set(limits --cycles 3000000000)

run(0 ${limits} --eeprom "${WORK}/eeprom" --report "${WORK}/first.jsonl" --until "looks like")
message(STATUS "${output}")
if(NOT "${output}" MATCHES "^nothing saved\nafter 0 periods: ([0-9]+) of 200 right\n.*\nsaved: ([0-9]+) of 200 right\n")
  message(FATAL_ERROR "weir: it has not learned and saved")
endif()
set(saved ${CMAKE_MATCH_2})
if(CMAKE_MATCH_1 GREATER 60 OR saved LESS wanted)
  message(FATAL_ERROR "weir: from ${CMAKE_MATCH_1} to ${saved} of 200 right; ${wanted} is what it can learn")
endif()
check_sizes("${WORK}/first.jsonl")

run(0 ${limits} --eeprom "${WORK}/eeprom" --until "looks like")
if(NOT "${output}" MATCHES "^loaded: ([0-9]+) of 200 right\n" OR NOT CMAKE_MATCH_1 EQUAL saved)
  message(FATAL_ERROR "weir: after the reset it should know ${saved} of 200:\n${output}")
endif()

file(WRITE "${WORK}/a_byte" "f")
set(input "${WORK}/a_byte")
run(0 ${limits} --eeprom "${WORK}/eeprom" --until "after 250 periods")
if(NOT "${output}" MATCHES "^loaded: .*\nafter 0 periods: ([0-9]+) of 200 right\n" OR CMAKE_MATCH_1 GREATER 60)
  message(FATAL_ERROR "weir: it should have forgotten:\n${output}")
endif()

set(input "${WORK}/nothing")
file(SIZE "${WORK}/eeprom" size)
string(REPEAT "?" ${size} rubbish)
file(WRITE "${WORK}/rubbish" "${rubbish}")
run(0 ${limits} --eeprom "${WORK}/rubbish" --until "after 0 periods")
if(NOT "${output}" MATCHES "^nothing saved\n")
  message(FATAL_ERROR "weir: rubbish was taken for a model:\n${output}")
endif()
