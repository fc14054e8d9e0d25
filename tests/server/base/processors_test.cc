#include "server/base/processors.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace docspace::gateway {
namespace {

namespace fs = std::filesystem;

class ProcessorsTest : public ::testing::Test {
 protected:
  ~ProcessorsTest() override { fs::remove_all(folder_); }

  void Write(const fs::path& path, const std::string& content) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << content;
  }

  std::size_t Quota() const { return ProcessorQuota(files_); }

  const fs::path folder_ = fs::path(std::getenv("TEST_TMPDIR")) /
                           ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const ControlGroupFiles files_ = {.own_group = folder_ / "own", .groups = folder_ / "groups"};
};

TEST_F(ProcessorsTest, NoQuotaWithoutControlGroups) { EXPECT_EQ(Quota(), kNoProcessorQuota); }

TEST_F(ProcessorsTest, AQuotaIsRoundedUp) {
  Write("own", "0::/\n");
  for (const auto& [content, processors] :
       {std::pair("200000 100000\n", 2), {"150000 100000\n", 2}, {"1000 100000\n", 1}}) {
    Write("groups/cpu.max", content);
    EXPECT_EQ(Quota(), processors) << content;
  }
}

TEST_F(ProcessorsTest, TheSmallestQuotaOfTheGroupsThatContainTheProcessCounts) {
  Write("own", "1:name=systemd:/other\n0::/outer/inner\n");
  Write("groups/outer/inner/cpu.max", "400000 100000\n");
  EXPECT_EQ(Quota(), 4);
  Write("groups/outer/cpu.max", "300000 100000\n");
  EXPECT_EQ(Quota(), 3);
  Write("groups/other/cpu.max", "100000 100000\n");
  EXPECT_EQ(Quota(), 3);
}

TEST_F(ProcessorsTest, TheFolderOfAContainerIsItsOwnGroup) {
  Write("own", "0::/kubepods/pod/container\n");
  Write("groups/cpu.max", "200000 100000\n");
  EXPECT_EQ(Quota(), 2);
}

TEST_F(ProcessorsTest, WhatIsNoQuotaIsIgnored) {
  Write("own", "0::/\n");
  for (const std::string content : {"max 100000\n", "", "0 100000\n", "100000 0\n", "-1 100000\n",
                                    "99999999999999999999 1\n", "100000\n", "a b\n"}) {
    Write("groups/cpu.max", content);
    EXPECT_EQ(Quota(), kNoProcessorQuota) << content;
  }
}

TEST_F(ProcessorsTest, AvailableAreThoseOfAffinityAndQuota) {
  std::thread([this] {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    EXPECT_EQ(AvailableProcessors(files_), CPU_COUNT(&all));

    Write("own", "0::/\n");
    Write("groups/cpu.max", "100000 100000\n");
    EXPECT_EQ(AvailableProcessors(files_), 1);

    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    Write("groups/cpu.max", "max 100000\n");
    EXPECT_EQ(AvailableProcessors(files_), 1);
  }).join();
}

}  // namespace
}  // namespace docspace::gateway
