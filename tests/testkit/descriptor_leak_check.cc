#include "tests/testkit/descriptor_leak_check.h"

#include <grpc/grpc.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

namespace fs = std::filesystem;

std::size_t CountOpen() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

std::string ListOpen() {
  std::string list;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    list.append("\n").append(fs::read_symlink(entry.path(), gone).string());
  }
  return list;
}

// Keeps gRPC initialised, because its own descriptors are opened by its first user and closed some
// time after its last.
void KeepGrpc() {
  static const bool once = [] {
    grpc_init();
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace

DescriptorLeakCheck::DescriptorLeakCheck() {
  KeepGrpc();
  before_ = CountOpen();
}

DescriptorLeakCheck::~DescriptorLeakCheck() {
  EXPECT_TRUE(WaitUntil([this] { return CountOpen() <= before_; }))
      << "open now, of which " << before_ << " were before:" << ListOpen();
}

}  // namespace docspace::gateway::testkit
