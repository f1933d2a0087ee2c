// SPDX-License-Identifier: MIT
// Somebody's own threshold and encoder, written against the contracts in weir/policy/, in a pipeline of their own:
// two devices learn XOR together. Prints what it did; exits 1 if they did not learn it.
#include <cstdio>

#include "weir.hpp"

// A threshold: keeps the body of an update near a number of bytes, whatever the encoder.
struct near_bytes {
  float bytes;
  struct state {
    float wt;
  };
  static constexpr bool may_be_zero() noexcept { return false; }
  template <class Mean>
  float next(state& s, const weir::gate_report& last, Mean&& mean) const noexcept {
    if (last.rounds == 0) return s.wt = 0.5f * mean() + 1e-6f;
    return s.wt *= static_cast<float>(last.bytes) > bytes ? 1.1f : 0.95f;
  }
};

// An encoder: for each coordinate one byte of index (so, small models only) and a half-precision value.
struct byte_and_half {
  struct state {};
  static constexpr uint32_t id() noexcept { return weir::name_id("byte_and_half"); }
  static constexpr bool needs_wt() noexcept { return false; }
  static constexpr size_t max_bytes(weir::index_t, weir::index_t hits) noexcept { return 3 * size_t{hits}; }

  template <class Grid>
  class writer {
   public:
    using wire = weir::wire_value<typename Grid::value>;
    writer(const byte_and_half&, const state&, Grid grid, const weir::encode_request& r, weir::bytes out) noexcept
        : grid_(grid), request_(r), out_(out) {}
    typename Grid::cell threshold() const noexcept { return grid_.threshold(request_.wt); }
    bool put(weir::index_t offset, typename Grid::cell& cell) noexcept {
      if (out_.rest().size() < 3) return false;
      const auto value = wire::narrow16(grid_.whole(cell));
      out_.put8(static_cast<uint8_t>((request_.start + offset) % request_.cells));
      out_.put16(wire::to16(value));
      Grid::take(cell, grid_.cells(value));  // what the frame says leaves the residual; the rest stays
      return true;
    }
    size_t finish(state&) const noexcept { return out_.size(); }

   private:
    Grid grid_;
    weir::encode_request request_;
    weir::byte_writer out_;
  };

  template <class Value, class Sink>
  static weir::status decode(weir::const_bytes body, weir::index_t cells, Sink&& sink) noexcept {
    if (body.size() % 3 != 0) return weir::status::malformed;
    for (size_t i = 0; i < body.size(); i += 3) {
      const Value value = value_at<Value>(body, i);
      if (body[i] >= cells || !weir::wire_value<Value>::sane(value)) return weir::status::malformed;
      sink(weir::index_t{body[i]}, value);
    }
    return weir::status::ok;
  }
  template <class Value>
  static weir::status check(weir::const_bytes body, weir::index_t cells) noexcept {
    return decode<Value>(body, cells, [](weir::index_t, Value) {});
  }
  template <class Value>
  static Value value_at(weir::const_bytes body, size_t i) noexcept {
    return weir::wire_value<Value>::from16(weir::load16(body.data() + i + 1));
  }
};

using net = weir::sequential<weir::input<2>, weir::dense<8>, weir::tanh, weir::dense<2>>;
using line = weir::loopback<64>;
using pipe_type = weir::pipeline<weir::momentum, near_bytes, byte_and_half, line>;
using node = weir::worker<float, net, weir::softmax_cross_entropy, pipe_type>;
using link_type = weir::downlink<byte_and_half, weir::mean, near_bytes>;
static_assert(net::parameters() <= 256, "byte_and_half has one byte for an index");

int main() {
  static line::line cables[2];
  static node devices[2];
  static weir::coordinator<float, net, link_type, 2> coordinator;
  for (uint16_t k = 0; k < 2; ++k)
    devices[k].begin(pipe_type{weir::momentum{0.1f}, near_bytes{20.0f}, byte_and_half{}, line::worker_end(cables[k])},
                     weir::rank_t{k});
  coordinator.begin(link_type{weir::mean{}, near_bytes{40.0f}, byte_and_half{}}, weir::fleet_terms{2, 1, 0, 0.0f});
  line ends[2] = {line::coordinator_end(cables[0]), line::coordinator_end(cables[1])};
  weir::star<line> hub{weir::span<line>(ends)};

  const float xs[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  for (uint32_t t = 0; t < 4000; ++t) {
    for (uint32_t k = 0; k < 2; ++k) {  // device 0 sees the first two samples only, device 1 the others
      const uint32_t i = 2 * k + (t & 1);
      if (devices[k].batches() == 0) devices[k].train(xs[i], weir::index_t{(i == 1 || i == 2) ? 1u : 0u});
      devices[k].poll(t);
    }
    coordinator.poll(hub, t);
  }
  int right = 0;
  for (uint32_t i = 0; i < 4; ++i) right += devices[0].predict(xs[i]) == ((i == 1 || i == 2) ? 1u : 0u);
  std::printf("XOR by two devices: %d of 4 right after %u rounds; Wt %g, the last update had %u bytes\n", right,
              unsigned{coordinator.round_number()}, static_cast<double>(devices[0].report().wt),
              static_cast<unsigned>(devices[0].report().bytes));
  return right == 4 ? 0 : 1;
}
