// A second answer that comes when the connection has been lent again: row R26 of the fault matrix.
#include <gmock/gmock.h>

#include <string>

#include "tests/faults/fault_test.h"

namespace docspace::gateway::testkit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LateAnswerTest : public FaultTest {
 protected:
  // The portal answers with one permission, which names whose call it was.
  static std::string AnswerFor(const std::string& caller) {
    return PortalResponse(R"({"response":["for )" + caller + R"("]})");
  }

  // The first caller's answer, once more whenever a further request has come: no test of the
  // connection before it is used can see that one.
  static Script RepeatsLate(const std::string& caller) {
    return Script().ReadRequest().Send(AnswerFor(caller)).Repeat();
  }

  std::string PermissionsOf(const std::string& caller) {
    const std::string key = "sk-" + caller + std::string(60, '7');
    ForbidInOutput(key);
    const auto answer = Call(Rpc::kGetAllPermissions, {{"apikeybearer", key}});
    EXPECT_TRUE(answer.ok()) << answer;
    return answer.response;
  }
};

// HTTP/1.1 has nothing by which to tell.
TEST_F(LateAnswerTest, R26_ReachesTheNextCallerOfASharedConnection) {
  portal().Next(RepeatsLate("alice"));
  EXPECT_THAT(PermissionsOf("alice"), HasSubstr("for alice"));
  EXPECT_THAT(PermissionsOf("bob"), HasSubstr("for alice"));
}

class UnsharedLateAnswerTest : public LateAnswerTest {
 protected:
  void Configure(Config& config) override {
    LateAnswerTest::Configure(config);
    config.portal.pool.share = false;
  }
};

TEST_F(UnsharedLateAnswerTest, R26_NeverReachesAnotherCredentialsCaller) {
  const std::string callers[] = {"alice", "bob", "carol"};
  for (const std::string& caller : callers) portal().Next(RepeatsLate(caller));
  for (int round = 0; round < 5; ++round) {
    for (const std::string& caller : callers) {
      EXPECT_THAT(PermissionsOf(caller), HasSubstr("for " + caller));
    }
  }
  // They were kept, and each carried one credential.
  ASSERT_EQ(portal().connections(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t other = 0; other < 3; ++other) {
      EXPECT_THAT(portal().received(i),
                  i == other ? ::testing::Matcher<std::string>(HasSubstr("sk-" + callers[other]))
                             : Not(HasSubstr("sk-" + callers[other])));
    }
  }
}

class CrowdedLateAnswerTest : public UnsharedLateAnswerTest {
 protected:
  void Configure(Config& config) override {
    UnsharedLateAnswerTest::Configure(config);
    config.portal.pool.max_connections = 2;
  }
};

TEST_F(CrowdedLateAnswerTest, R26_ClosesTheConnectionThatWasIdleLongest) {
  for (const char* caller : {"alice", "bob", "carol", "alice"}) portal().Next(RepeatsLate(caller));
  for (const char* caller : {"alice", "bob", "carol", "bob", "alice", "bob"}) {
    EXPECT_THAT(PermissionsOf(caller), HasSubstr(std::string("for ") + caller));
  }
  // Carol's took the place of Alice's, which then took that of Carol's.
  EXPECT_TRUE(portal().WaitForEnd(0));
  EXPECT_TRUE(portal().WaitForEnd(2));
  EXPECT_EQ(portal().connections(), 4U);
  EXPECT_EQ(portal().open(), 2U);
}

}  // namespace
}  // namespace docspace::gateway::testkit
