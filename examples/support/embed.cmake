# SPDX-License-Identifier: MIT
# cmake -DINPUT=file -DNAME=symbol -DOUTPUT=file.cpp -P embed.cmake: a file's bytes as a C++ array, and their number.
file(READ "${INPUT}" hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
file(WRITE "${OUTPUT}" "extern const unsigned char ${NAME}[];
extern const unsigned ${NAME}_size;
const unsigned char ${NAME}[] = {
${bytes}};
const unsigned ${NAME}_size = ${size};
")
