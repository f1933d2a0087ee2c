// SPDX-License-Identifier: MIT
#include "endpoint.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>

#include <weir/transport/posix_port.hpp>

#include "support/dataset.hpp"

namespace serving {
namespace {

using support::bad_input;

// ---- a child process ------------------------------------------------------------------------------------------------

struct pipe_ends {
  descriptor read;
  descriptor write;
};

pipe_ends make_pipe() {
  int fd[2];
  if (::pipe2(fd, O_CLOEXEC) != 0) throw not_open(failure("pipe"));
  return {descriptor(fd[0]), descriptor(fd[1])};
}

class command final : public endpoint {
 public:
  explicit command(const std::string& text) : text_(text) {}

  connection open() override {
    pipe_ends in = make_pipe(), out = make_pipe(), errors = make_pipe();
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw not_open(failure("fork"));
    if (child == 0) {  // of its own process group, so that all of it can be ended
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) ::_exit(127);
      ::dup2(in.read.get(), 0);
      ::dup2(out.write.get(), 1);
      ::dup2(errors.write.get(), 2);
      sigset_t none;
      ::sigemptyset(&none);
      ::sigprocmask(SIG_SETMASK, &none, nullptr);
      std::signal(SIGPIPE, SIG_DFL);
      ::execl("/bin/sh", "sh", "-c", text_.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::setpgid(child, child);  // whoever comes first
    connection c;
    c.in = std::move(out.read);
    c.out = std::move(in.write);
    c.errors = std::move(errors.read);
    c.child = child;
    for (const int fd : {c.in.get(), c.out.get(), c.errors.get()}) make_nonblocking(fd);
    return c;
  }

 private:
  std::string text_;
};

// ---- terminals ------------------------------------------------------------------------------------------------------

void make_raw(int fd, speed_t speed) {
  if (!weir::make_raw(fd, speed)) throw not_open(failure("no terminal"));
}

class device final : public endpoint {
 public:
  explicit device(const std::string& text) : path_(text), speed_(B115200) {
    const std::size_t colon = text.rfind(':');
    if (colon != std::string::npos && colon + 1 < text.size() &&
        text.find_first_not_of("0123456789", colon + 1) == std::string::npos) {
      const std::string baud = text.substr(colon + 1);
      speed_ = baud.size() <= 7 ? weir::serial_speed(std::stoul(baud)) : B0;
      if (speed_ == B0) throw bad_input("--device: no serial line has " + baud + " baud here");
      path_ = text.substr(0, colon);
    }
    if (path_.empty()) throw bad_input("--device: needs the path of a device, with :BAUD behind it or not");
  }

  connection open() override {
    connection c;
    c.in = descriptor(::open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!c.in) throw not_open(failure("cannot open"));
    make_raw(c.in.get(), speed_);
    ::tcflush(c.in.get(), TCIOFLUSH);
    return c;
  }

 private:
  std::string path_;
  speed_t speed_;
};

class terminal final : public endpoint {
 public:
  explicit terminal(const std::string& link) : link_(link) {
    // What an earlier run may have left can be replaced, and nothing else.
    std::array<char, 16> to{};
    const ssize_t size = ::readlink(link.c_str(), to.data(), to.size());
    const bool ours = size > 0 && std::string(to.data(), static_cast<std::size_t>(size)).rfind("/dev/pts/", 0) == 0;
    if (!ours && ::access(link.c_str(), F_OK) == 0)
      throw bad_input("--pty: `" + link + "` is there already, and leads to no pseudo terminal");
    made_ = make();  // now, so that who cannot make it hears of it at once
  }
  ~terminal() override { ::unlink(link_.c_str()); }

  connection open() override {
    if (made_.in) return std::move(made_);
    try {
      return make();
    } catch (const bad_input& e) {
      throw not_open(e.what());
    }
  }

 private:
  connection make() const {
    connection c;
    c.in = descriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    std::array<char, 128> name;
    if (!c.in || ::grantpt(c.in.get()) != 0 || ::unlockpt(c.in.get()) != 0 ||
        ::ptsname_r(c.in.get(), name.data(), name.size()) != 0)
      throw bad_input(failure("--pty: cannot make a pseudo terminal"));
    // While nobody has the other end, reading would be an error: so we have it.
    c.kept = descriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!c.kept) throw bad_input(failure(std::string("--pty: cannot open ") + name.data()));
    make_raw(c.kept.get(), B115200);
    make_nonblocking(c.in.get());
    ::unlink(link_.c_str());
    if (::symlink(name.data(), link_.c_str()) != 0)
      throw bad_input(failure("--pty: cannot make the link `" + link_ + "`"));
    return c;
  }

  std::string link_;
  connection made_;
};

// ---- TCP ------------------------------------------------------------------------------------------------------------

struct address {
  sockaddr_storage bytes;
  socklen_t size;
  int family;
};

std::vector<address> look_up(const char* option, const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (error != 0)
    throw bad_input(std::string(option) + ": `" + host + (host.empty() ? "" : ":") + port +
                    "`: " + ::gai_strerror(error));
  std::vector<address> all;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    address one{};
    std::memcpy(&one.bytes, a->ai_addr, a->ai_addrlen);
    one.size = a->ai_addrlen;
    one.family = a->ai_family;
    all.push_back(one);
  }
  ::freeaddrinfo(found);
  return all;
}

const int one = 1;

class tcp final : public endpoint {
 public:
  explicit tcp(const std::string& text) {
    std::string host, port;
    split_address("--tcp", text, host, port);
    if (host.empty()) throw bad_input("--tcp: `" + text + "` must be HOST:PORT");
    addresses_ = look_up("--tcp", host, port, 0);
  }

  connection open() override {
    const address& to = addresses_[next_++ % addresses_.size()];
    connection c;
    c.in = descriptor(::socket(to.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!c.in) throw not_open(failure("socket"));
    ::setsockopt(c.in.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ::setsockopt(c.in.get(), SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    c.pending = ::connect(c.in.get(), reinterpret_cast<const sockaddr*>(&to.bytes), to.size) != 0;
    if (c.pending && errno != EINPROGRESS) throw not_open(failure("cannot connect"));
    return c;
  }

 private:
  std::vector<address> addresses_;
  std::size_t next_ = 0;
};

/// All interfaces, if no host is said: version 6 of the protocol serves both, where it is there.
descriptor bound(const char* option, const std::string& text, int type, int& port) {
  std::string host, service;
  split_address(option, text, host, service);
  std::vector<address> all = look_up(option, host, service, AI_PASSIVE);
  if (host.empty() && all.size() > 1 && all.front().family == AF_INET) std::swap(all.front(), all.back());
  for (const address& a : all) {
    descriptor s(::socket(a.family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int both = host.empty() ? 0 : 1;
    if (s && type == SOCK_STREAM) ::setsockopt(s.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (s && a.family == AF_INET6) ::setsockopt(s.get(), IPPROTO_IPV6, IPV6_V6ONLY, &both, sizeof both);
    if (!s || ::bind(s.get(), reinterpret_cast<const sockaddr*>(&a.bytes), a.size) != 0) continue;
    if (type == SOCK_STREAM && ::listen(s.get(), SOMAXCONN) != 0) continue;
    sockaddr_storage got{};
    socklen_t size = sizeof got;
    ::getsockname(s.get(), reinterpret_cast<sockaddr*>(&got), &size);
    port = ntohs(got.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&got)->sin6_port
                                           : reinterpret_cast<const sockaddr_in*>(&got)->sin_port);
    return s;
  }
  throw bad_input(failure(std::string(option) + ": cannot listen at `" + text + "`"));
}

}  // namespace

void split_address(const char* option, const std::string& text, std::string& host, std::string& port) {
  const std::size_t colon = text.rfind(':');
  host = colon == std::string::npos ? "" : text.substr(0, colon);
  port = colon == std::string::npos ? text : text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const bool number = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (!number || std::stoi(port) > 65535)
    throw bad_input(std::string(option) + ": in `" + text + "`, the port must be a number up to 65535");
}

std::unique_ptr<endpoint> command_endpoint(const std::string& text) {
  if (text.empty()) throw bad_input("--exec: needs a command");
  return std::make_unique<command>(text);
}
std::unique_ptr<endpoint> device_endpoint(const std::string& path) { return std::make_unique<device>(path); }
std::unique_ptr<endpoint> terminal_endpoint(const std::string& link) {
  if (link.empty()) throw bad_input("--pty: needs a path for its link");
  return std::make_unique<terminal>(link);
}
std::unique_ptr<endpoint> tcp_endpoint(const std::string& address) { return std::make_unique<tcp>(address); }

descriptor listen_at(const std::string& text, int& port) { return bound("--listen", text, SOCK_STREAM, port); }
descriptor datagrams_at(const std::string& text, int& port) { return bound("--udp", text, SOCK_DGRAM, port); }

std::size_t receive_from(const descriptor& socket, weir::bytes into, std::string& from) {
  sockaddr_storage sender{};
  socklen_t size = sizeof sender;
  const ssize_t got =
      ::recvfrom(socket.get(), into.data(), into.size(), MSG_TRUNC, reinterpret_cast<sockaddr*>(&sender), &size);
  if (got < 0 || static_cast<std::size_t>(got) > into.size()) return 0;
  from.assign(reinterpret_cast<const char*>(&sender), size);
  return static_cast<std::size_t>(got);
}

bool send_to(const descriptor& socket, const std::string& to, weir::const_bytes datagram) {
  return ::sendto(socket.get(), datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(to.data()),
                  static_cast<socklen_t>(to.size())) >= 0;
}

std::string name_of(const std::string& address) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  ::getnameinfo(reinterpret_cast<const sockaddr*>(address.data()), static_cast<socklen_t>(address.size()), host.data(),
                host.size(), port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  return std::string(host.data()) + ":" + port.data();
}

void have_descriptors() {
  rlimit most{};
  if (::getrlimit(RLIMIT_NOFILE, &most) != 0) return;
  most.rlim_cur = most.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &most);
}

connection accept_from(const descriptor& listener, std::string& name) {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  connection c;
  c.in = descriptor(::accept4(listener.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!c.in) return c;
  ::setsockopt(c.in.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ::setsockopt(c.in.get(), SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
  name = name_of(std::string(reinterpret_cast<const char*>(&from), size));
  return c;
}

}  // namespace serving
