// SPDX-License-Identifier: MIT
// A board that learns by itself: to tell from one period of the mains current which appliance is on. No sensor, no
// computer and no other library is needed. Copy weir.hpp beside this file, open the serial monitor at 115200 baud, and watch:
//
//   after 0 periods: 26 of 200 right
//   after 500 periods: 196 of 200 right
//
// After half a minute it saves what it has learned to EEPROM, and from then on only recognises. After a reset it knows again. Any
// character that you send makes it forget and start anew.
#include "weir.hpp"

#include "appliances.h"

// A Mega has room for 64 samples a period and 16 hidden neurons, an Uno (2 KB of RAM) for 16 and 8.
constexpr bool large = RAMEND > 4096;
constexpr uint8_t samples = large ? 64 : 16;
constexpr uint8_t hidden = large ? 16 : 8;

// The model, from samples to appliances; weights of 16 bits in units of 1/4096, and what learns them.
using net = weir::sequential<weir::input<samples>, weir::dense<hidden>, weir::relu, weir::dense<appliances>>;
using learner = weir::learner<weir::fixed16<12>, net, weir::softmax_cross_entropy, weir::sgd, weir::fixed_wt>;

static_assert(sizeof(learner) <= (large ? 4900 : 1000), "weights, residual, activations: all the memory there is");
static learner device;  // all zero: takes no flash and no time before setup()

static weir::fixed8<6> period[samples];  // 64 is 1
static weir::random_bits world;          // the appliances that it meets
static uint16_t learned;                 // periods
constexpr uint16_t enough = large ? 2000 : 6000;

void begin() {
  device.begin(weir::sgd(0.03f), weir::fixed_wt(1.0f / 256));  // learning rate; what moves a weight
}

// How many it recognises of 200 periods that it has not learned from, always the same.
void test() {
  weir::random_bits unseen(1000);
  uint8_t right = 0;
  for (uint8_t i = 0; i < 200; ++i) {
    const uint8_t a = i % appliances;
    measure(a, unseen, period);
    if (device.hit(period, a)) ++right;
  }
  Serial.print(right);
  Serial.println(F(" of 200 right"));
}

// In EEPROM, twice where there is room: then a save that a power cut ends early leaves the one before. What is not a whole model of
// this net, whatever else the EEPROM holds, is not loaded.
constexpr uint8_t copies = large ? 1 : 2;
static_assert(weir::saved_bytes<copies>(net::parameters() * sizeof(learner::weight)) <= E2END + 1,
              "the weights do not fit the EEPROM");

constexpr uint32_t identity = net::fingerprint();  // constexpr: the compiler computes it, not the board

void save() { weir::save<copies>(weir::eeprom(), identity, device.weights()); }

bool load() { return weir::load<copies>(weir::eeprom(), identity, device.weights()) == weir::status::ok; }

void setup() {
  Serial.begin(115200);
  begin();
  if (load()) {
    learned = enough;
    Serial.print(F("loaded: "));
    test();
  } else {
    Serial.println(F("nothing saved"));
  }
}

void learn() {
  if (learned % 250 == 0) {
    Serial.print(F("after "));
    Serial.print(learned);
    Serial.print(F(" periods: "));
    test();
  }
  const uint8_t a = world.next() % appliances;
  measure(a, world, period);
  device.train(period, a);  // forward, loss, backward; what has gathered moves the weights
  if (++learned < enough) return;
  save();
  Serial.print(F("saved: "));
  test();
}

void recognise() {
  const uint8_t a = world.next() % appliances;
  measure(a, world, period);
  Serial.print(name_of(a));
  Serial.print(F(": looks like "));
  Serial.println(name_of(device.predict(period)));
  delay(1000);
}

void loop() {
  if (Serial.read() >= 0) {
    begin();
    learned = 0;
  }
  if (learned < enough)
    learn();
  else
    recognise();
}
