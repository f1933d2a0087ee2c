// SPDX-License-Identifier: MIT
// What a gate does with a residual: folds it, finds what has risen to Wt, and gives that to the encoder's writer.
#pragma once

#include <string.h>

#include <weir/kernel/list_hits.hpp>
#include <weir/kernel/next_hit.hpp>
#include <weir/policy/encoder.hpp>
#include <weir/policy/threshold.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// Cells folded and scanned at a time, at most: they are scanned while still in the first-level cache.
constexpr index_t gate_chunk() noexcept { return 4096; }

/// Nothing to fold before the gate: the coordinator's residual.
struct no_fold {
  void all() noexcept {}
  void operator()(index_t, index_t) noexcept {}
};
struct no_forget {
  void operator()(index_t) noexcept {}
};

/// Folds a chunk and lists what has risen to Wt: in one pass if `fold` knows how, fold(first, n, wt, number, list). See
/// kernel::list_hits; the chunk's first cell has that number in the list.
template <class Fold>
auto fold_and_list(Fold& fold, const float*, index_t first, index_t n, float wt, uint16_t number, uint16_t* list,
                   int) noexcept -> decltype(fold(first, n, wt, number, list)) {
  return fold(first, n, wt, number, list);
}
template <class Fold>
index_t fold_and_list(Fold& fold, const float* cells, index_t first, index_t n, float wt, uint16_t number,
                      uint16_t* list, long) noexcept {
  fold(first, n);
  return kernel::list_hits(cells + first, n, wt, number, list, kernel::native());
}

/// Memory that folding cell i will need, asked for in time: fold.fetch(i). Optional.
template <class Fold>
auto fetch(Fold& fold, index_t i, int) noexcept -> decltype(fold.fetch(i)) {
  fold.fetch(i);
}
template <class Fold>
void fetch(Fold&, index_t, long) noexcept {}

/// Does the encoder leave cells that have risen to Wt, and which? Optional: `writer.wants(cell)`.
template <class Writer, class Cell>
auto wants(const Writer& writer, const Cell& c, int) noexcept -> decltype(writer.wants(c)) {
  return writer.wants(c);
}
template <class Writer, class Cell>
constexpr bool wants(const Writer&, const Cell&, long) noexcept {
  return true;
}

/// Many coordinates at once, up to one that has overflowed, is not wanted or has no room; emitted(list[i]) for each. Optional:
/// `writer.put(first, cells, list, k, more, emitted)`; see sparse.
template <class Writer, class Cell, class Emitted>
auto put_list(Writer& writer, index_t first, Cell* cells, const uint16_t* list, index_t k, bool more, Emitted& emitted,
              int) noexcept -> decltype(writer.put(first, cells, list, k, more, emitted)) {
  return writer.put(first, cells, list, k, more, emitted);
}
template <class Writer, class Cell, class Emitted>
index_t put_list(Writer& writer, index_t first, Cell* cells, const uint16_t* list, index_t k, bool, Emitted& emitted,
                 long) noexcept {
  for (index_t i = 0; i < k; ++i) {
    Cell& c = cells[list[i]];
    if (overflowed(c) || !wants(writer, c, 0) || !writer.put(static_cast<index_t>(first + list[i]), c)) return i;
    emitted(list[i]);
  }
  return k;
}

/// Is told of the cells that were sent. While a chunk is encoded, the next one is fetched: a line for each hit, so that memory
/// does not wait for the encoder.
template <class Cell, class Fold, class Forget>
class emission {
 public:
  /// Cells are counted from `origin`; those that may be fetched are [ahead, end).
  emission(const Cell* cells, index_t origin, bool forgets, Fold& fold, Forget& forget, index_t ahead,
           index_t end) noexcept
      : cells_(cells), origin_(origin), ahead_(ahead), end_(end), forgets_(forgets), fold_(fold), forget_(forget) {}

  void operator()(uint16_t i) noexcept {
    if (forgets_) forget_(static_cast<index_t>(origin_ + i));
    if (ahead_ >= end_) return;
    __builtin_prefetch(cells_ + ahead_, 1);
    detail::fetch(fold_, ahead_, 0);
    ahead_ = static_cast<index_t>(ahead_ + 64 / sizeof(Cell));
  }

 private:
  const Cell* cells_;
  index_t origin_;
  index_t ahead_;
  index_t end_;
  bool forgets_;
  Fold& fold_;
  Forget& forget_;
};

/// Hits that are encoded at once, if the encoder can do it.
constexpr index_t hit_block() noexcept { return 32; }

/// The hits of a chunk, and in front of them those of earlier ones that wait, so that they are encoded 32 at a time.
class hit_list {
 public:
  hit_list() noexcept : size_(0), origin_(0), offset_(0) { room_[0] = 0; }

  /// A chunk begins at cell `at`, whose offset is `done`. Returns its number in the list.
  uint16_t begin(index_t at, index_t done) noexcept {
    if (size_ == 0) {
      origin_ = at;
      offset_ = done;
    }
    return static_cast<uint16_t>(at - origin_);
  }
  /// Where hits may be appended, as kernel::list_hits does it.
  uint16_t* end() noexcept { return room_ + 1 + size_; }
  void append(index_t n) noexcept {
    size_ = static_cast<index_t>(size_ + n);
    memset(end(), 0, hit_block() * sizeof *room_);
  }
  /// Takes all but the last n < hit_block() out.
  void keep(index_t n) noexcept {
    const uint16_t* const from = end() - n;
    size_ = n;
    if (n == 0) return;
    const uint16_t first = *from;
    origin_ = static_cast<index_t>(origin_ + first);
    offset_ = static_cast<index_t>(offset_ + first);
    for (index_t i = 0; i < hit_block(); ++i) room_[1 + i] = static_cast<uint16_t>(from[i] - first);
  }

  /// The cell that has number 0, and its offset.
  index_t origin() const noexcept { return origin_; }
  index_t offset() const noexcept { return offset_; }
  index_t size() const noexcept { return size_; }
  const uint16_t* begin() const noexcept { return room_ + 1; }

 private:
  index_t size_;
  index_t origin_;
  index_t offset_;
  uint16_t room_[1 + hit_block() + gate_chunk() + hit_block()];  // one in front can be read, too
};
/// One hit after the other.
struct no_list {};

/// What a scan found.
struct scanned {
  index_t hits;
  index_t stop;  ///< where the frame was full; 0 if it was not
  bool full;
};

/// One scan of cells[n] from a start around: what has risen to the writer's threshold goes to the writer. Where all passes momentum
/// is not forgotten: when all is sent each time, momentum is just momentum.
template <class Cell, class Writer, class Fold, class Forget>
class scanner {
 public:
  scanner(Cell* cells, index_t n, bool forgets, Writer& writer, Fold& fold, Forget& forget) noexcept
      : cells_(cells), n_(n), forgets_(forgets), writer_(writer), fold_(fold), forget_(forget), found_() {}

  scanned run(index_t start) noexcept {
    typedef bool_constant<is_same<Cell, float>::value && (kernel::native::lanes() > 1)> by_vectors;
    const Cell bound = writer_.threshold();
    typename conditional<by_vectors::value, hit_list, no_list>::type hits;
    index_t at = start;
    for (index_t done = 0; done < n_;) {
      const index_t to_end = static_cast<index_t>(n_ - at);
      index_t m = chunk_size();
      if (m > n_ - done) m = static_cast<index_t>(n_ - done);
      if (m > to_end) m = to_end;
      if (found_.full)
        fold_(at, m);
      else
        chunk(at, m, done, bound, hits);
      done = static_cast<index_t>(done + m);
      at = static_cast<index_t>(m == to_end ? 0 : at + m);
    }
    return found_;
  }

 private:
  // Cells from `at` on, whose offset is `done`: one hit after the other, without memory.
  void chunk(index_t at, index_t m, index_t done, Cell bound, no_list) noexcept {
    fold_(at, m);
    Cell* const cells = cells_ + at;
    for (index_t i = kernel::next_hit(cells, 0, m, bound, kernel::native()); i < m;
         i = kernel::next_hit(cells, static_cast<index_t>(i + 1), m, bound, kernel::native())) {
      if (!may_go(cells[i], static_cast<index_t>(at + i))) continue;
      if (!writer_.put(static_cast<index_t>(done + i), cells[i])) return stop_at(static_cast<index_t>(at + i));
      if (forgets_) forget_(static_cast<index_t>(at + i));
      ++found_.hits;
    }
  }

  // All hits at once, by vector instructions. What does not fill a block may wait for the next chunk.
  void chunk(index_t at, index_t m, index_t done, Cell bound, hit_list& hits) noexcept {
    const uint16_t number = hits.begin(at, done);
    hits.append(fold_and_list(fold_, cells_, at, m, bound, number, hits.end(), 0));
    const index_t next = static_cast<index_t>(at + m);
    // In a large model few do not: their cells would leave the cache.
    const bool waits = !large() || hits.size() >= 4 * hit_block();
    const bool more =
        waits && done + m != n_ && next != n_ && static_cast<uint32_t>(number) + m + gate_chunk() <= 0x10000;
    const index_t fetched = !large() ? 0 : (n_ - next > chunk_size() ? static_cast<index_t>(next + chunk_size()) : n_);
    emission<Cell, Fold, Forget> emitted(cells_, hits.origin(), forgets_, fold_, forget_, next, fetched);
    Cell* const cells = cells_ + hits.origin();
    index_t left = hits.size();
    for (; left >= (more ? hit_block() : 1); --left) {
      const uint16_t* const list = hits.begin() + (hits.size() - left);
      const index_t put = put_list(writer_, hits.offset(), cells, list, left, more, emitted, 0);
      found_.hits = static_cast<index_t>(found_.hits + put);
      left = static_cast<index_t>(left - put);
      if (left < (more ? hit_block() : 1)) break;
      const uint16_t stop = list[put];
      if (may_go(cells[stop], static_cast<index_t>(hits.origin() + stop)))
        return stop_at(static_cast<index_t>(hits.origin() + stop));
    }
    hits.keep(left);
  }

  /// Are there so many cells that they are not at hand when the pass comes to them?
  bool large() const noexcept { return n_ >= static_cast<index_t>(1) << (sizeof(index_t) == 2 ? 15 : 17); }
  /// Of a large model fewer: the first-level cache has to hold what is fetched of the next chunk, too.
  index_t chunk_size() const noexcept { return large() ? gate_chunk() / 2 : gate_chunk(); }

  bool may_go(Cell& c, index_t i) noexcept {
    if (!overflowed(c)) return wants(writer_, c, 0);
    c = Cell();  // training has diverged there: it starts anew
    forget_(i);
    return false;
  }
  void stop_at(index_t i) noexcept {
    found_.full = true;
    found_.stop = i;
  }

  Cell* cells_;
  index_t n_;
  bool forgets_;
  Writer& writer_;
  Fold& fold_;
  Forget& forget_;
  scanned found_;
};

/// For a threshold that limits what emitted cells keep: is told of each, as `forget` is.
template <class Cell, class Forget>
class clipping {
 public:
  clipping(Cell* cells, Cell most, Forget& forget) noexcept
      : cells_(cells), most_(most), clipped_(0), forget_(forget) {}

  void operator()(index_t i) noexcept {
    forget_(i);
    const Cell rest = cells_[i];
    if (!(most_ < magnitude(rest))) return;
    cells_[i] = is_negative(rest) ? -most_ : most_;
    ++clipped_;
  }
  index_t clipped() const noexcept { return clipped_; }

 private:
  Cell* cells_;
  Cell most_;
  index_t clipped_;
  Forget& forget_;
};

/// Scans from `start` around. A threshold that has no keep() costs nothing here.
template <class Threshold, class Cell, class Grid, class Writer, class Fold, class Forget>
scanned scan(const Threshold&, const typename Threshold::state&, const Grid&, float, Cell* cells, index_t n,
             index_t start, Writer& writer, Fold& fold, Forget& forget, index_t&, false_type) noexcept {
  return scanner<Cell, Writer, Fold, Forget>(cells, n, Cell() < writer.threshold(), writer, fold, forget).run(start);
}
template <class Threshold, class Cell, class Grid, class Writer, class Fold, class Forget>
scanned scan(const Threshold& threshold, const typename Threshold::state& s, const Grid& grid, float wt, Cell* cells,
             index_t n, index_t start, Writer& writer, Fold& fold, Forget& forget, index_t& clipped,
             true_type) noexcept {
  typedef clipping<Cell, Forget> told;
  told both(cells, grid.threshold(wt * threshold.keep(s)), forget);
  const scanned found =
      scanner<Cell, Writer, Fold, told>(cells, n, Cell() < writer.threshold(), writer, fold, both).run(start);
  clipped = both.clipped();
  return found;
}

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
