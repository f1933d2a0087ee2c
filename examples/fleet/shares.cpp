// SPDX-License-Identifier: MIT
#include "shares.hpp"

#include <algorithm>
#include <numeric>

namespace fleet {

std::vector<row_list> deal(const support::row_set& train, std::uint16_t workers, split how, std::uint32_t seed) {
  weir::random_bits random(weir::mix(seed, weir::name_id("deal")));
  row_list rows(train.size());
  std::iota(rows.begin(), rows.end(), 0u);
  shuffle(rows, random);

  const std::uint32_t pieces_each = how == split::iid ? 1 : 2;
  const std::uint32_t pieces = pieces_each * workers;
  row_list order(pieces);
  std::iota(order.begin(), order.end(), 0u);
  if (how == split::noniid) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&train](std::uint32_t a, std::uint32_t b) { return train.labels[a] < train.labels[b]; });
    shuffle(order, random);
  }

  std::vector<row_list> shares(workers);
  for (std::uint32_t i = 0; i < pieces; ++i) {
    const std::uint64_t first = static_cast<std::uint64_t>(order[i]) * rows.size() / pieces;
    const std::uint64_t last = (static_cast<std::uint64_t>(order[i]) + 1) * rows.size() / pieces;
    row_list& share = shares[i / pieces_each];
    share.insert(share.end(), rows.begin() + static_cast<std::ptrdiff_t>(first),
                 rows.begin() + static_cast<std::ptrdiff_t>(last));
  }
  return shares;
}

}  // namespace fleet
