// SPDX-License-Identifier: MIT
#include "others.hpp"

#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>

#include <lz4.h>
#include <streamvbyte.h>
#include <streamvbytedelta.h>
#include <zstd.h>
#include <nlohmann/json.hpp>

#include "data.hpp"
#include "measure.hpp"
#include "support/text.hpp"

namespace goals {
namespace {

using support::text;
typedef std::vector<std::uint8_t> bytes;

constexpr std::uint32_t cells = 1000000;

/// Coordinates with signs to bytes and back. Room for the worst case is in the buffers that come in; they keep it.
class code {
 public:
  virtual ~code() = default;
  virtual std::size_t encode(const coordinates& hits, bytes& out) = 0;
  virtual void decode(const std::uint8_t* from, std::size_t size, coordinates& hits) = 0;
};

std::uint8_t* put_varint(std::uint8_t* to, std::uint32_t v) {
  for (; v >= 0x80; v >>= 7) *to++ = static_cast<std::uint8_t>(v | 0x80);
  *to++ = static_cast<std::uint8_t>(v);
  return to;
}
const std::uint8_t* get_varint(const std::uint8_t* from, std::uint32_t& v) {
  v = 0;
  for (unsigned shift = 0;; shift += 7) {
    v |= static_cast<std::uint32_t>(*from & 0x7f) << shift;
    if ((*from++ & 0x80) == 0) return from;
  }
}

/// Number of coordinates (LEB128), signs (a bit each), then what `positions` makes of the indices.
class with_signs : public code {
 public:
  std::size_t encode(const coordinates& hits, bytes& out) override {
    const std::size_t k = hits.size();
    out.resize(worst(k));
    std::uint8_t* to = put_varint(out.data(), static_cast<std::uint32_t>(k));
    for (std::size_t i = 0; i < k; i += 8) {
      unsigned byte = 0;
      for (std::size_t j = i; j < k && j < i + 8; ++j) byte |= (hits[j] >> 31) << (j - i);
      *to++ = static_cast<std::uint8_t>(byte);
    }
    to += put_positions(hits, to, out.size() - static_cast<std::size_t>(to - out.data()));
    return static_cast<std::size_t>(to - out.data());
  }
  void decode(const std::uint8_t* from, std::size_t size, coordinates& hits) override {
    const std::uint8_t* const end = from + size;
    std::uint32_t k;
    const std::uint8_t* const signs = get_varint(from, k);
    hits.resize(k);
    const std::uint8_t* const rest = signs + (k + 7) / 8;
    get_positions(rest, static_cast<std::size_t>(end - rest), hits);
    for (std::size_t i = 0; i < k; ++i) hits[i] |= static_cast<std::uint32_t>(signs[i / 8] >> (i % 8)) << 31;
  }

 protected:
  static std::size_t worst(std::size_t k) { return 64 + k / 8 + 6 * k; }
  virtual std::size_t put_positions(const coordinates& hits, std::uint8_t* to, std::size_t room) = 0;
  virtual void get_positions(const std::uint8_t* from, std::size_t size, coordinates& hits) = 0;
};

class varint_gaps : public with_signs {
 protected:
  std::size_t put_positions(const coordinates& hits, std::uint8_t* to, std::size_t) override {
    std::uint8_t* const begin = to;
    std::uint32_t next = 0;
    for (const std::uint32_t hit : hits) {
      const std::uint32_t i = hit & 0x7fffffff;
      to = put_varint(to, i - next);
      next = i + 1;
    }
    return static_cast<std::size_t>(to - begin);
  }
  void get_positions(const std::uint8_t* from, std::size_t, coordinates& hits) override {
    std::uint32_t next = 0;
    for (std::uint32_t& hit : hits) {
      std::uint32_t gap;
      from = get_varint(from, gap);
      hit = next + gap;
      next = hit + 1;
    }
  }
};

/// A general compressor behind the gaps.
class packed_gaps : public varint_gaps {
 protected:
  std::size_t put_positions(const coordinates& hits, std::uint8_t* to, std::size_t room) final {
    gaps_.resize(worst(hits.size()));
    return pack(gaps_.data(), varint_gaps::put_positions(hits, gaps_.data(), gaps_.size()), to, room);
  }
  void get_positions(const std::uint8_t* from, std::size_t size, coordinates& hits) final {
    gaps_.resize(worst(hits.size()));
    if (!unpack(from, size, gaps_.data(), gaps_.size())) throw std::runtime_error("a compressor refuses its own bytes");
    varint_gaps::get_positions(gaps_.data(), 0, hits);
  }
  virtual std::size_t pack(const std::uint8_t* from, std::size_t size, std::uint8_t* to, std::size_t room) = 0;
  virtual bool unpack(const std::uint8_t* from, std::size_t size, std::uint8_t* to, std::size_t room) = 0;

 private:
  bytes gaps_;
};

class zstd_gaps : public packed_gaps {
 public:
  zstd_gaps() : packer_(ZSTD_createCCtx(), ZSTD_freeCCtx), unpacker_(ZSTD_createDCtx(), ZSTD_freeDCtx) {
    if (!packer_ || !unpacker_) throw std::bad_alloc();
  }

 protected:
  std::size_t pack(const std::uint8_t* from, std::size_t size, std::uint8_t* to, std::size_t room) override {
    const std::size_t n = ZSTD_compressCCtx(packer_.get(), to, room, from, size, 1);
    if (ZSTD_isError(n) != 0) throw std::runtime_error(ZSTD_getErrorName(n));
    return n;
  }
  bool unpack(const std::uint8_t* from, std::size_t size, std::uint8_t* to, std::size_t room) override {
    return ZSTD_isError(ZSTD_decompressDCtx(unpacker_.get(), to, room, from, size)) == 0;
  }

 private:
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> packer_;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> unpacker_;
};

class lz4_gaps : public packed_gaps {
 protected:
  std::size_t pack(const std::uint8_t* from, std::size_t size, std::uint8_t* to, std::size_t room) override {
    const int n = LZ4_compress_default(reinterpret_cast<const char*>(from), reinterpret_cast<char*>(to),
                                       static_cast<int>(size), static_cast<int>(room));
    if (n <= 0) throw std::runtime_error("LZ4 fails");
    return static_cast<std::size_t>(n);
  }
  bool unpack(const std::uint8_t* from, std::size_t size, std::uint8_t* to, std::size_t room) override {
    return LZ4_decompress_safe(reinterpret_cast<const char*>(from), reinterpret_cast<char*>(to), static_cast<int>(size),
                               static_cast<int>(room)) >= 0;
  }
};

class streamvbyte_deltas : public with_signs {
 protected:
  std::size_t put_positions(const coordinates& hits, std::uint8_t* to, std::size_t) override {
    indices_.resize(hits.size());
    for (std::size_t i = 0; i < hits.size(); ++i) indices_[i] = hits[i] & 0x7fffffff;
    return streamvbyte_delta_encode(indices_.data(), static_cast<std::uint32_t>(hits.size()), to, 0);
  }
  void get_positions(const std::uint8_t* from, std::size_t, coordinates& hits) override {
    streamvbyte_delta_decode(from, hits.data(), static_cast<std::uint32_t>(hits.size()), 0);
  }

 private:
  coordinates indices_;
};

class raw_indices : public code {
 public:
  std::size_t encode(const coordinates& hits, bytes& out) override {
    out.resize(4 * hits.size());
    std::memcpy(out.data(), hits.data(), out.size());
    return out.size();
  }
  void decode(const std::uint8_t* from, std::size_t size, coordinates& hits) override {
    hits.resize(size / 4);
    std::memcpy(hits.data(), from, size);
  }
};

class ours : public code {
 public:
  std::size_t encode(const coordinates& hits, bytes& out) override {
    return put_ternary(hits, cells, static_cast<std::uint32_t>(hits.size()), out);
  }
  void decode(const std::uint8_t* from, std::size_t size, coordinates& hits) override {
    ternary_coordinates(from, size, cells, hits);
  }
};

struct contender {
  const char* name;
  std::unique_ptr<code> by;
  bytes out;
  std::vector<double> bits, encode, decode;
};

std::vector<contender> contenders() {
  std::vector<contender> all;
  const auto add = [&all](const char* name, code* by) {
    all.push_back({name, std::unique_ptr<code>(by), {}, {}, {}, {}});
  };
  add("weir::ternary", new ours);
  add("zstd -1 on LEB128 gaps", new zstd_gaps);
  add("LZ4 on LEB128 gaps", new lz4_gaps);
  add("LEB128 gaps", new varint_gaps);
  add("streamvbyte, delta", new streamvbyte_deltas);
  add("32-bit indices", new raw_indices);
  return all;
}

std::vector<other_result> measure_at(double p, const plan& how) {
  dice random(44);
  std::vector<coordinates> inputs;
  for (int i = 0; i < (p > 0.05 ? 4 : 16); ++i) inputs.push_back(even(cells, p, random));
  std::vector<contender> all = contenders();
  coordinates back;
  for (unsigned round = 0; round <= how.rounds; ++round)  // the first shows whether it is right
    for (contender& c : all) {
      std::vector<double> encode, decode;
      for (const coordinates& hits : inputs) {
        const double k = static_cast<double>(hits.size());
        const double start = steady_seconds();
        const std::size_t size = c.by->encode(hits, c.out);
        const double between = steady_seconds();
        c.by->decode(c.out.data(), size, back);
        const double end = steady_seconds();
        if (back != hits) throw std::runtime_error(text("%s: what was encoded does not come back", c.name));
        c.bits.push_back(8 * static_cast<double>(size) / k);
        encode.push_back(1e9 * (between - start) / k);
        decode.push_back(1e9 * (end - between) / k);
      }
      if (round == 0) continue;
      c.encode.push_back(quantile(encode, 0.25));
      c.decode.push_back(quantile(decode, 0.25));
    }
  std::vector<other_result> results;
  for (const contender& c : all) results.push_back({c.name, p, median(c.bits), median(c.encode), median(c.decode)});
  return results;
}

}  // namespace

std::vector<other_result> measure_others(const plan& p) {
  std::vector<other_result> all;
  if (!p.wants(others_name())) return all;
  for (const double density : {0.1, 0.01, 0.001}) {
    progress(text("%s: %g %%", others_name(), 100 * density));
    for (const other_result& r : measure_at(density, p)) all.push_back(r);
  }
  return all;
}

std::string table(const std::vector<other_result>& all) {
  std::string t;
  double density = 0;
  for (const other_result& r : all) {
    if (density < r.density || density > r.density) {
      density = r.density;
      t += text("\n%g %% of %u cells; entropy with signs %.2f bits a hit\n", 100 * density, cells,
                entropy(cells, cells * density) / (cells * density) + 1);
      t += text("  %-24s %12s %14s %14s\n", "", "bits a hit", "encode, ns", "decode, ns");
    }
    t += text("  %-24s %12.2f %14.2f %14.2f\n", r.code.c_str(), r.bits, r.encode_ns, r.decode_ns);
  }
  return t;
}

std::string json_lines(const std::vector<other_result>& all) {
  std::string lines;
  for (const other_result& r : all) {
    const nlohmann::ordered_json j = {{"code", r.code},
                                      {"density", r.density},
                                      {"bits_per_hit", r.bits},
                                      {"encode_ns_per_hit", r.encode_ns},
                                      {"decode_ns_per_hit", r.decode_ns}};
    lines += j.dump() + "\n";
  }
  return lines;
}

}  // namespace goals
