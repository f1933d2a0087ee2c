// SPDX-License-Identifier: MIT
// The least that a sketch with Serial is: what the core itself brings along, to compare our sketches with.
void setup() { Serial.begin(115200); }

void loop() {
  if (Serial.available()) Serial.write(Serial.read());
}
