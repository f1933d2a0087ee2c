// SPDX-License-Identifier: MIT
// The one version number of the project: CMake, the inline namespace and the package files read it here.
#pragma once

#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0
