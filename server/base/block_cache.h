// Memory for objects of more than a kilobyte that each call makes and destroys.
#ifndef SERVER_BASE_BLOCK_CACHE_H_
#define SERVER_BASE_BLOCK_CACHE_H_

#include <array>
#include <cstddef>
#include <new>

namespace docspace::gateway {

// BlockCache keeps blocks of `kSize` bytes that a thread has freed, for its next objects of this
// size. glibc's malloc has such a cache for blocks of up to 1,032 bytes only; larger ones cost it
// hundreds of instructions each, because it merges neighbours when they are freed and splits them
// again. A thread keeps at most kMost blocks, and frees them when it ends.
//
// A block that is kept is not erased: what it held must have erased its secrets. With sanitizers
// nothing is kept, so that they see the use of freed memory.
//
// Thread-safe. A block may be freed by another thread than the one that took it.
template <std::size_t kSize>
class BlockCache {
 public:
  static constexpr std::size_t kMost = 16;

  static void* Take() {
    Kept& kept = Own();
    if (kept.count > 0) return kept.blocks[--kept.count];
    return ::operator new(kSize);
  }

  static void Free(void* block) noexcept {
#ifndef DOCSPACE_SANITIZER
    Kept& kept = Own();
    if (kept.count < kept.most) {
      kept.blocks[kept.count++] = block;
      return;
    }
#endif
    ::operator delete(block);
  }

 private:
  // It has no destructor, so that objects which a thread destroys late can still be freed.
  struct Kept {
    std::array<void*, kMost> blocks;
    std::size_t count;
    // kMost, and 0 once the thread ends.
    std::size_t most;
  };

  // Frees a thread's blocks when it ends.
  struct Owner {
    explicit Owner(Kept& its_kept) : kept(its_kept) { kept.most = kMost; }
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    ~Owner() {
      kept.most = 0;
      while (kept.count > 0) ::operator delete(kept.blocks[--kept.count]);
    }

    Kept& kept;
  };

  static Kept& Own() {
    static thread_local constinit Kept kept{};
    static thread_local const Owner owner(kept);
    return owner.kept;
  }
};

// An allocator, as the standard library takes it, whose single objects come from a BlockCache.
template <class T>
struct RecyclingAllocator {
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
  using value_type = T;

  RecyclingAllocator() = default;
  template <class Other>
  explicit(false) RecyclingAllocator(const RecyclingAllocator<Other>&) noexcept {}

  T* allocate(std::size_t count) {
    if (count == 1) return static_cast<T*>(BlockCache<sizeof(T)>::Take());
    return static_cast<T*>(::operator new(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    if (count == 1) return BlockCache<sizeof(T)>::Free(memory);
    ::operator delete(memory);
  }

  template <class Other>
  bool operator==(const RecyclingAllocator<Other>&) const noexcept {
    return true;
  }
};

}  // namespace docspace::gateway

#endif  // SERVER_BASE_BLOCK_CACHE_H_
