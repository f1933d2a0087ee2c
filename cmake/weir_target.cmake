# SPDX-License-Identifier: MIT
# Flags for the programs of this repository. None of them reaches a consumer: they sit on `weir_flags`, which is
# neither exported nor linked by the interface target.

# One list for the programs and for the tests that call a compiler themselves.
set(WEIR_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wdouble-promotion -Werror)

add_library(weir_flags INTERFACE)
target_compile_options(weir_flags INTERFACE
  ${WEIR_WARNINGS}
  -ffp-contract=off  # float kernels agree bit for bit only without contraction
  $<$<BOOL:${WEIR_NATIVE}>:-march=native>)
if(WEIR_SANITIZE)
  target_compile_options(weir_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(weir_flags INTERFACE -fsanitize=address,undefined)
endif()

if(WEIR_COVERAGE)
  target_compile_options(weir_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(weir_flags INTERFACE -fprofile-instr-generate)
endif()

# A program of ours: C++17, every warning an error.
function(weir_add_executable name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE weir::weir weir_flags)
  target_compile_features(${name} PRIVATE cxx_std_17)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()
