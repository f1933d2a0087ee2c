# SPDX-License-Identifier: MIT
# fleet reads idx files, plain and packed, and refuses all that is wrong with one line and exit code 2.
# FLEET, MAKE_IDX: the programs. WORK: a folder to write to.
execute_process(COMMAND "${MAKE_IDX}" "${WORK}/idx" COMMAND_ERROR_IS_FATAL ANY)

foreach(name IN ITEMS plain packed)
  execute_process(
    COMMAND "${FLEET}" --quiet --data "idx:${WORK}/idx/${name}" --workers 3 --batch 4 --epochs 4 --json "${WORK}/${name}.json"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  file(READ "${WORK}/${name}.json" json)
  string(JSON parameters GET "${json}" parameters)
  string(JSON accuracy GET "${json}" accuracy_dense)
  string(JSON hash_${name} GET "${json}" stream_hash)
  if(NOT parameters EQUAL 101770 OR accuracy LESS 50)
    message(FATAL_ERROR "${name}: ${parameters} weights, accuracy ${accuracy}")
  endif()
endforeach()
if(NOT "${hash_plain}" STREQUAL "${hash_packed}")
  message(FATAL_ERROR "plain and packed files give different runs")
endif()

function(expect_refusal message)
  execute_process(COMMAND "${FLEET}" ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE errors TIMEOUT 20)
  if(NOT "${result}" STREQUAL "2" OR NOT "${out}" STREQUAL "" OR NOT "${errors}" MATCHES "^fleet: [^\n]+\n$"
     OR NOT "${errors}" MATCHES "${message}")
    message(SEND_ERROR "fleet ${ARGN}\nmust exit with 2 and say in one line: ${message}\nexit ${result}\n${out}${errors}")
  endif()
endfunction()

# folder: what it is refused for
foreach(case IN ITEMS
    "missing:no such file" "no_bytes:truncated" "truncated:truncated" "truncated_header:truncated"
    "truncated_packed:truncated" "damaged_packed:damaged" "huge:truncated" "longer:more in it" "wrong_magic:wrong magic"
    "swapped:wrong magic" "mismatched:119 labels for 120 images" "label_10:label 10 is out of range" "shape:14 x 28"
    "empty:empty")
  string(REGEX MATCH "^([^:]*):(.*)$" ignored "${case}")
  expect_refusal("${CMAKE_MATCH_2}" --data "idx:${WORK}/idx/${CMAKE_MATCH_1}")
endforeach()
expect_refusal("no such folder" --data "idx:${WORK}/nowhere")
expect_refusal("--data: no .mnist" --data mnist)
expect_refusal("--encoder: no .zip" --encoder zip)
expect_refusal("--optimizer" --optimizer adam)
expect_refusal("--lr-schedule" --lr-schedule linear)
expect_refusal("--split" --split odd)
expect_refusal("--threshold" --threshold density)
expect_refusal("--threshold" --threshold density:1.5)
expect_refusal("--threshold" --threshold fixed:nan)
expect_refusal("--encoder" --threshold always)
expect_refusal("--workers" --workers 0)
expect_refusal("--workers" --workers -1)
expect_refusal("too few" --workers 1000)
expect_refusal("--batch" --batch 3)
expect_refusal("--epochs" --epochs 0)
expect_refusal("--local-steps" --local-steps 0)
expect_refusal("--lr" --lr 0)
expect_refusal("--lr" --lr fast)
expect_refusal("--down-threshold: in .density:2." --down-threshold density:2)
expect_refusal("--server-step" --server-step 0)
expect_refusal("not expected" --quick)
expect_refusal("--json" --json)
expect_refusal("cannot write" --json "${WORK}/nowhere/fleet.json")
expect_refusal("cannot write" --svg "${WORK}")
expect_refusal("cannot write" --json /dev/null)
