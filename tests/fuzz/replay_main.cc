// Runs a fuzz target as an ordinary test: each input of its corpus, whole and cut at every byte.
//
// The argument is the folder of the corpus.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace docspace::fuzz {
namespace {

class ReplayTest : public ::testing::Test {
 public:
  explicit ReplayTest(std::filesystem::path path) : path_(std::move(path)) {}

 private:
  void TestBody() override {
    std::ifstream file(path_, std::ios::binary);
    const std::basic_string<std::uint8_t> octets(std::istreambuf_iterator<char>(file), {});
    ASSERT_FALSE(octets.empty());
    for (std::size_t size = 0; size <= octets.size(); ++size) {
      // A copy of exactly that size, so that AddressSanitizer detects a read beyond it.
      const std::basic_string<std::uint8_t> start(octets, 0, size);
      try {
        LLVMFuzzerTestOneInput(start.data(), start.size());
      } catch (const std::exception& error) {
        FAIL() << path_ << ", its first " << size << " octets: " << error.what();
      }
    }
  }

  const std::filesystem::path path_;
};

void RegisterTests(const std::filesystem::path& corpus) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus)) {
    if (entry.is_regular_file()) files.insert(entry.path());
  }
  if (files.empty()) throw std::runtime_error("the corpus is empty");
  for (const std::filesystem::path& path : files) {
    std::string name = path.stem().string();
    std::ranges::replace(name, '-', '_');
    ::testing::RegisterTest(corpus.stem().c_str(), name.c_str(), nullptr, nullptr, __FILE__,
                            __LINE__,
                            [path]() -> ::testing::Test* { return new ReplayTest(path); });
  }
}

}  // namespace
}  // namespace docspace::fuzz

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  docspace::fuzz::RegisterTests(argv[1]);
  return RUN_ALL_TESTS();
}
