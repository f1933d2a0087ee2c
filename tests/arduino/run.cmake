# SPDX-License-Identifier: MIT
# run(expected_code arguments...): runs simavr_run with MCU and ELF; in `output` what the device said, in `errors` what
# the runner said. `input` is a file with the device's input; unset: none.
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
file(WRITE "${WORK}/nothing" "")
set(input "${WORK}/nothing")

function(run code)
  execute_process(COMMAND "${RUNNER}" --mcu ${MCU} ${ARGN} "${ELF}" INPUT_FILE "${input}"
    OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
  if(NOT "${result}" STREQUAL "${code}")
    message(FATAL_ERROR "simavr_run ${ARGN}: exit code ${result}, expected ${code}\n${output}\n${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
  set(errors "${errors}" PARENT_SCOPE)
endfunction()

# report_value(file key out): of the line about the run, which is the last
function(report_value file key out)
  file(STRINGS "${file}" lines)
  list(POP_BACK lines line)
  string(JSON value GET "${line}" ${key})
  set(${out} "${value}" PARENT_SCOPE)
endfunction()

# check_sizes(file): flash within FLASH, variables and stack together within RAM
function(check_sizes file)
  report_value("${file}" flash flash)
  report_value("${file}" ram_static variables)
  report_value("${file}" stack_peak stack)
  math(EXPR ram "${variables} + ${stack}")
  message(STATUS "${MCU}: flash ${flash}, RAM ${ram}: variables ${variables}, stack ${stack}")
  if(flash GREATER FLASH OR ram GREATER RAM)
    message(FATAL_ERROR "weir: flash may be ${FLASH} and RAM ${RAM} bytes")
  endif()
endfunction()
