// SPDX-License-Identifier: MIT
#include <weir/threshold/link_budget.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>
#include <weir/encoder/ternary.hpp>
#include <weir/gate.hpp>

using weir::index_t;
using weir::link_budget;

namespace {

/// Bytes of `rounds` bodies of a node on that link: 5,000 cells, heavy-tailed updates.
std::vector<double> bodies(link_budget& link, int rounds, weir::gate_state<link_budget, weir::ternary>& state,
                           std::vector<float>& residual) {
  std::mt19937 rng{3};
  std::normal_distribution<float> normal;
  std::vector<uint8_t> out(20000);
  std::vector<double> written;
  for (int i = 0; i < rounds; ++i) {
    for (size_t j = 0; j < residual.size(); ++j)
      residual[j] += 0.01f * std::exp(1.5f * std::sin(static_cast<float>(j))) * normal(rng);
    written.push_back(static_cast<double>(weir::gate(
        residual.data(), static_cast<index_t>(residual.size()), weir::grid<float, float>(1.0f), link, weir::ternary(),
        state, weir::bytes(out.data(), out.size()), weir::detail::no_fold(), weir::detail::no_forget())));
  }
  return written;
}
double mean(const std::vector<double>& v, size_t from) {
  double sum = 0;
  for (size_t i = from; i < v.size(); ++i) sum += v[i];
  return sum / static_cast<double>(v.size() - from);
}
doctest::Approx near(double v) { return doctest::Approx(v).epsilon(1e-4); }

}  // namespace

TEST_CASE("link_budget: what a round carries, less header and check") {
  CHECK(link_budget(1000, 1, 1).body_bytes() == near(988));
  CHECK(link_budget(1000, 0.1f, 1).body_bytes() == near(88));
  CHECK(link_budget(1000, 1, 0.5f).body_bytes() == near(488));
  CHECK(link_budget(1000, 1, 1, 0.25f).body_bytes() == near(738));     // a quarter of the round waits for the answer
  CHECK(link_budget(1000, 0.5f, 1, 0.25f).body_bytes() == near(488));  // in which the duty cycle rests anyway
  CHECK(link_budget(1000, 1, 1, 0, 0.125f).body_bytes() == near(113));
}

TEST_CASE("link_budget: the links that have names") {
  CHECK(link_budget::lora_sf7(60).body_bytes() == near(683.75 * 0.01 * 60 - 12 - 21));  // LoRaWAN's part of a frame
  CHECK(link_budget::lora_sf7(60, 0.5f).body_bytes() == near(683.75 * 0.01 * 30 - 12 - 21));
  CHECK(link_budget::ieee802154(0.1f).body_bytes() == near(1250 - 12));
  CHECK(link_budget::ble(0.1f).body_bytes() == near(8750 - 12));
  CHECK(link_budget::uart115200(0.1f, 0.25f).body_bytes() == near(288 - 12));
}

TEST_CASE("link_budget: a round that carries less than the smallest frame") {
  CHECK(link_budget(36, 1, 1).rounds_per_frame() == 1);
  CHECK(link_budget(36, 1, 1).body_bytes() == near(24));
  CHECK(link_budget(35.9f, 1, 1).rounds_per_frame() == 2);
  CHECK(link_budget(35.9f, 1, 1).body_bytes() == near(12));
  CHECK(link_budget(36, 0.1f, 1).rounds_per_frame() == 10);
  CHECK(link_budget(36, 1, 1, 0, 0.25f).rounds_per_frame() == 4);
  CHECK(link_budget(360, 1, 1, 4.9f).rounds_per_frame() == 5);    // the answer takes nearly five rounds
  CHECK(link_budget(36, 1, 1, 0, 1, 1).rounds_per_frame() == 2);  // a byte of the link's own is one too many
  CHECK(link_budget::lora_sf7(1).rounds_per_frame() == 9);        // 6.8 bytes a second
  CHECK(link_budget::lora_sf7(1).body_bytes() == near(24.0 / 9));
  CHECK(link_budget::lora_sf7(9).rounds_per_frame() == 1);  // as it said: then frames fit
  CHECK(link_budget::lora_sf7(9).body_bytes() >= 24.0f);
  CHECK(link_budget(1e-9f, 1, 1).rounds_per_frame() == 65535);
  CHECK(link_budget(1e-9f, 1, 1).body_bytes() > 0.0f);
  CHECK(link_budget(0, 1, 1).rounds_per_frame() == 65535);
}

TEST_CASE("link_budget: longer rounds as asked for are long enough, and none shorter is") {
  for (const float rate : {0.3f, 7.0f, 35.99f, 36.0f, 500.0f})
    for (const float duty : {0.01f, 0.3f, 1.0f})
      for (const float delay : {0.0f, 0.6f, 3.0f}) {
        CAPTURE(rate);
        CAPTURE(duty);
        CAPTURE(delay);
        const float rounds = link_budget(rate, duty, 1, delay).rounds_per_frame();
        CHECK(link_budget(rate, duty, rounds * 1.0001f, delay).rounds_per_frame() == 1);
        CHECK(link_budget(rate, duty, rounds * 1.0001f, delay).body_bytes() >= 23.9f);
        if (rounds > 1) CHECK(link_budget(rate, duty, (rounds - 1) * 0.9999f, delay).rounds_per_frame() > 1);
      }
}

TEST_CASE("link_budget: a rate is measured, and what is none is not taken") {
  link_budget link(1000, 1, 1);
  link.set_rate(500);
  CHECK(link.rate == 500.0f);
  for (const float none :
       {0.0f, -1.0f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    link.set_rate(none);
  CHECK(link.rate == 500.0f);
}

TEST_CASE("link_budget keeps to the link, whole frames counted, and to what it has become") {
  link_budget link = link_budget::uart115200(0.02f);  // 230 bytes a round
  weir::gate_state<link_budget, weir::ternary> state = {};
  std::vector<float> residual(5000, 0.0f);
  const std::vector<double> wired = bodies(link, 400, state, residual);
  CHECK(mean(wired, 100) + 12 == doctest::Approx(230.4).epsilon(0.05));
  const float wt = state.wt;

  link.set_rate(2304);  // a fifth of it is left: noise on the line
  const std::vector<double> slow = bodies(link, 400, state, residual);
  CHECK(mean(slow, 100) + 12 == doctest::Approx(46.1).epsilon(0.05));
  CHECK(state.wt > 2 * wt);  // a poor link: a high Wt
  for (size_t i = 0; i + 20 <= slow.size(); ++i) {
    double sum = 0;
    for (size_t j = i; j < i + 20; ++j) sum += slow[j];
    REQUIRE(sum <= 1.5 * 20 * static_cast<double>(link.body_bytes()));
  }
}

TEST_CASE("link_budget has the room, the hint and the state of its byte_budget") {
  const link_budget link(112, 1, 1);
  link_budget::state s = {};
  link.hint(s, 0.5f);
  CHECK(s.wt == 0.5f);
  s.account = 77.5f;
  CHECK(link.room(s, weir::gate_report()) == 77);
  s.account = 1000.0f;
  CHECK(link.room(s, weir::gate_report()) == 400);
  CHECK(link.budget().bytes == near(100));
}

static_assert(weir::is_threshold<link_budget>::value, "");
static_assert(!link_budget::may_be_zero(), "");
