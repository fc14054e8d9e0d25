#include "server/base/whole_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace docspace::gateway {
namespace {

namespace fs = std::filesystem;

class WholeFileTest : public ::testing::Test {
 protected:
  WholeFileTest() { fs::create_directories(folder_); }
  ~WholeFileTest() override { fs::remove_all(folder_); }

  static std::string ContentOf(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::ptrdiff_t Files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  const fs::path folder_ = fs::path(std::getenv("TEST_TMPDIR")) /
                           ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const fs::path path_ = folder_ / "ready";
};

TEST_F(WholeFileTest, IsWrittenForEveryoneToReadAndReplacesAnOlderOne) {
  EXPECT_TRUE(WriteWholeFile(path_, "127.0.0.1:1\n"));
  EXPECT_TRUE(WriteWholeFile(path_, "127.0.0.1:2\n"));
  EXPECT_EQ(ContentOf(path_), "127.0.0.1:2\n");
  struct stat file {};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0644U);
  EXPECT_EQ(Files(), 1);
}

TEST_F(WholeFileTest, FollowsNoLink) {
  const fs::path precious = folder_ / "precious";
  std::ofstream(precious) << "kept";
  fs::create_symlink(precious, path_);
  // The name that the unfinished file had in earlier versions.
  fs::create_symlink(precious, path_.string() + ".new");
  EXPECT_TRUE(WriteWholeFile(path_, "written"));
  EXPECT_EQ(ContentOf(precious), "kept");
  EXPECT_EQ(ContentOf(path_), "written");
  EXPECT_FALSE(fs::is_symlink(path_));
}

TEST_F(WholeFileTest, LeavesNothingBehindWhereItCannotBeWritten) {
  fs::create_directory(path_);
  EXPECT_FALSE(WriteWholeFile(path_, "written"));
  EXPECT_EQ(Files(), 1);
  EXPECT_FALSE(WriteWholeFile(folder_ / "nowhere" / "ready", "written"));
}

}  // namespace
}  // namespace docspace::gateway
