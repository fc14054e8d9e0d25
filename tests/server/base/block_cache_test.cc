#include "server/base/block_cache.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace docspace::gateway {
namespace {

#ifdef DOCSPACE_SANITIZER
constexpr bool kKeeps = false;
#else
constexpr bool kKeeps = true;
#endif

// Each test has a size of its own, so that none finds the blocks of another.
TEST(BlockCache, GivesAFreedBlockToTheNextObject) {
  using Cache = BlockCache<2001>;
  void* const first = Cache::Take();
  Cache::Free(first);
  void* const second = Cache::Take();
  if (kKeeps) {
    EXPECT_EQ(second, first);
  }
  Cache::Free(second);
}

TEST(BlockCache, GivesEachBlockOnce) {
  using Cache = BlockCache<2002>;
  std::vector<void*> blocks;
  for (std::size_t round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 2 * Cache::kMost; ++i) {
      blocks.push_back(Cache::Take());
      std::memset(blocks.back(), static_cast<int>(i), 2002);
    }
    EXPECT_EQ(std::set<void*>(blocks.begin(), blocks.end()).size(), blocks.size());
    for (void* block : blocks) Cache::Free(block);
    blocks.clear();
  }
}

TEST(BlockCache, TakesABlockOfAnotherThread) {
  using Cache = BlockCache<2003>;
  void* block = nullptr;
  std::thread([&block] { block = Cache::Take(); }).join();
  std::memset(block, 1, 2003);
  Cache::Free(block);
}

// An object that a thread destroys after its cache.
struct Late {
  ~Late() { BlockCache<2004>::Free(block); }
  void* block = nullptr;
};

TEST(BlockCache, FreesABlockThatComesAfterTheThreadsEnd) {
  std::thread([] {
    // It is constructed before the cache is first used, so it is destroyed after it.
    static thread_local Late late;
    late.block = BlockCache<2004>::Take();
  }).join();
}

TEST(RecyclingAllocator, IsOneForSharedPointersAndContainers) {
  struct Large {
    std::array<char, 3000> bytes{};
  };
  const void* first = nullptr;
  for (int i = 0; i < 2; ++i) {
    const auto large = std::allocate_shared<Large>(RecyclingAllocator<Large>());
    if (i == 0) first = large.get();
    if (i == 1 && kKeeps) {
      EXPECT_EQ(large.get(), first);
    }
  }
  std::vector<Large, RecyclingAllocator<Large>> several(3);
  several.emplace_back().bytes[0] = 'x';
  EXPECT_EQ(several.back().bytes[0], 'x');
}

}  // namespace
}  // namespace docspace::gateway
