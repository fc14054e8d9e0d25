// `docspace-keys doctor` through the gateway, against portals of every release.
#include "client/cli/doctor/doctor.h"

#include <gmock/gmock.h>

#include <csignal>
#include <sstream>

#include "tests/e2e/end_to_end.h"

namespace docspace::gateway::testkit {
namespace {

using apikeys::Credential;
using apikeys::cli::Console;
using apikeys::cli::OutputFormat;
using emulator::Database;
using emulator::Fault;
using emulator::Generation;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::size_t kSeededKeys = 4;
// The number of times that the examination checks whether it must stop.
constexpr int kSteps = 11;

struct Finished {
  int status;
  std::string out;
  std::string err;
};

class DoctorTest : public EndToEndTest {
 protected:
  Finished ExamineWith(
      const Credential& credential, const std::function<int()>& stop = [] { return 0; }) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Console console{.in = in, .out = out, .err = err, .variables = [](const char*) { return ""; }};
    apikeys::ClientOptions options{.timeout = kPatience};
    options.timer.sleep = [](std::chrono::nanoseconds) {};
    const int status = apikeys::cli::RunDoctor(gateway().NewChannel(), credential, options, stop,
                                               OutputFormat::kTable, console);
    EXPECT_THAT(out.str() + err.str(), Not(ContainsRegex("sk-[0-9a-f]{8}")));
    return {status, out.str(), err.str()};
  }

  Credential PasswordOf(Role role) {
    const emulator::SeededUser& user = portal().user(role);
    return *Credential::Basic(user.email, user.password);
  }

  Finished ExamineAs(
      Role role, const std::function<int()>& stop = [] { return 0; }) {
    return ExamineWith(PasswordOf(role), stop);
  }

  // Expects that the portal has the same keys as before.
  void ExpectNothingLeft() { EXPECT_EQ(portal().Keys().size(), kSeededKeys); }
};

class DoctorOfGenerationTest : public DoctorTest, public ::testing::WithParamInterface<Generation> {
  emulator::EmulatorOptions PortalOptions() override { return {.api = {.generation = GetParam()}}; }
};

INSTANTIATE_TEST_SUITE_P(All, DoctorOfGenerationTest, ::testing::ValuesIn(emulator::kGenerations));

TEST_P(DoctorOfGenerationTest, NamesTheReleaseAndFindsNoDifference) {
  for (const Role role : {Role::kOwner, Role::kUser}) {
    const Finished finished = ExamineAs(role);
    EXPECT_EQ(finished.status, 0) << finished.out << finished.err;
    EXPECT_THAT(finished.out, HasSubstr("release    " + std::string(ToString(GetParam())) + "\n"));
    EXPECT_THAT(finished.out, HasSubstr(" 0 differ, 0 not made\n"));
    EXPECT_THAT(finished.out, HasSubstr("keys left  none\n"));
    ExpectNothingLeft();
  }
}

TEST_P(DoctorOfGenerationTest, ExaminesWithAnApiKeyToo) {
  const Finished finished =
      ExamineWith(*Credential::ApiKey(portal().user(Role::kDocSpaceAdmin).api_key));
  EXPECT_EQ(finished.status, 0) << finished.out << finished.err;
  ExpectNothingLeft();
}

struct Kept {
  Database database;
  const char* report;
};

class DoctorOfDatabaseTest : public DoctorTest, public ::testing::WithParamInterface<Kept> {
  emulator::EmulatorOptions PortalOptions() override {
    return {.api = {.views = {.database = GetParam().database}}};
  }
};

INSTANTIATE_TEST_SUITE_P(All, DoctorOfDatabaseTest,
                         ::testing::Values(Kept{Database::kMySql,
                                                "keeps whole seconds, and ? for a character beyond "
                                                "U+FFFF (MySQL)\n"},
                                           Kept{Database::kStrictMySql,
                                                "keeps whole seconds, and fails on a character "
                                                "beyond U+FFFF (MySQL)\n"},
                                           Kept{Database::kPostgreSql,
                                                "keeps microseconds and every character "
                                                "(PostgreSQL)\n"}));

TEST_P(DoctorOfDatabaseTest, TellsWhatItKeeps) {
  const Finished finished = ExamineAs(Role::kOwner);
  EXPECT_EQ(finished.status, 0) << finished.out << finished.err;
  EXPECT_THAT(finished.out, HasSubstr(std::string("database   ") + GetParam().report));
  ExpectNothingLeft();
}

class DoctorOfLimitsTest : public DoctorTest {
  emulator::EmulatorOptions PortalOptions() override {
    // The delay is so long that the writes of sixteen threads overlap.
    return {.api = {.limits = {.writes_at_a_time = 1}}, .delay = std::chrono::milliseconds(100)};
  }
};

TEST_F(DoctorOfLimitsTest, TellsOfALimitThatRefusesWrites) {
  const Finished finished = ExamineAs(Role::kOwner);
  EXPECT_EQ(finished.status, 0) << finished.out << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("limits     limit 1, remaining 0\n"));
  ExpectNothingLeft();
}

TEST_F(DoctorTest, TellsThatNoLimitWasSeen) {
  EXPECT_THAT(ExamineAs(Role::kOwner).out, HasSubstr("none seen: 16 writes at a time passed\n"));
}

TEST_F(DoctorTest, TellsADifference) {
  portal().FailNext({.status = 200,
                     .body = Fault::Body::kVerbatim,
                     .text = R"({"response":["files:fly"]})",
                     .target = "/api/2.0/keys/permissions"});
  const Finished finished = ExamineAs(Role::kOwner);
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.out,
              ContainsRegex("differs +GetAllPermissions: the permissions +they are neither"));
  EXPECT_THAT(finished.out, HasSubstr(" 1 differ, 0 not made\n"));
}

// It refuses an invalid request before it creates anything.

TEST_F(DoctorTest, RefusesToStartWithTooSmallAScope) {
  const emulator::ApiKey reader =
      portal().SeedKey(Role::kOwner, {.name = "Reader", .permissions = {{"*:read"}}});
  const Finished finished = ExamineWith(*Credential::ApiKey(reader.secret));
  EXPECT_EQ(finished.status, 4);
  EXPECT_THAT(finished.err, HasSubstr("a key could not be deleted again"));
  EXPECT_THAT(finished.out, IsEmpty());
  EXPECT_EQ(portal().Received("POST", "/"), 0U);
}

TEST_F(DoctorTest, RefusesToStartIfItMayCreateButNotDelete) {
  portal().FailAlways({.status = 403, .method = "DELETE"});
  EXPECT_EQ(ExamineAs(Role::kOwner).status, 4);
  EXPECT_EQ(portal().Received("POST", "/"), 0U);
}

TEST_F(DoctorTest, RefusesToStartIfItCannotListTheKeys) {
  portal().FailNext(
      {.status = 200, .body = Fault::Body::kGenuine, .target = "/api/2.0/keys/permissions"});
  portal().FailAlways({.status = 403, .method = "GET"});
  EXPECT_EQ(ExamineAs(Role::kOwner).status, 4);
  EXPECT_EQ(portal().Received("POST", "/"), 0U);
}

TEST_F(DoctorTest, RefusesToStartWithAKeyThatExpiresSoon) {
  const auto now = std::chrono::time_point_cast<emulator::Ticks>(std::chrono::system_clock::now());
  portal().SetTime(now - std::chrono::hours(24) + std::chrono::minutes(5));
  const emulator::ApiKey key =
      portal().SeedKey(Role::kOwner, {.name = "Short", .expires_in_days = 1});
  portal().SetTime(now);
  const Finished finished = ExamineWith(*Credential::ApiKey(key.secret));
  EXPECT_EQ(finished.status, 6);
  EXPECT_THAT(finished.err, HasSubstr("expires before the examination may be over"));
  EXPECT_EQ(portal().Received("POST", "/"), 0U);
}

TEST_F(DoctorTest, RefusesToStartWithAWrongCredential) {
  EXPECT_EQ(ExamineWith(*Credential::ApiKey("sk-unknown")).status, 3);
}

TEST_F(DoctorTest, SaysThatAGuestMayNotCreateKeys) {
  const Finished finished = ExamineAs(Role::kGuest);
  EXPECT_EQ(finished.status, 8);
  EXPECT_THAT(finished.out, HasSubstr("may not create keys"));
  ExpectNothingLeft();
}

// It removes everything that it has created.

TEST_F(DoctorTest, RemovesWhatItHasMadeWheneverItIsStopped) {
  for (int steps = 0; steps < kSteps; ++steps) {
    int asked = 0;
    const Finished finished =
        ExamineAs(Role::kOwner, [&] { return asked++ == steps ? SIGTERM : 0; });
    EXPECT_EQ(finished.status, 128 + SIGTERM) << steps;
    EXPECT_THAT(finished.out, HasSubstr("keys left  none\n")) << steps;
    ExpectNothingLeft();
  }
}

TEST_F(DoctorTest, RemovesAKeyWhoseCreationWasNotAnswered) {
  portal().FailNext(
      {.delivery = {.drop = emulator::Delivery::Drop::kClose}, .applied = true, .method = "POST"});
  const Finished finished = ExamineAs(Role::kOwner);
  EXPECT_NE(finished.status, 0);
  EXPECT_THAT(finished.out, HasSubstr("keys left  none\n"));
  ExpectNothingLeft();
}

TEST_F(DoctorTest, RemovesAKeyThatComesBack) {
  portal().FailNext({.body = Fault::Body::kGenuine, .method = "DELETE"});
  portal().FailNext({.status = 200,
                     .body = Fault::Body::kVerbatim,
                     .text = R"({"response":true})",
                     .times = 3,
                     .method = "DELETE"});
  const Finished finished = ExamineAs(Role::kOwner);
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.out, HasSubstr("the key is listed again"));
  EXPECT_THAT(finished.out, HasSubstr("keys left  none\n"));
  ExpectNothingLeft();
}

TEST_F(DoctorTest, NamesAKeyThatItCannotRemove) {
  int asked = 0;
  const Finished finished = ExamineAs(Role::kOwner, [&] {
    if (asked++ == 1) portal().FailAlways({.status = 403, .method = "DELETE"});
    return asked == 2 ? SIGINT : 0;
  });
  EXPECT_EQ(finished.status, 9);
  const emulator::ApiKey left = portal().Keys().back();
  EXPECT_EQ(portal().Keys().size(), kSeededKeys + 1);
  EXPECT_THAT(finished.err, HasSubstr("delete this key, which expires within a day: " + left.id));
  // The key that is left can do little harm.
  EXPECT_FALSE(left.is_active);
  EXPECT_TRUE(left.expires_at);
  EXPECT_THAT(left.permissions, ::testing::Optional(::testing::ElementsAre("files:read")));
}

TEST_F(DoctorTest, TellsOfWhatAnEarlierExaminationLeft) {
  const emulator::ApiKey left = portal().SeedKey(Role::kOwner, {.name = "doctor-0123abcd"});
  const Finished finished = ExamineAs(Role::kOwner);
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.out, HasSubstr("delete the key " + left.id));
  EXPECT_EQ(portal().Keys().size(), kSeededKeys + 1);
}

}  // namespace
}  // namespace docspace::gateway::testkit
