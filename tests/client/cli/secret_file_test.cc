#include "client/cli/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "client/cli/usage_error.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::apikeys::cli {
namespace {

// Returns a path at which no file exists.
std::string FreePath() { return gateway::testkit::TemporaryFile("").path(); }

TEST(SecretFile, HoldsTheSecretForItsOwnerOnly) {
  const std::string path = FreePath();
  EXPECT_TRUE(SecretFile(path).Write(Secret("sk-planted")));
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "sk-planted\n");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ::unlink(path.c_str());
}

TEST(SecretFile, GoesIfNoSecretIsWritten) {
  const std::string path = FreePath();
  {
    const SecretFile file(path);
    EXPECT_EQ(::access(path.c_str(), F_OK), 0);
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST(SecretFile, NeverReplacesAFileNorFollowsALink) {
  const gateway::testkit::TemporaryFile existing("before");
  EXPECT_THROW(SecretFile(existing.path()), UsageError);
  const std::string link = FreePath();
  ASSERT_EQ(::symlink(FreePath().c_str(), link.c_str()), 0);
  EXPECT_THROW(SecretFile{link}, UsageError);
  ::unlink(link.c_str());
  std::ifstream file(existing.path());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "before");
}

}  // namespace
}  // namespace docspace::apikeys::cli
