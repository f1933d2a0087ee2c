// SPDX-License-Identifier: MIT
// The smallest program that instantiates the library, for every compiler, dialect and target. It is compiled with
// WEIR_CONF_HEADER being the umbrella or the single header, and linked for the ATmega2560.
#include WEIR_CONF_HEADER

static_assert(sizeof(weir::index_t) == (sizeof(void*) == 2 ? 2 : 4), "an index is 16 bits where pointers have 16");

volatile weir::index_t weir_conf_sink;

int main() {
  weir_conf_sink = weir::index_t(WEIR_VERSION_MINOR);
  return 0;
}
