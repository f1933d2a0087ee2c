// SPDX-License-Identifier: MIT
// Models of clips: what sees time, and what does not.
#pragma once

#include <weir/weir.hpp>

#include "support/dataset.hpp"

namespace fleet {

using clip = weir::input<1, support::clip_frames(), support::clip_side(), support::clip_side()>;
using directions = weir::dense<support::clip_directions()>;

/// Windows over space and time; what they find is averaged over both.
using conv3d_net =
    weir::sequential<clip, weir::conv3d<8, weir::window<3, 3, 3>>, weir::relu, weir::max_pool<weir::window<1, 2, 2>>,
                     weir::conv3d<16, weir::window<3, 3, 3>>, weir::relu, weir::global_average_pool, directions>;
/// The same with windows over space only, and more weights: it sees every frame by itself, and a mean over frames.
using frames_net =
    weir::sequential<clip, weir::conv3d<16, weir::window<1, 3, 3>>, weir::relu, weir::max_pool<weir::window<1, 2, 2>>,
                     weir::conv3d<32, weir::window<1, 3, 3>>, weir::relu, weir::global_average_pool, directions>;
static_assert(frames_net::parameters() >= conv3d_net::parameters(), "or it would be no fair comparison");

}  // namespace fleet
