#include "tests/emulator/credentials_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace docspace::emulator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<SeededUser> TwoUsers() {
  return {{.role = Role::kRoomAdmin,
           .id = "1",
           .email = "rosa@portal.example",
           .password = "secret",
           .display_name = "Rosa <R>",
           .session_token = "session",
           .oauth2_token = "oauth2",
           .open_id_token = "openid",
           .api_key = "sk-1",
           .api_key_id = "key-1"},
          {.role = Role::kGuest,
           .id = "2",
           .email = "guest@portal.example",
           .password = "secret",
           .display_name = "Gaston",
           .session_token = "s2",
           .oauth2_token = "o2",
           .open_id_token = "i2"}};
}

TEST(CredentialsScript, AssignsEachCredentialForAShell) {
  EXPECT_EQ(CredentialsScript("http://127.0.0.1:1", {TwoUsers()[0]}),
            "EMULATOR_URL='http://127.0.0.1:1'\n"
            "EMULATOR_ROOM_ADMIN_EMAIL='rosa@portal.example'\n"
            "EMULATOR_ROOM_ADMIN_PASSWORD='secret'\n"
            "EMULATOR_ROOM_ADMIN_BASIC='Basic cm9zYUBwb3J0YWwuZXhhbXBsZTpzZWNyZXQ='\n"
            "EMULATOR_ROOM_ADMIN_SESSION_TOKEN='session'\n"
            "EMULATOR_ROOM_ADMIN_OAUTH2_TOKEN='oauth2'\n"
            "EMULATOR_ROOM_ADMIN_OPENID_TOKEN='openid'\n"
            "EMULATOR_ROOM_ADMIN_API_KEY='sk-1'\n"
            "EMULATOR_ROOM_ADMIN_API_KEY_ID='key-1'\n");
}

TEST(CredentialsScript, AssignsAGuestNoKey) {
  EXPECT_THAT(CredentialsScript("", TwoUsers()), HasSubstr("EMULATOR_GUEST_API_KEY=''\n"));
}

TEST(CredentialsTable, ShowsWhatThereIs) {
  const std::string table = CredentialsTable("http://127.0.0.1:1", {TwoUsers()[1]});
  EXPECT_THAT(table, HasSubstr("DocSpace emulator at http://127.0.0.1:1\n"));
  EXPECT_THAT(table, HasSubstr("Guest: Gaston\n  EMAIL          guest@portal.example\n"));
  EXPECT_THAT(table, Not(HasSubstr("API_KEY")));
}

TEST(WriteFile, ReplacesTheFileAndKeepsItsMode) {
  const std::string path = testing::TempDir() + "/credentials";
  WriteFile(path, "first\n", 0644);
  WriteFile(path, "second\n", 0600);
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  EXPECT_EQ(content.str(), "second\n");
  struct stat status = {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600);
}

TEST(WriteFile, FollowsNoLink) {
  const std::string precious = testing::TempDir() + "/precious";
  const std::string path = testing::TempDir() + "/linked";
  std::ofstream(precious) << "kept";
  std::filesystem::create_symlink(precious, path);
  std::filesystem::create_symlink(precious, path + ".partial");
  WriteFile(path, "written", 0600);
  std::ostringstream kept;
  kept << std::ifstream(precious).rdbuf();
  EXPECT_EQ(kept.str(), "kept");
  EXPECT_FALSE(std::filesystem::is_symlink(path));
}

TEST(WriteFile, NamesTheFileItCannotWrite) {
  try {
    WriteFile(testing::TempDir() + "/missing/file", "", 0600);
    ADD_FAILURE();
  } catch (const std::system_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/missing/file"));
  }
}

}  // namespace
}  // namespace docspace::emulator
