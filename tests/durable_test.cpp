// SPDX-License-Identifier: MIT
// A coordinator's journal in a file. (That nothing is lost or doubled wherever it stops: fleet_test.cpp.)
#include <weir/host/durable_coordinator.hpp>
#include <weir/host/journal_file.hpp>

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "support/small_fleet.hpp"

namespace {

using namespace test_support;
using weir::status;
typedef weir::durable_coordinator<small_coordinator, weir::journal_file> durable;
typedef std::vector<uint8_t> data;

/// A folder of its own, gone at the end.
struct folder {
  std::string path;
  folder() {
    char name[] = "/tmp/weir_journal_XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~folder() {
    for (const char* f : {"/j", "/j.new", "/j.lock", "/j/x"}) std::remove((path + f).c_str());
    ::rmdir(file().c_str());
    ::rmdir(path.c_str());
  }
  std::string file() const { return path + "/j"; }
  data content() const {
    std::ifstream in(file(), std::ios::binary);
    return data(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  void write(const data& d) const {
    std::ofstream out(file(), std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(d.data()), static_cast<std::streamsize>(d.size()));
  }
};

const weir::fleet_terms terms = {2, 0, 0, 0};

/// A coordinator on a file: closed, and opened anew, by restart().
struct served {
  folder& where;
  std::unique_ptr<weir::journal_file> file;
  std::unique_ptr<durable> center;

  explicit served(folder& f) : where(f) { CHECK(!restart()); }
  bool restart() {
    center.reset();
    file.reset();
    file = std::make_unique<weir::journal_file>(where.file());
    center = std::make_unique<durable>(*file, 3);
    return center->begin(make_link(), terms, 1, 0, 77);
  }
};

bool exchange(small_worker& w, durable& c) {
  const datagram d = sent_by(w, 0);
  if (d.empty()) return false;
  const auto o = c.handle(view(d));
  if (!o.answer.empty()) w.handle(view(copy(o.answer)), 0);
  return true;
}

}  // namespace

TEST_CASE("a coordinator that is started again goes on where it was, in each round") {
  folder f;
  served s(f);
  std::vector<small_worker> workers(2);
  for (uint16_t i = 0; i < 2; ++i) {
    workers[i].begin(make_pipe(), weir::rank_t{i});
    for (int turns = 0; turns < 20 && workers[i].member_state() != weir::membership::member; ++turns)
      exchange(workers[i], *s.center);
    CHECK(workers[i].epoch() == 77);
  }
  for (uint32_t round = 1; round <= 10; ++round) {
    train(workers[0], round);
    REQUIRE(exchange(workers[0], *s.center));
    CHECK(s.center->counted() == 1);
    if (round % 2 == 0) {
      REQUIRE(s.restart());
      CHECK(s.center->counted() == 1);  // written, though nobody had been told
    }
    train(workers[1], 100 + round);
    REQUIRE(exchange(workers[1], *s.center));
    REQUIRE(s.center->round_due(0));
    const datagram broadcast = copy(s.center->close_round(0));
    const datagram weights =
        copy(weir::const_bytes(reinterpret_cast<const uint8_t*>(s.center->center().weights().data()),
                               sizeof(small_number) * small_net::parameters()));
    REQUIRE(s.restart());
    CHECK(s.center->center().round_number() == round);
    CHECK(s.center->center().epoch() == 77);
    CHECK(std::memcmp(weights.data(), s.center->center().weights().data(), weights.size()) == 0);
    for (small_worker& w : workers) {
      CHECK(w.handle(view(broadcast), 0) == status::ok);
      CHECK(same_weights(w, s.center->center()));
      CHECK(!w.in_flight());
    }
  }
}

TEST_CASE("a journal begins anew after some rounds, and does not grow") {
  folder f;
  served s(f);
  size_t least = f.content().size(), most = 0;
  for (int round = 0; round < 30; ++round) {
    s.center->close_round(0);
    const size_t size = f.content().size();
    CHECK(size >= least);
    most = size > most ? size : most;
  }
  CHECK(most == least + 2 * 8);
}

TEST_CASE("a journal that is cut off anywhere behind its first part is of a former moment") {
  folder f;
  served s(f);
  const size_t least = f.content().size();
  small_worker w = {};
  w.begin(make_pipe(), weir::rank_t{0});
  for (int turns = 0; turns < 6; ++turns) exchange(w, *s.center);
  s.center->close_round(0);
  const data whole = f.content();
  REQUIRE(whole.size() > least + 50);
  for (size_t size = 0; size <= whole.size(); ++size) {
    CAPTURE(size);
    s.center.reset();
    s.file.reset();
    f.write(data(whole.begin(), whole.begin() + static_cast<long>(size)));
    if (size != 0 && size < least) {
      CHECK_THROWS_AS(s.restart(), std::runtime_error);
      CHECK(f.content().size() == size);  // it is not touched
    } else {
      CHECK(s.restart() == (size != 0));
      CHECK(s.center->center().round_number() == (size == whole.size() ? 1 : 0));
    }
  }
}

TEST_CASE("what is no journal, or another's, is refused, and not touched") {
  folder f;
  served s(f);
  const data good = f.content();
  for (const size_t at : {size_t{0}, size_t{5}, size_t{9}, size_t{13}, size_t{16}, good.size() - 1}) {
    CAPTURE(at);
    data bad = good;
    bad[at] ^= 1;
    s.center.reset();
    s.file.reset();
    f.write(bad);
    CHECK_THROWS_AS(s.restart(), std::runtime_error);
    CHECK(f.content() == bad);
  }
}

TEST_CASE("a damaged record ends what is remembered") {
  folder f;
  served s(f);
  const size_t least = f.content().size();
  s.center->close_round(0);
  s.center->close_round(0);
  data bad = f.content();
  bad[least + 8] ^= 1;  // the second one's size
  s.center.reset();
  s.file.reset();
  f.write(bad);
  CHECK(s.restart());
  CHECK(s.center->center().round_number() == 1);
}

TEST_CASE("a datagram that is damaged in the journal ends what is remembered") {
  folder f;
  served s(f);
  const size_t least = f.content().size();
  small_worker w = {};
  w.begin(make_pipe(), weir::rank_t{0});
  for (int turns = 0; turns < 6 && w.member_state() != weir::membership::member; ++turns) exchange(w, *s.center);
  train(w, 1);
  s.center->close_round(0);
  data bad = f.content();
  bad[least + 8 + 3] ^= 1;  // the first join
  s.center.reset();
  s.file.reset();
  f.write(bad);
  CHECK(s.restart());
  CHECK(s.center->center().round_number() == 0);
}

TEST_CASE("only what changes the coordinator is written: updates, joins and leaves, the first time that they come") {
  folder f;
  served s(f);
  small_worker w = {};
  w.begin(make_pipe(), weir::rank_t{0});
  while (w.member_state() != weir::membership::member) exchange(w, *s.center);
  const auto written = [&](const datagram& d, status want) {
    const size_t before = f.content().size();
    CHECK(s.center->handle(view(d)).result == want);
    return f.content().size() - before;
  };
  train(w, 1);
  const datagram update = sent_by(w, 0);
  datagram damaged = update;
  damaged.back() ^= 1;
  CHECK(written(damaged, status::damaged) == 0);
  CHECK(written(update, status::ok) == 8 + update.size());
  CHECK(written(update, status::repeated) == 0);
  const uint16_t tag = weir::wire::tag(small_worker::fingerprint(), 77, weir::frame_kind::ask);
  CHECK(written(make({weir::frame_kind::ask, tag, 0, 0, 0}, {0, 0, 0}), status::ok) == 0);
  const datagram leave = make({weir::frame_kind::leave, tag, 0, open(update).h.sequence, 0}, {});
  CHECK(written(leave, status::ok) == 8 + leave.size());
  REQUIRE(s.restart());
  CHECK(s.center->awaited() == 1);
}

TEST_CASE("one process has a journal, and failures are told") {
  folder f;
  served s(f);
  CHECK_THROWS_AS(weir::journal_file{f.file()}, std::system_error);
  CHECK_THROWS_AS(weir::journal_file{f.path + "/none/j"}, std::system_error);
}

TEST_CASE("what cannot be read or written is an error, at each step") {
  typedef weir::journal_file::durability durability;
  folder f;
  const data some(10, 1);
  SUBCASE("the file is none") {
    weir::journal_file j(f.file());
    REQUIRE(::mkdir(f.file().c_str(), 0700) == 0);
    CHECK_THROWS_AS(j.load(), std::system_error);
    std::ofstream(f.file() + "/x") << "x";
    CHECK_THROWS_AS(j.replace(view(some)), std::system_error);  // nothing takes the name of a folder
  }
  SUBCASE("its name leads to itself") {
    weir::journal_file j(f.file());
    REQUIRE(::symlink(f.file().c_str(), f.file().c_str()) == 0);
    CHECK_THROWS_AS(j.load(), std::system_error);
  }
  SUBCASE("the disk is full") {
    weir::journal_file j(f.file(), durability::process);
    REQUIRE(::symlink("/dev/full", (f.file() + ".new").c_str()) == 0);
    CHECK_THROWS_AS(j.replace(view(some)), std::system_error);
  }
  SUBCASE("nothing there outlasts anything") {
    weir::journal_file j(f.file(), durability::machine);
    REQUIRE(::symlink("/dev/null", (f.file() + ".new").c_str()) == 0);
    CHECK_THROWS_AS(j.replace(view(some)), std::system_error);
  }
}

TEST_CASE("a journal for the case that only the process stops, and one in the folder where it is") {
  folder f;
  char here[4096];
  REQUIRE(::getcwd(here, sizeof here) != nullptr);
  REQUIRE(::chdir(f.path.c_str()) == 0);
  for (const auto d : {weir::journal_file::durability::machine, weir::journal_file::durability::process}) {
    weir::journal_file j("j", d);
    const data first(5, 1), more(3, 2);
    j.replace(view(first));
    j.append(view(more));
    j.sync();
    CHECK(j.load() == data{1, 1, 1, 1, 1, 2, 2, 2});
  }
  REQUIRE(::chdir(here) == 0);
}

namespace {

int drained;       // a pipe's end, which a signal's handler reads
int signals_seen;  // by it
void drain(int) {
  const int before = errno;
  char some[4096];
  if (++signals_seen > 1)
    while (::read(drained, some, sizeof some) > 0) {
    }
  errno = before;
}

}  // namespace

TEST_CASE("a signal in the midst of writing does no harm") {
  folder f;
  const std::string fresh = f.file() + ".new";  // a pipe: it takes 64 KiB, and then waits
  REQUIRE(::mkfifo(fresh.c_str(), 0600) == 0);
  drained = ::open(fresh.c_str(), O_RDONLY | O_NONBLOCK);
  signals_seen = 0;
  struct sigaction how = {}, before = {};
  how.sa_handler = drain;
  REQUIRE(::sigaction(SIGALRM, &how, &before) == 0);
  const itimerval often = {{0, 2000}, {0, 2000}}, never = {};
  ::setitimer(ITIMER_REAL, &often, nullptr);
  weir::journal_file j(f.file(), weir::journal_file::durability::process);
  const data large(400000, 7);
  CHECK_NOTHROW(j.replace(view(large)));
  ::setitimer(ITIMER_REAL, &never, nullptr);
  ::sigaction(SIGALRM, &before, nullptr);
  ::close(drained);
  CHECK(signals_seen > 1);
}
