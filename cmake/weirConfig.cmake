# SPDX-License-Identifier: MIT
# Header-only and without dependencies: the targets are all there is.
include("${CMAKE_CURRENT_LIST_DIR}/weirTargets.cmake")
