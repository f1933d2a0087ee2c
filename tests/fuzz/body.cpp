// SPDX-License-Identifier: MIT
// Any bytes as a body of the encoder FUZZ_ENCODER of tests/golden, with values FUZZ_VALUE: byte 0 chooses the model's size.
#include "../golden/encoders.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  typedef golden::encoders::FUZZ_ENCODER encoder;
  typedef FUZZ_VALUE value;
  fuzz::input in(data, size);
  const weir::index_t cells = fuzz::model_cells(in.byte());
  const weir::const_bytes body = in.rest();
  const weir::status checked = encoder::check<value>(body, cells);
  fuzz::sink<value> sink(cells, weir::detail::encoder_segments<encoder>::count());
  const weir::status decoded = encoder::decode<value>(body, cells, sink);
  fuzz::expect(checked == decoded);
  fuzz::expect(decoded == weir::status::ok || decoded == weir::status::malformed);
  if (decoded == weir::status::ok) fuzz::expect(sink.count() <= cells && (sink.count() == 0) == body.empty());
  return 0;
}
