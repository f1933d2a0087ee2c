# SPDX-License-Identifier: MIT
# What integers cost in accuracy on digits, against floats: 16-bit weights within 1 point, 8-bit weights within 3, for a
# device alone and for a fleet that is compressed both ways. FLEET: the program. WORK: a folder to write to.
set(ENV{LC_ALL} C)
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")

function(fleet)
  execute_process(COMMAND "${FLEET}" --quiet ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE table ERROR_VARIABLE errors)
  if(NOT result EQUAL 0 OR NOT "${errors}" STREQUAL "")
    message(FATAL_ERROR "fleet ${ARGN}: ${result}\n${table}${errors}")
  endif()
  set(table "${table}" PARENT_SCOPE)
endfunction()

fleet(--compare-numbers --runs 3 --json "${WORK}/numbers.json")
message("${table}")
file(STRINGS "${WORK}/numbers.json" lines)
list(LENGTH lines count)
if(NOT count EQUAL 5)
  message(FATAL_ERROR "${count} lines of JSON")
endif()
foreach(line IN LISTS lines)
  string(JSON numbers GET "${line}" numbers)
  set(most -1.0)
  if("${numbers}" MATCHES "^int8")
    set(most -3.0)
  endif()
  foreach(who IN ITEMS alone fleet)
    string(JSON accuracy GET "${line}" ${who} accuracy)
    string(JSON difference GET "${line}" ${who} difference)
    if(difference LESS most OR accuracy LESS 90)
      message(FATAL_ERROR "${numbers}, ${who}: ${accuracy} %, ${difference} points from floats; ${most} is the most")
    endif()
  endforeach()
endforeach()

# Devices of every kind run with each of their encoders and batch sizes, and the same seed gives the same bytes.
foreach(numbers IN ITEMS int16 int16r8 int8 int8r8)
  foreach(encoder IN ITEMS ternary strom sparse16)
    fleet(--numbers ${numbers} --encoder ${encoder} --epochs 1 --workers 3 --batch 1 --optimizer nesterov --weight-decay 0.001)
  endforeach()
  foreach(run IN ITEMS a b)
    fleet(--numbers ${numbers} --epochs 2 --json "${WORK}/${run}.json")
    file(READ "${WORK}/${run}.json" json)
    string(JSON hash_${run} GET "${json}" stream_hash)
    string(JSON parameters GET "${json}" parameters)
  endforeach()
  if(NOT "${hash_a}" STREQUAL "${hash_b}" OR NOT parameters EQUAL 1210)
    message(FATAL_ERROR "${numbers}: ${hash_a} and ${hash_b}, ${parameters} weights")
  endif()
endforeach()
fleet(--hidden 16 --encoder dense32 --threshold always --epochs 1)

# What there is not says so.
foreach(wrong IN ITEMS "--numbers;int4" "--numbers;int8;--hidden;32" "--hidden;17" "--numbers;int8;--encoder;dense32"
                       "--numbers;int8;--batch;8" "--compare-numbers;--svg;x.svg" "--compare-numbers;--numbers;int8"
                       "--numbers;int8;--data;idx:/nowhere" "--hidden;16;--data;idx:/nowhere")
  execute_process(COMMAND "${FLEET}" ${wrong} WORKING_DIRECTORY "${WORK}"
    RESULT_VARIABLE result OUTPUT_VARIABLE table ERROR_VARIABLE errors)
  if(NOT result EQUAL 2 OR NOT "${errors}" MATCHES "^fleet: --[^\n]+\n$" OR NOT "${table}" STREQUAL "")
    message(FATAL_ERROR "fleet ${wrong}: ${result}\n${table}${errors}")
  endif()
endforeach()
