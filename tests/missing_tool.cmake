# SPDX-License-Identifier: MIT
message(FATAL_ERROR "${TOOL} is not installed; README.md has the packages. After installing, configure again.")
