// SPDX-License-Identifier: MIT
#include "lines.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <asio/ip/udp.hpp>

#include "support/bad_input.hpp"
#include "support/mixed_fleet.hpp"

namespace working {
namespace {

std::int64_t clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void pipe_line::wait(int ms) {
  pollfd p = {0, POLLIN, 0};
  ::poll(&p, 1, ms);
}

tcp_lines::tcp_lines(const std::string& where, std::size_t count)
    : where_(serving::tcp_endpoint(where)), lines_(count) {
  for (one& l : lines_) call(l, clock_ms());
}

void tcp_lines::call(one& l, std::int64_t now_ms) {
  try {
    l.open = where_->open();
    if (!l.open.pending) l.port.attach(l.open.to_read());
  } catch (const serving::not_open&) {
    lose(l, now_ms);
  }
}

void tcp_lines::lose(one& l, std::int64_t now_ms) {
  l.open = serving::connection();
  l.next_try_ms = now_ms + (50 << std::min(l.tries, 6u));
  ++l.tries;
}

void tcp_lines::wait(int ms) {
  std::int64_t now = clock_ms();
  std::vector<pollfd> polled;
  for (one& l : lines_) {
    if (l.open.in && !l.open.pending && !l.port.ok()) lose(l, now);
    if (!l.open.in && l.next_try_ms <= now) call(l, now);
    if (!l.open.in) ms = static_cast<int>(std::clamp<std::int64_t>(l.next_try_ms - now, 0, ms));
    polled.push_back({l.open.to_read(), static_cast<short>(l.open.pending ? POLLOUT : POLLIN), 0});
  }
  ::poll(polled.data(), polled.size(), ms);
  now = clock_ms();
  for (std::size_t i = 0; i < polled.size(); ++i) {
    one& l = lines_[i];
    if (!l.open.pending || polled[i].revents == 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(l.open.to_read(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      lose(l, now);
      continue;
    }
    l.open.pending = false;
    l.tries = 0;
    l.port.attach(l.open.to_read());
  }
}

udp_lines::udp_lines(const std::string& where, std::size_t count) {
  std::string host, port;
  serving::split_address("--udp", where, host, port);
  if (host.empty()) throw support::bad_input("--udp: `" + where + "` must be HOST:PORT");
  asio::error_code e;
  const auto found = asio::ip::udp::resolver(io_).resolve(host, port, e);
  if (e || found.empty()) throw support::bad_input("--udp: `" + where + "`: " + e.message());
  for (std::size_t i = 0; i < count; ++i) lines_.emplace_back(io_, found.begin()->endpoint(), mixed::frame_bytes());
}

void udp_lines::wait(int ms) {
  io_.restart();
  io_.run_one_for(std::chrono::milliseconds(ms));
  io_.poll();
}

}  // namespace working
