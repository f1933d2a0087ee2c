// SPDX-License-Identifier: MIT
#include "fleet.hpp"

namespace fleet {

outcome run_device(const plan& p, const support::dataset& data, const progress& tell, const observer& rounds) {
  if (for_comparison(p.encoder)) {
    const compared_encoders all;
    if (p.numbers == number_kind::int16)
      return run_model<int16, device_net>(p, data, tell, rounds, all, compared_batches());
    return run_model<real, device_net>(p, data, tell, rounds, all, compared_batches());
  }
  const encoder_list<weir::ternary, weir::strom, weir::sparse16> encoders;
  const device_batches sizes;
  switch (p.numbers) {
    case number_kind::int16: return run_model<int16, device_net>(p, data, tell, rounds, encoders, sizes);
    case number_kind::int16r8: return run_model<int16r8, device_net>(p, data, tell, rounds, encoders, sizes);
    case number_kind::int8: return run_model<int8, device_net>(p, data, tell, rounds, encoders, sizes);
    case number_kind::int8r8: return run_model<int8r8, device_net>(p, data, tell, rounds, encoders, sizes);
    case number_kind::real: break;
  }
  return run_model<real, device_net>(p, data, tell, rounds, all_encoders(), sizes);
}

}  // namespace fleet
