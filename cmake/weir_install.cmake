# SPDX-License-Identifier: MIT
# `cmake --install` gives the headers and a package for find_package(weir).
include(CMakePackageConfigHelpers)

set(weir_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/weir")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/weirConfigVersion.cmake"
  COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(TARGETS weir EXPORT weirTargets)
install(EXPORT weirTargets NAMESPACE weir:: DESTINATION "${weir_package_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/cmake/weirConfig.cmake" "${PROJECT_BINARY_DIR}/weirConfigVersion.cmake"
  DESTINATION "${weir_package_dir}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/weir" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
