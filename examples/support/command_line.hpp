// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>

#include <CLI/CLI.hpp>

#include "bad_input.hpp"

namespace support {

/// Reads the options. False: --help was asked for and has been given. Throws bad_input.
inline bool parse(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return false;
  } catch (const CLI::ParseError& e) {
    throw bad_input(e.what());
  }
  return true;
}

}  // namespace support
