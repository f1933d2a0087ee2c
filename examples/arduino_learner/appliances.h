// SPDX-License-Identifier: MIT
// Where this sketch has its data from: it makes up what a current clamp on the mains cable of one appliance would see.
// Nothing here learns. With a real clamp, replace current_of() by analogRead(), started at the zero crossing of the voltage.
#pragma once

#include "weir.hpp"

enum appliance : uint8_t { nothing, heater, motor, charger, dimmer, hair_dryer, lamp, transformer, appliances };

inline const __FlashStringHelper* name_of(uint8_t a) {
  switch (a) {
    case nothing: return F("nothing");
    case heater: return F("heater");            // a resistor: the current follows the voltage
    case motor: return F("motor");              // lags behind
    case charger: return F("charger");          // a rectifier that fills a capacitor: short pulses at the crests
    case dimmer: return F("dimmer");            // switches on late in each half period
    case hair_dryer: return F("hair dryer");    // at half power: one diode, only positive halves
    case lamp: return F("lamp");                // electronic ballast: nearly square
    default: return F("transformer");           // without load: a peak where the voltage crosses zero
  }
}

// A quarter of a sine, 65 angles from 0 to 90 degrees, up to 127. In flash: it takes no RAM.
constexpr weir::flash_table<int8_t, 65> quarter_sine WEIR_FLASH = {
    {0,   3,   6,   9,   12,  16,  19,  22,  25,  28,  31,  34,  37,  40,  43,  46,  49,  51,  54,  57,  60,  63,
     65,  68,  71,  73,  76,  78,  81,  83,  85,  88,  90,  92,  94,  96,  98,  100, 102, 104, 106, 107, 109, 111,
     112, 113, 115, 116, 117, 118, 120, 121, 122, 122, 123, 124, 125, 125, 126, 126, 126, 127, 127, 127, 127}};

// angle: 256 are a full turn.
inline int8_t sine(uint8_t angle) {
  const uint8_t half = angle & 127;
  const int8_t s = quarter_sine[half <= 64 ? half : 128 - half];
  return angle < 128 ? s : -s;
}

// The current at an angle of the mains voltage, -127 to 127. `variant` is what differs between two motors, two dimmers.
inline int8_t current_of(uint8_t a, uint8_t angle, uint8_t variant) {
  const int8_t s = sine(angle);
  switch (a) {
    case nothing: return 0;
    case heater: return s;
    case motor: return sine(angle - 24 - variant % 16);
    case charger: return s > 96 ? 4 * (s - 96) : s < -96 ? 4 * (s + 96) : 0;
    case dimmer: return angle % 128 < 40 + variant % 48 ? 0 : s;
    case hair_dryer: return s > 0 ? s : 0;
    case lamp: return s > 30 ? 110 : s < -30 ? -110 : 3 * s;
    default: {
      const int16_t lagging = sine(angle - 64);
      return lagging * lagging / 127 * lagging / 127;
    }
  }
}

// Fills samples[N] with one period of an appliance: of some strength, half to full, and with noise.
template <class Sample, uint8_t N>
void measure(uint8_t a, weir::random_bits& random, Sample (&samples)[N]) {
  uint32_t bits = random.next();
  const uint8_t variant = bits, strength = 64 + (bits >> 8) % 64;
  for (uint8_t i = 0; i < N; ++i) {
    bits = i % 4 == 0 ? random.next() : bits >> 8;
    const int8_t noise = static_cast<int8_t>(bits) / 8;
    const uint8_t angle = static_cast<uint16_t>(i) * 256 / N;
    samples[i].raw = current_of(a, angle, variant) * strength / 256 + noise;
  }
}
