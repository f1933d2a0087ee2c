# SPDX-License-Identifier: MIT
# The sketch arduino_node on MCU, with node_test as its coordinator.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/run.cmake")
set(rounds_digits 90)
set(accuracy_digits 70)
set(rounds_quarter 120)
set(accuracy_quarter 85)

execute_process(COMMAND "${TEST}" ${NET} ${rounds_${NET}} ${accuracy_${NET}}
  "${RUNNER}" --mcu ${MCU} --report "${WORK}/report.jsonl" "${ELF}" COMMAND_ERROR_IS_FATAL ANY)
check_sizes("${WORK}/report.jsonl")
