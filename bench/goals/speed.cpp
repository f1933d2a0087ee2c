// SPDX-License-Identifier: MIT
#include "speed.hpp"

#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>

#include <weir/core/crc.hpp>
#include <weir/host/threads.hpp>

#include "data.hpp"
#include "measure.hpp"
#include "support/text.hpp"
#include "unit.hpp"

namespace goals {
namespace {

using support::text;

constexpr float rate = 0.05f;
constexpr float keep = 0.9f;

/// |normal| is above it with probability p, for the densities that we measure.
float wt_of(double p) { return p > 0.05 ? 1.644854f : p > 0.005 ? 2.575829f : 3.290527f; }

/// Several pairs of residual and velocity, such that r + rate * u is normal; and the pair that is worked on.
class field {
 public:
  field(std::size_t n, std::size_t inputs)
      : n_(n), inputs_(inputs), r_(n), u_(n), before_r_(n * inputs), before_u_(n * inputs), out_(n + 64) {
    dice random(42);
    for (std::size_t i = 0; i < n * inputs; ++i) {
      before_r_.data()[i] = static_cast<float>(0.8 * random.normal());
      before_u_.data()[i] = static_cast<float>(0.6 / static_cast<double>(rate) * random.normal());
    }
  }

  std::size_t size() const { return n_; }
  std::size_t inputs() const { return inputs_; }
  float* r() { return r_.data(); }
  float* u() { return u_.data(); }
  const float* before_r(std::size_t input) const { return before_r_.data() + input * n_; }
  const float* before_u(std::size_t input) const { return before_u_.data() + input * n_; }
  std::uint8_t* out() { return out_.data(); }
  std::size_t room() const { return out_.size(); }

  void restore(std::size_t input) {
    std::memcpy(r(), before_r(input), n_ * sizeof(float));
    std::memcpy(u(), before_u(input), n_ * sizeof(float));
  }

 private:
  std::size_t n_;
  std::size_t inputs_;
  buffer<float> r_, u_, before_r_, before_u_;
  buffer<std::uint8_t> out_;
};

emitted run_pass(const unit& by, field& f, float wt) {
  return by.pass(rate, keep, wt, f.r(), f.u(), f.size(), f.out(), f.room());
}

/// Does the pass do what it should, to the bit? Throws if not.
void verify(const unit& by, field& f, double p) {
  const float wt = wt_of(p);
  const double n = static_cast<double>(f.size());
  coordinates hits;
  by.begin();
  for (std::size_t input = 0; input < f.inputs(); ++input) {
    f.restore(input);
    const emitted e = run_pass(by, f, wt);
    ternary_coordinates(f.out(), e.bytes, static_cast<std::uint32_t>(f.size()), hits);
    bool right = hits.size() == e.hits && std::abs(static_cast<double>(e.hits) - n * p) < 6 * std::sqrt(n * p);
    float magnitude = 0;  // what the first hit shows is that of all
    auto hit = hits.begin();
    for (std::size_t i = 0; i < f.size(); ++i) {
      const float u = f.before_u(input)[i];
      const float sum = f.before_r(input)[i] + rate * u;
      if (std::abs(sum) >= wt) {
        right = right && hit != hits.end() && *hit++ == (i | (sum < 0 ? 0x80000000u : 0)) && !(std::abs(f.u()[i]) > 0);
        const float taken = std::abs(sum - f.r()[i]);
        if (!(magnitude > 0)) magnitude = taken;
        right = right && std::abs(taken - magnitude) < 1e-5f;
      } else {
        right = right && std::abs(f.r()[i] - sum) <= 0 && std::abs(f.u()[i] - u * keep) <= 0;
      }
    }
    if (!right || hit != hits.end())
      throw std::runtime_error(text("the pass (%s) does not do what it should", by.kernels));
  }
}

/// Seconds.
struct pair_of_times {
  double limit;
  double candidate;
};

struct contest {
  goal what;
  std::string each;  ///< what a time is for
  std::function<void()> prepare;
  std::function<pair_of_times()> round;           ///< each time is for one of it
  std::function<std::string()> remark = nullptr;  ///< after all rounds
};

struct side {
  const char* name;
  const unit* by;
  bool baseline;
};

/// The instruction sets that this machine has.
std::vector<side> sides() {
#if defined(__x86_64__)
  std::vector<side> all;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    all.push_back({"AVX2", &avx2, false});
  else
    std::fputs("goals: this processor has no AVX2: its goals are left out\n", stderr);
  if (__builtin_cpu_supports("avx512vbmi2")) all.push_back({"AVX-512", &avx512, false});
  all.push_back({"SSE2", &sse2, true});
  return all;
#else
  return {{"this machine", &native, false}};
#endif
}

/// Large fields: thread time of one call. Small ones: many calls, and the time that a quarter of them beat.
pair_of_times time_pass(const unit& by, field& f, float wt, int calls) {
  const auto clock = calls == 1 ? thread_seconds : steady_seconds;
  std::vector<double> limit, candidate;
  for (int i = 0; i < calls; ++i) {
    const std::size_t input = static_cast<std::size_t>(i) % f.inputs();
    f.restore(input);
    double start = clock();
    by.accumulate(rate, keep, f.r(), f.u(), f.size());
    limit.push_back(clock() - start);
    f.restore(input);
    start = clock();
    run_pass(by, f, wt);
    candidate.push_back(clock() - start);
  }
  const double n = static_cast<double>(f.size());
  return {quantile(limit, 0.25) / n, quantile(candidate, 0.25) / n};
}

/// One thread does both halves, or each of two does one.
const hands& one_thread() {
  static const hands by = {[](void*, std::uint8_t count, void (*call)(const void*, std::uint8_t), const void* task) {
                             for (std::uint8_t i = 0; i < count; ++i) call(task, i);
                           },
                           nullptr};
  return by;
}
const hands& two_threads() {
  static weir::host::threads pool(2);
  static const hands by = {[](void*, std::uint8_t count, void (*call)(const void*, std::uint8_t), const void* task) {
                             pool.run(count, [=](std::uint8_t i) { call(task, i); });
                           },
                           nullptr};
  return by;
}

emitted run_halves(const unit& by, const hands& who, field& f, float wt) {
  return by.pass_in_two(who, rate, keep, wt, f.r(), f.u(), f.size(), f.out(), f.room());
}

/// Do two threads what one does, to the bit, and what they should? Throws if not.
void verify_halves(const unit& by, field& f, double p) {
  const float wt = wt_of(p);
  std::uint32_t checks[2] = {};
  for (int i = 0; i < 2; ++i) {
    by.begin();
    f.restore(0);
    const emitted e = run_halves(by, i == 0 ? one_thread() : two_threads(), f, wt);
    coordinates hits;
    coordinates_of_two(f.out(), e.bytes, static_cast<std::uint32_t>(f.size()), hits);
    bool right = hits.size() == e.hits;
    auto hit = hits.begin();
    for (std::size_t k = 0; k < f.size(); ++k) {
      const float sum = f.before_r(0)[k] + rate * f.before_u(0)[k];
      if (std::abs(sum) >= wt) right = right && hit != hits.end() && *hit++ == (k | (sum < 0 ? 0x80000000u : 0));
    }
    if (!right || hit != hits.end())
      throw std::runtime_error(text("the pass in two segments (%s) does not do what it should", by.kernels));
    for (const weir::const_bytes part :
         {weir::const_bytes(f.out(), e.bytes),
          weir::const_bytes(reinterpret_cast<const std::uint8_t*>(f.r()), f.size() * sizeof(float)),
          weir::const_bytes(reinterpret_cast<const std::uint8_t*>(f.u()), f.size() * sizeof(float))})
      checks[i] = checks[i] * 31 + weir::crc32c(part);
  }
  if (checks[0] != checks[1]) throw std::runtime_error("two threads do not do what one does");
}

/// The time that passes, for there is no other for two threads: of one that does both halves, and of two.
pair_of_times time_halves(field& f, const std::function<void(const hands&)>& work) {
  double seconds[2];
  for (int i = 0; i < 2; ++i) {
    f.restore(0);
    const double start = steady_seconds();
    work(i == 0 ? one_thread() : two_threads());
    seconds[i] = steady_seconds() - start;
  }
  const double n = static_cast<double>(f.size());
  return {seconds[0] / n, seconds[1] / n};
}

void accumulate_halves(const unit& by, const hands& who, field& f) {
  struct half {
    const unit* by;
    float *r, *u;
    std::size_t n;
  };
  const std::size_t n = f.size() / 2;
  const half halves[2] = {{&by, f.r(), f.u(), n}, {&by, f.r() + n, f.u() + n, f.size() - n}};
  who.run(
      who.who, 2,
      [](const void* task, std::uint8_t i) {
        const half& h = static_cast<const half*>(task)[i];
        h.by->accumulate(rate, keep, h.r, h.u, h.n);
      },
      halves);
}

contest pass_contest(const goal& what, const unit& by, std::shared_ptr<field> (*get)(bool), bool quick, double p,
                     int calls) {
  return {what, "float", [=, &by] { verify(by, *get(quick), p); },
          [=, &by] { return time_pass(by, *get(quick), wt_of(p), calls); }};
}

std::shared_ptr<field> large_field(bool quick) {
  static const auto one = std::make_shared<field>(quick ? std::size_t{1} << 20 : 25000000, 1);
  return one;
}
std::shared_ptr<field> small_field(bool quick) {
  static const auto one = std::make_shared<field>(16384, quick ? 4 : 64);  // more than a branch predictor remembers
  return one;
}

std::shared_ptr<field> middle_field(bool) {
  static const auto one = std::make_shared<field>(std::size_t{1} << 20, 1);
  return one;
}

struct named_rule {
  rule by;
  const char* name;
};

/// What a threshold costs that has found its Wt, beside a constant one. So each has a while to find it.
contest rule_contest(const goal& what, const unit& on, std::shared_ptr<field> (*get)(bool), bool quick, rule by,
                     int calls) {
  constexpr float density = 0.01f;
  const auto pass = [=, &on](rule r, std::size_t call) {
    field& f = *get(quick);
    f.restore(call % f.inputs());
    const double start = steady_seconds();
    const emitted e = on.pass_under(r, density, rate, keep, wt_of(0.01), f.r(), f.u(), f.size(), f.out(), f.room());
    return std::pair(steady_seconds() - start, static_cast<double>(e.hits));
  };
  const auto prepare = [=] {
    double hits = 0;
    constexpr std::size_t settling = 300, counted = 20;
    for (std::size_t i = 0; i < settling + counted; ++i) {
      pass(rule::fixed_wt, i);
      const double now = pass(by, i).second;
      if (i >= settling) hits += now / counted;
    }
    const double ratio = hits / (static_cast<double>(density) * static_cast<double>(get(quick)->size()));
    if (!(ratio > 0.9 && ratio < 1.1))
      throw std::runtime_error(text("%s: %.3g times the wanted hits pass", what.name.c_str(), ratio));
  };
  const auto round = [=] {
    std::vector<double> limit, candidate;
    for (int i = 0; i < calls; ++i) {
      limit.push_back(pass(rule::fixed_wt, static_cast<std::size_t>(i)).first);
      candidate.push_back(pass(by, static_cast<std::size_t>(i)).first);
    }
    const double n = static_cast<double>(get(quick)->size());
    return pair_of_times{quantile(limit, 0.25) / n, quantile(candidate, 0.25) / n};
  };
  return {what, "float", prepare, round};
}

/// What two threads gain, and, as a remark, what they gain where there is nothing but memory to wait for.
contest halves_contest(const goal& what, const unit& by, bool quick, double p) {
  const auto gains = std::make_shared<std::vector<double>>();
  const auto round = [=, &by] {
    field& f = *large_field(quick);
    const pair_of_times alone = time_halves(f, [&](const hands& who) { accumulate_halves(by, who, f); });
    gains->push_back(alone.limit / alone.candidate);
    return time_halves(f, [&](const hands& who) { run_halves(by, who, f, wt_of(p)); });
  };
  return {what, "float", [=, &by] { verify_halves(by, *large_field(quick), p); }, round,
          [=] { return text("accumulating alone: x %.3g", median(*gains)); }};
}

/// An update of one cell in a hundred, in both forms, and where it goes.
struct update {
  std::uint32_t n;
  coordinates hits;
  std::vector<std::uint8_t> body;
  buffer<float> cells;

  explicit update(std::uint32_t n_) : n(n_), cells(n_) {
    dice random(43);
    hits = even(n, 0.01, random);
    body.resize(put_ternary(hits, n, static_cast<std::uint32_t>(hits.size()), body));
  }
  static float magnitude() { return 1.25f; }
  /// Also drives the cells out of the caches.
  void clear() { std::memset(cells.data(), 0, n * sizeof(float)); }
};

contest apply_contest(const goal& what, const unit& by, bool quick) {
  const auto get = [quick]() -> update& {
    static update one(quick ? 1 << 20 : 25000000);
    return one;
  };
  const auto prepare = [=, &by] {
    update& w = get();
    w.clear();
    if (!by.apply(w.body.data(), w.body.size(), w.cells.data(), w.n))
      throw std::runtime_error("an update is malformed");
    by.apply_raw(w.hits.data(), w.hits.size(), -w.magnitude(), w.cells.data());
    for (std::uint32_t i = 0; i < w.n; ++i)
      if (std::abs(w.cells.data()[i]) > 0) throw std::runtime_error("decode and apply does not do what it should");
  };
  const auto round = [=, &by] {
    update& w = get();
    const double k = static_cast<double>(w.hits.size());
    w.clear();
    double start = thread_seconds();
    by.apply_raw(w.hits.data(), w.hits.size(), w.magnitude(), w.cells.data());
    const double limit = (thread_seconds() - start) / k;
    w.clear();
    start = thread_seconds();
    by.apply(w.body.data(), w.body.size(), w.cells.data(), w.n);
    return pair_of_times{limit, (thread_seconds() - start) / k};
  };
  return {what, "hit", prepare, round};
}

std::vector<contest> all_contests(bool quick) {
  std::vector<contest> all;
  const std::vector<side> machines = sides();
  for (const side& s : machines)
    for (const double p : {0.01, 0.001, 0.1}) {
      if (s.baseline && p > 0.05) continue;
      goal what = {text("accumulate + gate + encode, 25M, %g %%, %s", 100 * p, s.name), "x accumulate",
                   p > 0.05     ? 2.0
                   : s.baseline ? 1.4
                                : 1.25};
      if (!s.baseline) what.aim = p > 0.05 ? 1.5 : 1.15;
      all.push_back(pass_contest(what, *s.by, large_field, quick, p, 1));
    }
  for (const side& s : machines) {
    if (s.baseline) continue;
    all.push_back(pass_contest({text("accumulate + gate + encode, 16k, 1 %%, %s", s.name), "x accumulate", 2.0, 1.5},
                               *s.by, small_field, quick, 0.01, quick ? 8 : 128));
  }
  const side& first = machines.front();
  for (const named_rule& r :
       {named_rule{rule::target_density, "target_density"}, named_rule{rule::byte_budget, "byte_budget"},
        named_rule{rule::link_budget, "link_budget"}, named_rule{rule::warm_up, "warm_up"},
        named_rule{rule::clipped_residual, "clipped_residual"}}) {
    all.push_back(rule_contest({text("pass under %s, 16k, 1 %%, %s", r.name, first.name), "x fixed_wt", 1.05},
                               *first.by, small_field, quick, r.by, quick ? 8 : 256));
    all.push_back(rule_contest({text("pass under %s, 1M, 1 %%, %s", r.name, first.name), "x fixed_wt", 1.05}, *first.by,
                               middle_field, quick, r.by, quick ? 2 : 32));
  }
  all.push_back(
      apply_contest({text("decode + apply, 25M, 1 %%, %s", first.name), "x raw indices", 1.1, 1.0}, *first.by, quick));
  for (const double p : {0.01, 0.1}) {
    goal what = {text("two threads, 25M, %g %%, %s", 100 * p, first.name), "x one thread's speed", 1.7};
    what.at_least = true;
    all.push_back(halves_contest(what, *first.by, quick, p));
  }
  return all;
}

}  // namespace

std::vector<result> measure_speeds(const plan& p) {
  std::vector<contest> wanted;
  for (const contest& c : all_contests(p.quick))
    if (p.wants(c.what.name)) wanted.push_back(c);
  for (const contest& c : wanted) {
    progress(c.what.name + ": is it right?");
    c.prepare();
  }

  std::vector<std::vector<double>> ratio(wanted.size()), limit(wanted.size()), candidate(wanted.size());
  for (unsigned round = 0; round < p.rounds; ++round)
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      progress(text("%s: round %u of %u", wanted[i].what.name.c_str(), round + 1, p.rounds));
      const pair_of_times t = wanted[i].round();
      ratio[i].push_back(wanted[i].what.at_least ? t.limit / t.candidate : t.candidate / t.limit);
      limit[i].push_back(1e9 * t.limit);
      candidate[i].push_back(1e9 * t.candidate);
    }

  std::vector<result> results;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    results.push_back(
        {wanted[i].what, median(ratio[i]),
         text("%.3g against %.3g ns a %s", median(candidate[i]), median(limit[i]), wanted[i].each.c_str()) +
             (wanted[i].remark ? "; " + wanted[i].remark() : ""),
         !p.quick});
  return results;
}

std::vector<std::string> speed_names(const plan& p) {
  std::vector<std::string> names;
  for (const contest& c : all_contests(p.quick)) names.push_back(c.what.name);
  return names;
}

}  // namespace goals
