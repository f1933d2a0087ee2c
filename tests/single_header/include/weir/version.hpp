// SPDX-License-Identifier: MIT
#pragma once

#define WEIR_VERSION_MAJOR 1
#define WEIR_VERSION_MINOR 2
#define WEIR_VERSION_PATCH 3
