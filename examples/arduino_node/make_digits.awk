# SPDX-License-Identifier: MIT
# Writes digits.h, the data of one device: the first ROWS of what rank RANK of RANKS gets of examples/data/digits.csv.gz when the rows for
# training (those with index % 5 == 0 are for tests) are dealt out like cards. In the root of the repository:
#
#   zcat examples/data/digits.csv.gz | awk -v RANK=0 -v RANKS=14 -v ROWS=100 -f examples/arduino_node/make_digits.awk
BEGIN {
  FS = ","
  print "// SPDX-License-Identifier: MIT"
  print "// What this device sees: " ROWS " handwritten digits of 8x8 pixels, 0 to 16. (UCI optical recognition of handwritten digits,"
  print "// CC BY 4.0.) Made by make_digits.awk, for rank " RANK " of " RANKS "."
  print "#pragma once"
  print ""
  print "#include \"weir.hpp\""
  print ""
  print "constexpr uint8_t rows = " ROWS ";"
  print "constexpr uint8_t row_bytes = 65;  // 64 pixels, line by line, and the digit"
  print ""
}
(NR - 1) % 5 != 0 && trained++ % RANKS == RANK && rows < ROWS { lines[rows++] = $0 }
END {
  if (rows != ROWS) {
    print "make_digits.awk: rank " RANK " of " RANKS " has only " rows + 0 " rows" > "/dev/stderr"
    exit 1
  }
  print "constexpr weir::flash_table<uint8_t, rows * row_bytes> digits WEIR_FLASH = {{"
  for (i = 0; i < ROWS; ++i) print "    " lines[i] (i + 1 < ROWS ? "," : "}};")
}
