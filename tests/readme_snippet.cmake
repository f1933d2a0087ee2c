# SPDX-License-Identifier: MIT
# Compiles the programs that README.md shows, word for word, as one sketch for the Mega 2560: with the single header, the stock
# flags of the Arduino core and a stand-in for Arduino.h. The data that the sketch calls for is declared in front.
cmake_minimum_required(VERSION 3.25)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH root)

file(READ "${root}/README.md" readme)
set(sketch "")
while(TRUE)
  string(FIND "${readme}" "\n```cpp\n" begin)
  if(begin EQUAL -1)
    break()
  endif()
  math(EXPR begin "${begin} + 8")
  string(SUBSTRING "${readme}" ${begin} -1 readme)
  string(FIND "${readme}" "\n```" end)
  string(SUBSTRING "${readme}" 0 ${end} block)
  string(APPEND sketch "${block}\n")
endwhile()
if("${sketch}" STREQUAL "")
  message(FATAL_ERROR "README.md has no cpp block")
endif()

set(file "${WORK}/readme_snippet.cpp")
file(WRITE "${file}" "#include <Arduino.h>\n#include \"weir.hpp\"\n"
  "weir::fixed16<12>* pixels();\nweir::index_t digit();\n#line 1 \"README.md, cpp blocks\"\n${sketch}\n")
execute_process(
  COMMAND "${COMPILER}" -mmcu=atmega2560 -DARDUINO=10819 -DF_CPU=16000000L -std=gnu++11 -fpermissive -fno-exceptions
          -ffunction-sections -fdata-sections -fno-threadsafe-statics -Wno-error=narrowing -Os -flto -Wall -Wextra -Werror
          "-I${root}/single_include" "-I${root}/tests/support" -c "${file}" -o "${WORK}/readme_snippet.o"
  RESULT_VARIABLE result)
if(NOT "${result}" STREQUAL "0")
  message(FATAL_ERROR "weir: the program in README.md does not compile")
endif()
