// The number of calls of each credential in flight, without a list of credentials.
#ifndef SERVER_OVERLOAD_CREDENTIAL_COUNTS_H_
#define SERVER_OVERLOAD_CREDENTIAL_COUNTS_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace docspace::gateway {

// A number that stands for a credential: see CredentialTags.
using CredentialTag = std::uint64_t;

// A count-min sketch (Cormode and Muthukrishnan, 2005): each credential has a counter in each of
// two rows, chosen by its tag, and the lesser of the two is its count. That is never less than the
// truth, so a limit that is checked after Add is never exceeded. It is more than the truth only if
// other credentials with calls in flight share both counters: of a credential beside 100 busy ones
// that happens once in 100,000 (`(100 / 32768)^2`). The rows have 512 KiB,
// of which only the pages of counters that were used take memory.
//
// It is written by hand because a map of exact counts needs a lock and an allocation for each call,
// and costs more than the rest of the admission together.
//
// Thread-safe.
class CredentialCounts {
 public:
  struct Count {
    std::uint32_t reads = 0;
    std::uint32_t writes = 0;

    std::uint32_t total() const { return reads + writes; }
  };

  // Counts one more call, and returns the credential's count including it.
  Count Add(CredentialTag tag, bool is_write) {
    for (std::size_t row = 0; row < kRows; ++row) Cell(row, tag) += One(is_write);
    // Read after all rows are written: of two threads that add at once, at least one sees both.
    Count count{.reads = UINT32_MAX, .writes = UINT32_MAX};
    for (std::size_t row = 0; row < kRows; ++row) {
      const std::uint64_t cell = Cell(row, tag);
      count.reads = std::min(count.reads, static_cast<std::uint32_t>(cell));
      count.writes = std::min(count.writes, static_cast<std::uint32_t>(cell >> kWriteShift));
    }
    return count;
  }

  // Takes back what Add counted.
  void Remove(CredentialTag tag, bool is_write) {
    for (std::size_t row = 0; row < kRows; ++row) Cell(row, tag) -= One(is_write);
  }

 private:
  static constexpr std::size_t kRows = 2;
  static constexpr std::size_t kIndexBits = 15;
  static constexpr std::size_t kCells = std::size_t{1} << kIndexBits;
  static constexpr int kWriteShift = 32;

  // Reads are counted in the lower half of a cell, writes in the upper.
  static constexpr std::uint64_t One(bool is_write) {
    return is_write ? std::uint64_t{1} << kWriteShift : 1;
  }

  std::atomic_ref<std::uint64_t> Cell(std::size_t row, CredentialTag tag) {
    return std::atomic_ref(cells_[row * kCells + ((tag >> (row * kIndexBits)) & (kCells - 1))]);
  }

  struct Free {
    void operator()(std::uint64_t* cells) const { std::free(cells); }
  };
  using Cells = std::unique_ptr<std::uint64_t[], Free>;

  // Returns zeros from calloc, which the kernel gives page by page when they are first used. A
  // container would write them, and so take the memory of all of them.
  static Cells NewCells() {
    Cells cells(static_cast<std::uint64_t*>(std::calloc(kRows * kCells, sizeof(std::uint64_t))));
    if (!cells) throw std::bad_alloc();
    return cells;
  }

  const Cells cells_ = NewCells();
};

}  // namespace docspace::gateway

#endif  // SERVER_OVERLOAD_CREDENTIAL_COUNTS_H_
