# SPDX-License-Identifier: MIT
# fleet's results: the keys that programs rely on, sane numbers, the same bytes for the same seed.
# FLEET: the program. WORK: a folder to write to.
set(ENV{LC_ALL} C)
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")

# Runs fleet and gives its JSON in `out`.
function(fleet name out)
  execute_process(COMMAND "${FLEET}" --quiet --json "${WORK}/${name}.json" --svg "${WORK}/${name}.svg" ${ARGN}
    RESULT_VARIABLE result OUTPUT_VARIABLE table ERROR_VARIABLE errors)
  if(NOT result EQUAL 0 OR NOT "${errors}" STREQUAL "" OR NOT "${table}" MATCHES "ratio both ways")
    message(FATAL_ERROR "fleet ${ARGN}: ${result}\n${table}${errors}")
  endif()
  file(READ "${WORK}/${name}.json" json)
  file(READ "${WORK}/${name}.svg" svg)
  if(NOT "${svg}" MATCHES "^<svg .*</svg>\n$")
    message(FATAL_ERROR "no picture:\n${svg}")
  endif()
  set(${out} "${json}" PARENT_SCOPE)
endfunction()

function(expect_same key what a b)
  string(JSON first GET "${a}" ${key})
  string(JSON second GET "${b}" ${key})
  if(NOT "${first}" STREQUAL "${second}")
    message(FATAL_ERROR "${what}: ${key} is ${first} and ${second}")
  endif()
endfunction()

fleet(a a --epochs 3)
foreach(key IN ITEMS accuracy_dense accuracy bytes_dense bytes_up bytes_down ratio_up ratio_both parameters rounds seconds
                     stream_hash)
  string(JSON ${key} GET "${a}" ${key})
endforeach()
# 1437 rows, 8 workers: 11 steps of 16 an epoch, 33 in all; 3 to a round.
math(EXPR definition "2 * 4 * 2410 * 33 * 8")
if(NOT bytes_dense EQUAL definition OR NOT parameters EQUAL 2410 OR NOT rounds EQUAL 11)
  message(FATAL_ERROR "bytes_dense ${bytes_dense}, parameters ${parameters}, rounds ${rounds}")
endif()
math(EXPR least "${bytes_dense} / (${bytes_up} + ${bytes_down})")
if(ratio_both LESS least OR ratio_both GREATER_EQUAL "${least}.999999" OR accuracy LESS 20 OR accuracy_dense LESS 50)
  message(FATAL_ERROR "ratio_both ${ratio_both}, of ${least}; accuracy ${accuracy}, dense ${accuracy_dense}")
endif()

fleet(b b --epochs 3 --jobs 1)
expect_same(stream_hash "the same seed" "${a}" "${b}")
expect_same(accuracy "the same seed" "${a}" "${b}")
fleet(c c --epochs 3 --seed 2)
string(JSON other GET "${c}" stream_hash)
if("${other}" STREQUAL "${stream_hash}")
  message(FATAL_ERROR "another seed, the same bytes")
endif()

# All of it every step, in float32: that is the dense run.
fleet(d d --epochs 3 --threshold always --encoder dense32 --local-steps 1 --server-step 1 --optimizer nesterov --weight-decay 0.001)
string(JSON dense GET "${d}" accuracy_dense)
string(JSON two_step GET "${d}" accuracy)
string(JSON dense_bytes GET "${d}" bytes_dense_measured)
string(JSON bytes_up GET "${d}" bytes_up)
string(JSON bytes_down GET "${d}" bytes_down)
math(EXPR two_step_bytes "${bytes_up} + ${bytes_down}")
if(NOT dense EQUAL two_step OR NOT dense_bytes EQUAL two_step_bytes)
  message(FATAL_ERROR "dense by options: ${two_step} for ${two_step_bytes} bytes, dense: ${dense} for ${dense_bytes}")
endif()

# Every encoder, splits, batches and schedules: they run.
foreach(encoder IN ITEMS strom sparse32 sparse16 dense32)
  fleet(${encoder} ignored --encoder ${encoder} --epochs 1 --split noniid --batch 8 --lr-schedule step --workers 3)
endforeach()
foreach(encoder IN ITEMS one_signed base3 logarithmic2 logarithmic3 logarithmic4 natural sparse8 one_bit levels1 levels3 levels7
                         dense_natural)
  fleet(${encoder} json --encoder ${encoder} --epochs 3 --workers 3)
  string(JSON accuracy GET "${json}" accuracy)
  if(accuracy LESS 20)
    message(FATAL_ERROR "${encoder}: accuracy ${accuracy}")
  endif()
  fleet(${encoder}_int16 ignored --encoder ${encoder} --epochs 1 --numbers int16)
endforeach()
fleet(runs runs --runs 3 --threshold fixed:0.01 --optimizer sgd --batch 1 --lr-schedule constant --epochs 1)
string(JSON number LENGTH "${runs}" runs)
if(NOT number EQUAL 3)
  message(FATAL_ERROR "${number} runs")
endif()

# A file is replaced as a whole, and nothing is left beside it.
file(GLOB left "${WORK}/*.tmp")
if(left)
  message(FATAL_ERROR "left behind: ${left}")
endif()
