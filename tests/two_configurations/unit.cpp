// SPDX-License-Identifier: MIT
// Compiled three times, with WEIR_TEST_UNIT = native, again, pinned; the last with -DWEIR_ISA=scalar.
#include <weir/weir.hpp>

#define WEIR_TEST_TEXT_(x) #x
#define WEIR_TEST_TEXT(x) WEIR_TEST_TEXT_(x)

namespace weir {
inline namespace WEIR_ABI {

// An inline function whose body depends on the configuration, as the kernels' do. Without the inline namespace
// the linker would keep one body for all units.
inline const char* test_configuration() noexcept { return WEIR_TEST_TEXT(WEIR_ABI); }

}  // namespace WEIR_ABI
}  // namespace weir

typedef const char* test_function();
test_function* WEIR_TEST_UNIT();
test_function* WEIR_TEST_UNIT() { return weir::test_configuration; }
