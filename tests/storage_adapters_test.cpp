// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>
#include <weir/host/file_storage.hpp>
#include <weir/weir.hpp>

#include "support/nvm.hpp"

static_assert(weir::is_storage<weir::memory_storage>::value, "");
static_assert(weir::is_storage<weir::storage_file::handle_type>::value, "");
static_assert(weir::is_storage<test_support::nvm_storage>::value, "");
static_assert(!weir::is_storage<int>::value, "");
static_assert(weir::is_saving<weir::save_nothing>::value, "");
static_assert(weir::is_saving<weir::save_counters<weir::memory_storage>>::value, "");
static_assert(weir::is_saving<weir::save_state<weir::memory_storage>>::value, "");
static_assert(weir::is_saving<weir::save_state8<weir::memory_storage>>::value, "");
static_assert(weir::is_saving<weir::save_all<weir::memory_storage>>::value, "");
static_assert(!weir::is_saving<weir::memory_storage>::value, "");

namespace {

struct chip {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(8, 0xff);
  int writes = 0;
  int free = 1000;  // turns that it will take a byte
  bool done = true;
};
struct port {
  chip* c;
  size_t size() const { return c->bytes.size(); }
  uint8_t read(size_t at) const { return c->bytes[at]; }
  bool write(size_t at, uint8_t b) const {
    if (c->free == 0) return false;
    --c->free;
    ++c->writes;
    c->bytes[at] = b;
    return true;
  }
  bool done() const { return c->done; }
};
static_assert(weir::is_storage<weir::byte_storage<port>>::value, "");

}  // namespace

TEST_CASE("byte_storage writes what differs, as far as the port takes it") {
  chip c;
  weir::byte_storage<port> s{port{&c}};
  CHECK(s.size() == 8);
  const uint8_t four[4] = {1, 2, 0xff, 4};
  CHECK(s.write(2, weir::const_bytes(four)) == 4);
  CHECK(c.writes == 3);
  CHECK(c.bytes == std::vector<uint8_t>{0xff, 0xff, 1, 2, 0xff, 4, 0xff, 0xff});
  CHECK(s.write(2, weir::const_bytes(four)) == 4);
  CHECK(c.writes == 3);  // all there
  uint8_t back[3];
  s.read(3, weir::bytes(back));
  CHECK((back[0] == 2 && back[1] == 0xff && back[2] == 4));
  c.free = 1;
  const uint8_t other[3] = {2, 9, 9};
  CHECK(s.write(3, weir::const_bytes(other)) == 2);
  CHECK(s.write(5, weir::const_bytes(other + 2, 1)) == 0);
  c.free = 1;
  CHECK(s.write(5, weir::const_bytes(other + 2, 1)) == 1);
  CHECK(s.done());
  c.done = false;
  CHECK(!s.done());
  CHECK(s.write(0, weir::const_bytes(four)) == 0);
}

TEST_CASE("a file keeps what was saved; one that cannot be opened has no room") {
  const char* tmp = std::getenv("TMPDIR");
  const std::string path =
      std::string(tmp != nullptr ? tmp : "/tmp") + "/weir_storage_test." + std::to_string(::getpid());
  uint32_t numbers[50], back[50] = {};
  for (uint32_t i = 0; i < 50; ++i) numbers[i] = 7 * i;
  const size_t size = weir::saved_bytes(sizeof numbers);
  for (uint32_t turn = 1; turn < 4; ++turn) {
    weir::storage_file file(path, size);
    REQUIRE(file.good());
    CHECK(file.handle().size() == size);
    CHECK(weir::load(file.handle(), 1, weir::span<uint32_t>(back)) ==
          (turn == 1 ? weir::status::empty : weir::status::ok));
    CHECK(back[49] == (turn == 1 ? 0u : 343u + turn - 1));
    numbers[49] = 343 + turn;
    CHECK(weir::save(file.handle(), 1, weir::span<uint32_t>(numbers)) == weir::status::ok);
  }
  std::remove(path.c_str());
  weir::storage_file none("/nowhere/at/all", size);
  CHECK(!none.good());
  CHECK(weir::save(none.handle(), 1, weir::span<uint32_t>(numbers)) == weir::status::too_big);
}
