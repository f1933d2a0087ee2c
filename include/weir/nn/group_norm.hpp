// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/norm_rows.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Wu and He, ECCV 2018: the channels (a sample's first axis) in `Groups` groups of neighbours, each brought to mean 0 and
/// deviation 1 together with all their positions; then a gain and a bias for each channel. It does not mix samples, so it
/// is the same in training and out of it, at any batch. Weights: gains, then biases.
template <index_t Groups>
struct group_norm {
  static_assert(Groups > 0, "weir: group_norm needs at least one group");

  template <class In>
  struct on : detail::norm_rows<In, Groups, detail::channels_of<In>::channels() / Groups,
                                detail::channels_of<In>::positions(), true> {
    static_assert(detail::channels_of<In>::channels() % Groups == 0,
                  "weir: group_norm needs a number of channels (the first axis) that its groups divide");
    static_assert(In::size() > Groups,
                  "weir: group_norm needs at least two numbers in a group to normalize: of one, nothing is left");
    static constexpr uint32_t fingerprint() noexcept { return mix(name_id("group_norm"), Groups); }
    template <class Visitor>
    static void describe(Visitor& v) {
      v.array("weight", shape<detail::channels_of<In>::channels()>());
      v.array("bias", shape<detail::channels_of<In>::channels()>());
    }
  };
};

/// Each channel of a sample by itself: group_norm with as many groups as channels.
struct instance_norm {
  template <class In>
  struct on : group_norm<detail::channels_of<In>::channels()>::template on<In> {};
};

}  // namespace WEIR_ABI
}  // namespace weir
