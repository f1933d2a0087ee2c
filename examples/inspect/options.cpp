// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <weir/wire/frame.hpp>

#include "body.hpp"
#include "support/command_line.hpp"

namespace inspect {

bool parse(int argc, const char* const* argv, options& o) {
  CLI::App app("Says what a weir frame says, and why a bad one is bad. Exits with 1 if one is.");
  app.add_option("FILE", o.file, "a frame, or with --cobs a stream of them [standard input]");
  app.add_option("--hex", o.hex, "a frame in hexadecimal, blanks allowed, instead of a file")->type_name("BYTES");
  app.add_flag("--cobs", o.cobs, "a byte stream: frames stuffed by COBS, each closed by a zero");
  app.add_option("--encoder", o.encoder, "of updates and broadcasts: " + encoder_names())->type_name("NAME");
  CLI::Option* const cells = app.add_option("--cells", o.cells, "weights of the model")->type_name("N");
  CLI::Option* const ranks = app.add_option("--ranks", o.ranks, "of the fleet")->type_name("N");
  app.add_option("--segments", o.segments, "that a body is cut into [1]")->type_name("N");
  app.add_flag("--integer", o.integer, "values count weight units: a fleet with fixed-point weights");
  app.add_flag("--json", o.json, "a line of JSON for each frame");
  if (!support::parse(app, argc, argv)) return false;

  const auto need = [](bool ok, const char* what) {
    if (!ok) throw support::bad_input(what);
  };
  need(o.hex.empty() || o.file.empty(), "FILE and --hex: one of them");
  need(cells->count() == 0 || o.cells >= 1, "--cells: must be 1 or more");
  need(ranks->count() == 0 || (o.ranks >= 1 && o.ranks <= weir::wire::max_ranks()), "--ranks: must be 1 to 16384");
  if (!o.encoder.empty() && !is_encoder_name(o.encoder))
    throw support::bad_input("--encoder: no `" + o.encoder + "`; there are " + encoder_names());
  need(o.encoder.empty() == (o.cells == 0), "--encoder and --cells: both or none, a body is read by both");
  need(o.segments >= 1 && o.segments <= 255, "--segments: must be 1 to 255");
  need(!o.integer || !o.encoder.empty(), "--integer: says how values are read; --encoder and --cells are missing");
  return true;
}

}  // namespace inspect
