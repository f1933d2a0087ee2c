// SPDX-License-Identifier: MIT
#include "run_log.hpp"

#include <cerrno>
#include <cinttypes>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "support/text.hpp"

namespace pareto {
namespace {

using json = nlohmann::ordered_json;
using support::bad_input;

#define PARETO_TEXT_(x) #x
#define PARETO_TEXT(x) PARETO_TEXT_(x)
/// Version and instruction set: with others the last bits of floats differ, and so do the runs.
constexpr const char* build = PARETO_TEXT(WEIR_ABI);
constexpr const char* version =
    PARETO_TEXT(WEIR_VERSION_MAJOR) "." PARETO_TEXT(WEIR_VERSION_MINOR) "." PARETO_TEXT(WEIR_VERSION_PATCH);

std::uint32_t sum_of(const support::dataset& data) {
  std::uint32_t sum = 0;
  for (const std::vector<std::uint8_t>* part :
       {&data.train.pixels, &data.train.labels, &data.test.pixels, &data.test.labels})
    sum = weir::crc32c(weir::const_bytes(part->data(), part->size()), sum);
  return sum;
}

json first_line(const fleet::options& o, const support::dataset& data) {
  return {{"log", "pareto 1"},
          {"version", version},
          {"build", build},
          {"data", o.data},
          {"data_sum", support::text("%08" PRIx32, sum_of(data))},
          {"split", fleet::name_of(o.rows)},
          {"workers", o.workers},
          {"epochs", *o.epochs},
          {"batch", o.batch},
          {"optimizer", o.optimizer},
          {"lr", o.rate},
          {"lr_schedule", fleet::name_of(o.rates)},
          {"momentum", o.momentum},
          {"weight_decay", o.weight_decay},
          {"numbers", fleet::name_of(o.numbers)},
          {"parameters", fleet::parameters(fleet::model_of(o, data))}};
}

json line_of(const std::string& run, std::uint32_t seed, const fleet::outcome& of) {
  return {{"seed", seed},
          {"run", run},
          {"accuracy", of.accuracy},
          {"bytes_up", of.sent.bytes_up},
          {"bytes_down", of.sent.bytes_down},
          {"bytes_on_air", of.sent.bytes_on_air},
          {"frames_up", of.sent.frames_up},
          {"frames_down", of.sent.frames_down},
          {"stream_hash", support::text("%016" PRIx64, of.sent.hash)},
          {"parameters", of.parameters},
          {"steps", of.steps},
          {"rounds", of.rounds},
          {"density_up", of.density_up},
          {"density_down", of.density_down},
          {"wt_up", of.wt_up},
          {"wt_down", of.wt_down},
          {"saturated_per_step", of.saturated},
          {"seconds", of.seconds}};
}

/// Throws json::exception.
fleet::outcome outcome_of(const json& j) {
  fleet::outcome of{};
  j.at("accuracy").get_to(of.accuracy);
  j.at("bytes_up").get_to(of.sent.bytes_up);
  j.at("bytes_down").get_to(of.sent.bytes_down);
  j.at("bytes_on_air").get_to(of.sent.bytes_on_air);
  j.at("frames_up").get_to(of.sent.frames_up);
  j.at("frames_down").get_to(of.sent.frames_down);
  of.sent.hash = std::strtoull(j.at("stream_hash").get<std::string>().c_str(), nullptr, 16);
  j.at("parameters").get_to(of.parameters);
  j.at("steps").get_to(of.steps);
  j.at("rounds").get_to(of.rounds);
  j.at("density_up").get_to(of.density_up);
  j.at("density_down").get_to(of.density_down);
  j.at("wt_up").get_to(of.wt_up);
  j.at("wt_down").get_to(of.wt_down);
  j.at("saturated_per_step").get_to(of.saturated);
  j.at("seconds").get_to(of.seconds);
  return of;
}

std::string text_of(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

/// What the first difference of two first lines is; empty: there is none.
std::string difference(const json& theirs, const json& ours) {
  for (const auto& entry : ours.items()) {
    const std::string have = theirs.contains(entry.key()) ? text_of(theirs[entry.key()]) : "missing";
    const std::string want = text_of(entry.value());
    if (have != want) return entry.key() + " is " + have + " there and " + want + " here";
  }
  return "";
}

std::string whole(int file) {
  std::string text;
  char piece[65536];
  for (ssize_t n; (n = ::read(file, piece, sizeof piece)) != 0;) {
    if (n < 0) throw std::runtime_error(std::string("--log: ") + std::strerror(errno));
    text.append(piece, static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

run_log::run_log(const std::string& path, const fleet::options& common, const support::dataset& data) : path_(path) {
  if (path.empty()) return;
  try {
    open(text_of(first_line(common, data)));
  } catch (...) {
    if (file_ >= 0) ::close(file_);
    throw;
  }
}

run_log::~run_log() {
  if (file_ >= 0) ::close(file_);
}

void run_log::open(const std::string& first) {
  const auto refuse = [this](const std::string& why) { throw bad_input("--log: `" + path_ + "` " + why); };
  struct stat about;
  // Asked first: to open a pipe is to wait.
  if (::stat(path_.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) refuse("is not a regular file");
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0) refuse(std::string("cannot be opened: ") + std::strerror(errno));
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) refuse("is in use by another program");
  read(whole(file_), first);
}

void run_log::read(const std::string& text, const std::string& first) {
  const auto refuse = [this](const std::string& why) {
    throw bad_input("--log: `" + path_ + "` " + why + "; it has not been changed");
  };
  const std::size_t end = text.rfind('\n') + 1;  // npos + 1 is 0
  if (end == 0 && text != first.substr(0, text.size())) refuse("is no log of pareto");
  std::size_t number = 0;
  for (std::size_t from = 0, to; from < end; from = to + 1) {
    to = text.find('\n', from);
    ++number;
    const json line = json::parse(text.begin() + static_cast<std::ptrdiff_t>(from),
                                  text.begin() + static_cast<std::ptrdiff_t>(to), nullptr, false);
    if (number == 1) {
      if (!line.is_object() || !line.contains("log")) refuse("is no log of pareto");
      const std::string other = difference(line, json::parse(first));
      if (!other.empty()) refuse("is of other settings: " + other);
      continue;
    }
    try {
      runs_.emplace(std::make_pair(line.at("run").get<std::string>(), line.at("seed").get<std::uint32_t>()),
                    outcome_of(line));
    } catch (const json::exception&) {
      refuse("is damaged: line " + std::to_string(number) + " is no run");
    }
  }
  if (end != text.size() && ::ftruncate(file_, static_cast<off_t>(end)) != 0)
    throw std::runtime_error("--log: cannot cut off the last line of `" + path_ + "`: " + std::strerror(errno));
  if (end == 0) append(first);
}

void run_log::append(const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(file_, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::runtime_error("--log: cannot write `" + path_ + "`: " + std::strerror(errno));
    done += static_cast<std::size_t>(n);
  }
  if (::fsync(file_) != 0) throw std::runtime_error("--log: cannot write `" + path_ + "`: " + std::strerror(errno));
}

const fleet::outcome* run_log::find(const std::string& run, std::uint32_t seed) const {
  const std::lock_guard<std::mutex> one_at_a_time(mutex_);
  const auto found = runs_.find({run, seed});
  return found == runs_.end() ? nullptr : &found->second;
}

void run_log::add(const std::string& run, std::uint32_t seed, fleet::outcome of) {
  const std::lock_guard<std::mutex> one_at_a_time(mutex_);
  of.curve.clear();
  if (file_ >= 0) append(text_of(line_of(run, seed, of)));
  runs_.emplace(std::make_pair(run, seed), std::move(of));
}

}  // namespace pareto
