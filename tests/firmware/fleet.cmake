# SPDX-License-Identifier: MIT
# A fleet of emulated machines, DEVICES, each a command, joined by `|`, trains NET with COORDINATOR for ROUNDS rounds, all of
# which wait for all ranks. It must get to the very weights, bit for bit, that as many processes of NODE, on the host, get to;
# get LEAST percent of the test rows right; and be at most 2 points below a fleet of floats: FLOAT_FLEET.
cmake_minimum_required(VERSION 3.25)

# trained(who commands): runs the fleet; sets ${who}_weights (their check) and ${who}_accuracy.
function(trained who)
  set(lines "")
  foreach(command IN LISTS ARGN)
    list(APPEND lines --exec "${command}")
  endforeach()
  set(log "${WORK}.${who}.jsonl")
  execute_process(COMMAND "${COORDINATOR}" --net ${NET} --rounds ${ROUNDS} --every ${ROUNDS} --log "${log}" ${lines}
    OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE result)
  message(STATUS "${said}")
  if(NOT "${result}" STREQUAL "0")
    message(FATAL_ERROR "weir: the coordinator ended with `${result}`")
  endif()
  file(STRINGS "${log}" stop REGEX "\"event\":\"stop\"")
  string(JSON weights GET "${stop}" weights)
  string(JSON accuracy GET "${stop}" accuracy)
  set(${who}_weights "${weights}" PARENT_SCOPE)
  set(${who}_accuracy "${accuracy}" PARENT_SCOPE)
endfunction()

string(REPLACE "|" ";" devices "${DEVICES}")
list(LENGTH devices ranks)
set(processes "")
math(EXPR last "${ranks} - 1")
foreach(rank RANGE ${last})
  list(APPEND processes "${NODE} --net ${NET} --rank ${rank} --ranks ${ranks}")
endforeach()

trained(machines ${devices})
trained(host ${processes})
message(STATUS "machines: ${machines_accuracy} %, weights ${machines_weights}; host: ${host_accuracy} %, ${host_weights}")
if(NOT "${machines_weights}" STREQUAL "${host_weights}")
  message(FATAL_ERROR "weir: the machines did not get to the weights that the host gets to")
endif()
if(machines_accuracy LESS LEAST)
  message(FATAL_ERROR "weir: ${machines_accuracy} % is less than ${LEAST} %")
endif()
execute_process(COMMAND "${FLOAT_FLEET}" ${NET} ${ranks} ${ROUNDS} ${machines_accuracy} 2.0 COMMAND_ERROR_IS_FATAL ANY)
