// SPDX-License-Identifier: MIT
// A small fleet whose datagrams the test carries itself, one by one.
#pragma once

#include <doctest/doctest.h>
#include <cstring>
#include <vector>
#include <weir/weir.hpp>

namespace test_support {

/// A transport that nobody uses: the test talks to the state machines.
struct by_hand {
  static size_t mtu() noexcept { return 0x3fff; }
  static weir::status send(weir::const_bytes) noexcept { return weir::status::busy; }
  static size_t receive(weir::bytes) noexcept { return 0; }
};

typedef weir::sequential<weir::input<5>, weir::dense<4>, weir::relu, weir::dense<3>> small_net;  // 39 weights
typedef weir::fixed16<12> small_number;
typedef weir::pipeline<weir::sgd, weir::fixed_wt, weir::ternary, by_hand> small_pipe;
typedef weir::downlink<weir::ternary, weir::mean, weir::fixed_wt> small_link;
typedef weir::worker<small_number, small_net, weir::softmax_cross_entropy, small_pipe> small_worker;
typedef weir::coordinator<small_number, small_net, small_link, 16> small_coordinator;

inline small_pipe make_pipe() {
  return small_pipe{weir::sgd{0.1f}, weir::fixed_wt{0.002f}, weir::ternary{}, by_hand{}};
}
inline small_link make_link() { return small_link{weir::mean{}, weir::fixed_wt{0.0005f}, weir::ternary{}}; }

typedef std::vector<uint8_t> datagram;
// Not inlined: gcc 12, which then loses track of the vector, warns of a delete of what new did not return.
[[gnu::noinline]] inline datagram copy(weir::const_bytes b) { return datagram(b.begin(), b.end()); }
inline weir::const_bytes view(const datagram& d) { return weir::const_bytes(d.data(), d.size()); }

struct opened {
  weir::status status;
  weir::frame_header h;
  datagram body;
};
inline opened open(const datagram& d) {
  opened o;
  weir::const_bytes body;
  o.status = weir::wire::open(view(d), o.h, body);
  if (o.status == weir::status::ok) o.body = copy(body);
  return o;
}
inline weir::frame_kind kind_of(const datagram& d) {
  const opened o = open(d);
  REQUIRE(o.status == weir::status::ok);
  return o.h.kind;
}

/// A frame of any kind and content.
inline datagram make(const weir::frame_header& h, const datagram& body) {
  datagram frame(body.size() + weir::wire::max_overhead());
  const weir::bytes whole(frame.data(), frame.size());
  if (!body.empty()) std::memcpy(weir::wire::body_room(h.kind, h.rank, whole).data(), body.data(), body.size());
  frame.resize(weir::wire::seal(h, body.size(), whole));
  return frame;
}
template <class Body>
datagram body_of(const Body& b) {
  uint8_t out[40];
  weir::byte_writer w{weir::bytes(out)};
  b.put(w);
  return datagram(out, out + w.size());
}
inline uint16_t small_tag() { return static_cast<uint16_t>(small_worker::fingerprint() & 0xffff); }

template <class Object>
datagram bytes_of(const Object& o) {
  datagram d(sizeof o);
  std::memcpy(d.data(), static_cast<const void*>(&o), sizeof o);
  return d;
}

inline void train(small_worker& w, uint32_t seed) {
  weir::random_bits random(seed);
  small_number x[5];
  for (small_number& v : x)
    v = small_number::from_raw(static_cast<int16_t>(static_cast<int32_t>(random.below(8192)) - 4096));
  w.train(x, random.below(3));
}

/// What the worker sends now; empty if nothing. The transport takes it.
inline datagram sent_by(small_worker& w, uint32_t now) {
  const datagram d = copy(w.outgoing(now));
  if (!d.empty()) w.sent(now);
  return d;
}

/// Carries one datagram of the worker to the coordinator, and the answer back. False if there was none to carry.
inline bool exchange(small_worker& w, small_coordinator& c, uint32_t now) {
  const datagram d = sent_by(w, now);
  if (d.empty()) return false;
  const auto o = c.handle(view(d));
  if (!o.answer.empty()) {
    const datagram answer = copy(o.answer);
    w.handle(view(answer), now);
  }
  return true;
}

inline void join(small_worker& w, small_coordinator& c, uint32_t now = 0) {
  for (int i = 0; i < 200 && w.member_state() != weir::membership::member; ++i) REQUIRE(exchange(w, c, now));
  REQUIRE(w.member_state() == weir::membership::member);
}

inline bool same_weights(small_worker& w, const small_coordinator& c) {
  return w.round_number() == c.round_number() &&
         std::memcmp(w.weights().data(), c.weights().data(), sizeof(small_number) * small_net::parameters()) == 0;
}

/// A coordinator and its members.
struct small_fleet {
  small_coordinator center = {};
  std::vector<small_worker> workers;
  uint32_t seed = 0;

  explicit small_fleet(uint16_t n, uint32_t deadline_ms = 0) : workers(n) {
    center.begin(make_link(), weir::fleet_terms{n, 0, deadline_ms, 0});
    for (uint16_t i = 0; i < n; ++i) {
      workers[i].begin(make_pipe(), weir::rank_t{i});
      join(workers[i], center);
    }
  }
  /// An update of this worker, on the line.
  datagram update_of(uint16_t i, uint32_t now = 0) {
    train(workers[i], ++seed);
    const datagram d = sent_by(workers[i], now);
    REQUIRE(kind_of(d) == weir::frame_kind::update);
    return d;
  }
  weir::status to_center(const datagram& d) { return center.handle(view(d)).result; }
  /// A whole round; its broadcast, which all have.
  datagram round(uint32_t now = 0) {
    for (uint16_t i = 0; i < workers.size(); ++i) REQUIRE(to_center(update_of(i, now)) == weir::status::ok);
    REQUIRE(center.round_due(now));
    const datagram b = copy(center.close_round(now));
    for (small_worker& w : workers) REQUIRE(w.handle(view(b), now) == weir::status::ok);
    return b;
  }
};

}  // namespace test_support
