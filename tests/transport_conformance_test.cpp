// SPDX-License-Identifier: MIT
// The contract of a transport, kept by those that need no host. The others': posix_port_test.cpp, asio_test.cpp.
#include <weir/transport/buffered.hpp>
#include <weir/transport/byte_stream.hpp>
#include <weir/transport/fragmented.hpp>
#include <weir/transport/loopback.hpp>

#include <doctest/doctest.h>
#include <deque>

#include "support/transport_conformance.hpp"

namespace {

using transport_conformance::byte_faults;
using transport_conformance::faulty_port;

struct loopback_pair {
  static constexpr bool keeps = true;
  typedef weir::loopback<200, 4> end;

  end::line line{};
  end a_ = end::worker_end(line);
  end b_ = end::coordinator_end(line);

  end& a() { return a_; }
  end& b() { return b_; }
  static void pump(bool) {}
};

/// Datagrams in packets of 20 bytes; time goes on whenever somebody looks.
struct fragmented_pair {
  static constexpr bool keeps = true;
  typedef weir::loopback<20, 4> packets;
  typedef weir::fragmented<packets, 300, 20> end;

  packets::line line{};
  end a_{packets::worker_end(line)};
  end b_{packets::coordinator_end(line)};
  uint32_t now = 0;

  end& a() { return a_; }
  end& b() { return b_; }
  void pump(bool) {
    now += 10;
    a_.tick(now);
    b_.tick(now);
  }
};

/// One direction of a line of 97 bytes, of which 41 at most pass between two looks at it.
struct wire {
  std::deque<uint8_t> bytes;
  int passing = 0;
};
struct memory_port {
  wire* out;
  wire* in;

  int read() {
    if (in->bytes.empty() || in->passing == 0) return -1;
    --in->passing;
    const int b = in->bytes.front();
    in->bytes.pop_front();
    return b;
  }
  bool write(uint8_t b) {
    if (out->bytes.size() == 97) return false;
    out->bytes.push_back(b);
    return true;
  }
};
typedef weir::byte_stream<faulty_port<memory_port>> stream;

/// Streams, or what is made of them.
template <class End>
struct memory_pair {
  static constexpr bool keeps = true;

  wire up, down;
  byte_faults faults;
  End a_{stream{faulty_port<memory_port>{memory_port{&up, &down}, &faults}}};
  End b_{stream{faulty_port<memory_port>{memory_port{&down, &up}, &faults}}};

  End& a() { return a_; }
  End& b() { return b_; }
  void pump(bool) { up.passing = down.passing = 41; }
  void damage(unsigned per_mille) { faults.per_mille = per_mille; }
};
typedef memory_pair<stream> stream_pair;
typedef memory_pair<weir::buffered<stream, 300>> buffered_pair;

}  // namespace

TEST_CASE_TEMPLATE("the contract of a transport", Pair, loopback_pair, stream_pair, buffered_pair, fragmented_pair) {
  transport_conformance::check<Pair>();
}
