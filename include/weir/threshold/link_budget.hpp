// SPDX-License-Identifier: MIT
#pragma once

#include <weir/threshold/byte_budget.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// What the link can carry in a round, and no more: from its rate, duty cycle and delay follow the bytes that a body may
/// have, and byte_budget keeps them. A device on a poor link so has a high Wt, and transmits little. Each round costs a
/// frame, be it empty: where a round carries less than the smallest one, rounds_per_frame() says how many times as long
/// rounds have to be (as many times the steps per round).
///
/// A round carries rate * share * round_seconds * duty bytes, and, since one frame is in flight at a time and its answer
/// takes `delay_seconds`, at most rate * share * (round_seconds - delay_seconds). RAM: that of byte_budget.
struct link_budget {
  float rate;           ///< bytes per second that the link carries as payload while it sends, > 0
  float duty;           ///< share of time in which it may send, in (0, 1]
  float round_seconds;  ///< duration of a round, > 0
  float delay_seconds;  ///< from the end of a frame to its answer, >= 0
  float share;          ///< this device's part of a link that it shares, in (0, 1]
  float overhead;       ///< bytes that the link itself adds to a frame, if `rate` has them too, >= 0

  constexpr link_budget(float rate_, float duty_, float round_seconds_, float delay_seconds_ = 0.0f,
                        float share_ = 1.0f, float overhead_ = 0.0f) noexcept
      : rate(rate_),
        duty(duty_),
        round_seconds(round_seconds_),
        delay_seconds(delay_seconds_),
        share(share_),
        overhead(overhead_) {}

  /// LoRa, spreading factor 7, 125 kHz, code rate 4/5: 5,470 bit/s (LoRaWAN regional parameters, EU868, data rate 5), of
  /// which 1 % of the time (ETSI EN 300 220, band 868.0 to 868.6 MHz). LoRaWAN's own 13 bytes, and a preamble as long as 8,
  /// go with each frame.
  static constexpr link_budget lora_sf7(float round_seconds, float share = 1.0f) noexcept {
    return link_budget(683.75f, 0.01f, round_seconds, 0.0f, share, 21.0f);
  }
  /// IEEE 802.15.4 at 2.4 GHz: of 250 kbit/s on the air about 100 kbit/s are left beside headers, waiting for a free
  /// channel, and acknowledgements.
  static constexpr link_budget ieee802154(float round_seconds, float share = 1.0f) noexcept {
    return link_budget(12500.0f, 1.0f, round_seconds, 0.0f, share);
  }
  /// Bluetooth Low Energy, 1 Mbit/s with the long packets of version 4.2: about 700 kbit/s of payload.
  static constexpr link_budget ble(float round_seconds, float share = 1.0f) noexcept {
    return link_budget(87500.0f, 1.0f, round_seconds, 0.0f, share);
  }
  /// A serial line at 115,200 baud: a byte is 10 bits, with start and stop.
  static constexpr link_budget uart115200(float round_seconds, float share = 1.0f) noexcept {
    return link_budget(11520.0f, 1.0f, round_seconds, 0.0f, share);
  }

  typedef byte_budget::state state;
  static constexpr bool may_be_zero() noexcept { return false; }
  /// Header and check of an update whose body has less than 128 bytes; weir/wire/README.md has them all.
  static constexpr uint8_t frame_overhead() noexcept { return 12; }

  /// The rate as measured, from acknowledgements say. What is not above 0, or no number, changes nothing.
  void set_rate(float bytes_per_second) noexcept {
    if (bytes_per_second > 0 && bytes_per_second <= 3.0e38f) rate = bytes_per_second;
  }

  /// 1, or as many rounds as must go by for the smallest frame (36 bytes and what the link adds); 65,535 at most.
  uint16_t rounds_per_frame() const noexcept {
    const float seconds_to_send = smallest_frame() / (rate * share);
    const float by_duty = seconds_to_send / duty;
    const float by_delay = seconds_to_send + delay_seconds;
    const float rounds = (by_duty > by_delay ? by_duty : by_delay) / round_seconds;
    if (!(rounds < 65535.0f)) return 65535;
    const uint16_t whole = static_cast<uint16_t>(rounds);
    return whole == 0 || static_cast<float>(whole) < rounds ? static_cast<uint16_t>(whole + 1) : whole;
  }

  /// Bytes that a body may have on average. While rounds_per_frame() > 1: the smallest body in as many rounds (and the
  /// empty frames between are more than the link carries).
  float body_bytes() const noexcept {
    const uint16_t rounds = rounds_per_frame();
    if (rounds > 1) return static_cast<float>(byte_budget::smallest_body()) / static_cast<float>(rounds);
    const float by_duty = round_seconds * duty;
    const float by_delay = round_seconds - delay_seconds;
    const float carried = rate * share * (by_duty < by_delay ? by_duty : by_delay);
    return carried - static_cast<float>(frame_overhead()) - overhead;
  }
  byte_budget budget() const noexcept { return byte_budget(body_bytes()); }

  template <class Mean>
  float next(state& s, const gate_report& last, Mean&& mean) const noexcept {
    return budget().next(s, last, mean);
  }
  size_t room(const state& s, const gate_report& last) const noexcept { return budget().room(s, last); }
  void hint(state& s, float wt) const noexcept { budget().hint(s, wt); }

 private:
  float smallest_frame() const noexcept {
    return static_cast<float>(frame_overhead() + byte_budget::smallest_body()) + overhead;
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
