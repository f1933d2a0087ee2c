// SPDX-License-Identifier: MIT
// Fleets in virtual time that are small enough for many runs: what they train is drawn from seeds.
#pragma once

#include <weir/sim/fleet.hpp>
#include <weir/sim/known_links.hpp>
#include <weir/sim/recorded.hpp>
#include <weir/sim/trace_hash.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace test_support {

struct carried_by_hand {
  static size_t mtu() noexcept { return 0x3fff; }
  static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
  static size_t receive(weir::bytes) noexcept { return 0; }
};

/// What the types of a fleet follow from.
struct sim_config {  // fixed point, compressed, a memory that outlasts resets
  using number = weir::fixed16<12>;
  using model = weir::sequential<weir::input<60>, weir::sim::recorded>;
  using encoder = weir::ternary;
  using saving = weir::save_state<weir::memory_storage>;
  static weir::fixed_wt up() { return weir::fixed_wt(0.02f); }
  static weir::fixed_wt down() { return weir::fixed_wt(0.02f); }
  static constexpr std::size_t frame_bytes = 96;
};

template <class Config>
struct sim_fleet_of {
  using threshold = decltype(Config::up());
  using pipe = weir::pipeline<weir::sgd, threshold, typename Config::encoder, carried_by_hand, weir::accumulate_only,
                              typename Config::encoder, typename Config::saving>;
  using node = weir::worker<typename Config::number, typename Config::model, weir::softmax_cross_entropy, pipe, 1,
                            Config::frame_bytes>;
  using hub =
      weir::coordinator<typename Config::number, typename Config::model,
                        weir::downlink<typename Config::encoder, weir::mean, threshold>, 512, Config::frame_bytes>;
  using type = weir::sim::fleet<node, hub>;

  static void begin_hub(hub& h, const weir::fleet_terms& terms) {
    h.begin({weir::mean(), Config::down(), typename Config::encoder()}, terms, 7);
  }
  static void begin_node(node& w, weir::rank_t rank, std::uint16_t boot, weir::bytes memory) {
    w.begin(pipe(weir::sgd(0.1f), Config::up(), typename Config::encoder(), carried_by_hand(), weir::accumulate_only(1),
                 saving(static_cast<typename Config::saving*>(nullptr), memory)),
            rank, 7, boot);
  }
  /// A gradient that is drawn anew at each step.
  static void train(node& w, std::uint16_t rank) {
    weir::random_bits random(static_cast<std::uint32_t>(rank * 977u + w.round_number() * 31u + w.batches()));
    float x[Config::model::inputs()];
    for (float& v : x) v = random.unit() - 0.4f;
    give(w, x);
  }
  static type make(const weir::sim::fleet_plan& plan, typename type::observer tell = nullptr) {
    return type(plan, begin_hub, begin_node, train, tell);
  }

 private:
  template <class Storage>
  static weir::save_state<Storage> saving(weir::save_state<Storage>*, weir::bytes memory) {
    return weir::save_state<Storage>(Storage(memory));
  }
  template <class Storage>
  static weir::save_counters<Storage> saving(weir::save_counters<Storage>*, weir::bytes memory) {
    return weir::save_counters<Storage>(Storage(memory));
  }
  static weir::save_nothing saving(weir::save_nothing*, weir::bytes) { return weir::save_nothing(); }

  template <class N>
  static void give(N& w, const float* x) {
    typename N::weight as[Config::model::inputs()];
    for (std::size_t i = 0; i < Config::model::inputs(); ++i) as[i] = typename N::weight(x[i]);
    w.train(as, weir::index_t(0));
  }
};

/// A device on that link, whose step takes a tenth of a second.
inline weir::sim::device_kind device_on(const std::string& link) {
  weir::sim::device_kind k;
  k.link = *weir::sim::find_link(link);
  k.step_seconds = 0.1;
  k.step_spread = 0.2;
  return k;
}
inline weir::sim::fleet_plan fleet_on(const weir::sim::device_kind& k, std::uint16_t devices) {
  weir::sim::fleet_plan p;
  p.groups.push_back({k, devices});
  return p;
}
/// The same faults both ways.
inline void trouble(weir::sim::device_kind& k, const weir::sim::faults& f) {
  k.link.up.trouble = k.link.down.trouble = f;
}

/// Has this rank the coordinator's weights, bit for bit?
template <class Fleet>
bool has_weights(Fleet& f, std::size_t rank) {
  const auto mine = f.worker(rank).weights();
  return std::memcmp(mine.data(), f.center().weights().data(), mine.size() * sizeof mine[0]) == 0;
}
/// Of those that are up to date; -1 if any of them has other weights.
template <class Fleet>
int up_to_date(Fleet& f) {
  int n = 0;
  for (std::size_t r = 0; r < f.devices(); ++r) {
    if (!f.up_to_date(r)) continue;
    if (!has_weights(f, r)) return -1;
    ++n;
  }
  return n;
}

}  // namespace test_support
