#include "client/cli/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/client/cpp/fake_gateway.h"
#include "tests/client/cpp/fake_time.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::apikeys::cli {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kCredential = "sk-planted-credential";
constexpr const char* kSecret = "sk-planted-new-secret";
constexpr const char* kId = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

struct Finished {
  int code;
  std::string out;
  std::string err;
};

class RunTest : public testing::Test {
 protected:
  Finished Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--target", gateway_.target(), "--plaintext"});
    std::istringstream in(input_);
    std::ostringstream out;
    std::ostringstream err;
    std::ostream full(nullptr);
    Console console{.in = in,
                    .out = is_full_ ? full : out,
                    .err = err,
                    .in_is_terminal = terminal_,
                    .out_is_terminal = terminal_,
                    .err_is_terminal = terminal_,
                    .variables =
                        [this](const char* name) {
                          const auto found = variables_.find(name);
                          return found == variables_.end() ? std::string_view()
                                                           : std::string_view(found->second);
                        },
                    .timer = time_.Timer()};
    const int code = cli::Run(arguments, console);
    EXPECT_THAT(out.str(), Not(HasSubstr(kCredential)));
    EXPECT_THAT(err.str(), Not(HasSubstr("planted")));
    return {code, out.str(), err.str()};
  }

  static v1::ApiKey Key() {
    v1::ApiKey key;
    key.set_id(kId);
    key.set_name("CI");
    key.set_key("sk-***abcd");
    key.set_is_active(true);
    key.add_permissions("files:read");
    key.add_permissions("rooms:read");
    key.mutable_create_on()->set_seconds(1781519400);
    key.mutable_create_on()->set_nanos(123456700);
    key.mutable_create_by()->set_display_name("Ann");
    return key;
  }

  static v1::GetApiKeysResponse TwoKeys() {
    v1::GetApiKeysResponse keys;
    *keys.add_api_keys() = Key();
    v1::ApiKey* other = keys.add_api_keys();
    other->set_id("b");
    other->set_name("鍵");
    other->set_is_active(false);
    other->mutable_expires_at()->set_seconds(1781519400);
    return keys;
  }

  bool terminal_ = false;
  // True if nothing can be written to stdout.
  bool is_full_ = false;
  std::string input_;
  std::map<std::string, std::string> variables_{{"DOCSPACE_API_KEY", kCredential}};
  FakeTime time_;
  FakeGateway gateway_;
};

TEST_F(RunTest, ListsKeysAsAPlainTableInAPipe) {
  gateway_.Answer(TwoKeys());
  const Finished finished = Run({"list"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_EQ(
      finished.out,
      "ID                                    NAME  KEY         STATE     PERMISSIONS            "
      "CREATED               LAST USED  EXPIRES               CREATED BY\n"
      "3fa85f64-5717-4562-b3fc-2c963f66afa6  CI    sk-***abcd  active    files:read,rooms:read  "
      "2026-06-15T10:30:00Z  never      never                 Ann\n"
      "b                                     鍵    -           inactive  all                    "
      "-                     never      2026-06-15T10:30:00Z  -\n");
  EXPECT_EQ(finished.err, "");
  EXPECT_EQ(gateway_.call().Values("apikeybearer"), std::vector<std::string>{kCredential});
}

TEST_F(RunTest, ColoursATableOnATerminalUnlessAskedNotTo) {
  gateway_.Answer(TwoKeys());
  terminal_ = true;
  const std::string coloured = Run({"list"}).out;
  EXPECT_THAT(coloured, HasSubstr("\033[1mID\033[0m"));
  EXPECT_THAT(coloured, HasSubstr("\033[32mactive\033[0m"));
  EXPECT_THAT(coloured, HasSubstr("\033[31minactive\033[0m"));
  variables_["NO_COLOR"] = "1";
  EXPECT_THAT(Run({"list"}).out, Not(HasSubstr("\033")));
  variables_["NO_COLOR"] = "";
  EXPECT_THAT(Run({"list"}).out, HasSubstr("\033"));
  variables_["TERM"] = "dumb";
  EXPECT_THAT(Run({"list"}).out, Not(HasSubstr("\033")));
}

TEST_F(RunTest, ListsKeysAsTheJsonOfTheRestApi) {
  v1::GetApiKeysResponse keys;
  *keys.add_api_keys() = Key();
  keys.set_status_code(200);
  gateway_.Answer(keys);
  const Finished finished = Run({"list", "--output", "json"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_THAT(finished.out, StartsWith("{\n \"response\": [\n  {\n   \""));
  // The order of members is Protobuf's, and differs between its releases.
  EXPECT_EQ(boost::json::parse(finished.out), boost::json::parse(R"({
 "response": [
  {
   "permissions": [
    "files:read",
    "rooms:read"
   ],
   "createBy": {
    "displayName": "Ann"
   },
   "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
   "name": "CI",
   "key": "sk-***abcd",
   "createOn": "2026-06-15T10:30:00.123456700Z",
   "isActive": true
  }
 ],
 "links": [],
 "statusCode": 200
}
)"));
  EXPECT_EQ(finished.err, "");
}

TEST_F(RunTest, ShowsOnlyTheColumnsAskedFor) {
  gateway_.Answer(TwoKeys());
  EXPECT_EQ(Run({"list", "--fields", "name,createBy.displayName"}).out,
            "NAME  CREATED BY\n"
            "CI    Ann\n"
            "鍵    -\n");
  EXPECT_EQ(gateway_.call().request, "fields: \"name,createBy.displayName\"");
  const Finished finished = Run({"list", "--fields", "keyPostfix"});
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(finished.err, HasSubstr("--output json"));
}

TEST_F(RunTest, SaysThatThereAreNoKeys) {
  const Finished finished = Run({"list"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_THAT(finished.out, HasSubstr("ID  NAME"));
  EXPECT_EQ(finished.err, "note: there are no keys\n");
}

TEST_F(RunTest, EscapesWhatThePortalSays) {
  v1::GetApiKeysResponse keys;
  v1::ApiKey key;
  key.set_name("\x1b]0;owned\x07");
  key.set_id("\x1b[2J");
  key.add_permissions("\u009b31m");
  key.mutable_create_by()->set_display_name("a\u202e\nb");
  *keys.add_api_keys() = key;
  gateway_.Answer(keys);
  v1::GetAllPermissionsResponse permissions;
  permissions.add_permissions("\x1b");
  gateway_.Answer(permissions);
  for (const char* command : {"list", "permissions"}) {
    const std::string out = Run({command}).out;
    EXPECT_EQ(out.find_first_of("\x1b\x07"), std::string::npos) << command;
    EXPECT_THAT(out, Not(HasSubstr("\u009b")));
    EXPECT_THAT(out, Not(HasSubstr("\u202e")));
    EXPECT_THAT(out, HasSubstr("\\u{1b}"));
  }
  EXPECT_EQ(Run({"list", "--output", "json"}).out.find_first_of("\x1b\x07"), std::string::npos);
}

TEST_F(RunTest, ShowsTheKeyOfTheCall) {
  v1::GetApiKeyResponse self;
  *self.mutable_api_key() = Key();
  gateway_.Answer(self);
  EXPECT_EQ(Run({"self"}).out,
            "ID           3fa85f64-5717-4562-b3fc-2c963f66afa6\n"
            "NAME         CI\n"
            "KEY          sk-***abcd\n"
            "STATE        active\n"
            "PERMISSIONS  files:read,rooms:read\n"
            "CREATED      2026-06-15T10:30:00Z\n"
            "LAST USED    never\n"
            "EXPIRES      never\n"
            "CREATED BY   Ann\n");
  EXPECT_THAT(Run({"self", "--output", "json"}).out, HasSubstr(R"("name": "CI")"));
  EXPECT_EQ(Run({"self", "--fields", "id"}).out, "ID  3fa85f64-5717-4562-b3fc-2c963f66afa6\n");
}

TEST_F(RunTest, ListsPermissionsOneALine) {
  v1::GetAllPermissionsResponse permissions;
  permissions.add_permissions("*");
  permissions.add_permissions("files:read");
  gateway_.Answer(permissions);
  EXPECT_EQ(Run({"permissions"}).out, "*\nfiles:read\n");
  EXPECT_THAT(Run({"permissions", "--output", "json"}).out,
              HasSubstr("\"response\": [\n  \"*\",\n  \"files:read\"\n ]"));
}

TEST_F(RunTest, ShowsANewSecretOnceAndOnStdoutOnly) {
  v1::CreateApiKeyResponse created;
  *created.mutable_api_key() = Key();
  created.mutable_api_key()->set_key(kSecret);
  gateway_.Answer(created);
  for (const char* format : {"table", "json"}) {
    const Finished finished =
        Run({"create", "--name", "CI", "--permission", "files:read", "--output", format});
    EXPECT_EQ(finished.code, 0);
    const std::size_t at = finished.out.find(kSecret);
    ASSERT_NE(at, std::string::npos) << format;
    EXPECT_EQ(finished.out.find(kSecret, at + 1), std::string::npos) << format;
    EXPECT_THAT(finished.err, HasSubstr("only time the secret is shown"));
  }
  EXPECT_EQ(gateway_.calls().front().request, "name: \"CI\" permissions: \"files:read\"");
}

TEST_F(RunTest, WritesANewSecretIntoAFileAndShowsItMasked) {
  v1::CreateApiKeyResponse created;
  *created.mutable_api_key() = Key();
  created.mutable_api_key()->set_key(kSecret);
  gateway_.Answer(created);
  for (const char* format : {"table", "json"}) {
    const std::string path = gateway::testkit::TemporaryFile("").path();
    const Finished finished = Run(
        {"create", "--name", "CI", "--all-permissions", "--secret-file", path, "--output", format});
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_THAT(finished.out, Not(HasSubstr("planted")));
    EXPECT_THAT(finished.out, HasSubstr("sk-***cret"));
    std::ifstream file(path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), std::string(kSecret) + "\n");
    ::unlink(path.c_str());
  }
}

TEST_F(RunTest, CreatesNoKeyIfTheFileForItsSecretCannotBeMade) {
  const gateway::testkit::TemporaryFile existing("before");
  const Finished finished =
      Run({"create", "--name", "CI", "--all-permissions", "--secret-file", existing.path()});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("--secret-file"));
  EXPECT_THAT(gateway_.calls(), IsEmpty());
}

TEST_F(RunTest, CreatesAKeyWithAllPermissionsOnlyIfToldTo) {
  v1::CreateApiKeyResponse created;
  *created.mutable_api_key() = Key();
  gateway_.Answer(created);
  const Finished refused = Run({"create", "--name", "CI"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--all-permissions"));
  terminal_ = true;
  for (const char* answer : {"", "\n", "n\n"}) {
    input_ = answer;
    const Finished finished = Run({"create", "--name", "CI"});
    EXPECT_EQ(finished.code, 1);
    EXPECT_THAT(finished.err, HasSubstr("all rights of its owner"));
    EXPECT_THAT(finished.err, HasSubstr("nothing was created"));
  }
  EXPECT_THAT(gateway_.calls(), IsEmpty());
  input_ = "y\n";
  EXPECT_EQ(Run({"create", "--name", "CI"}).code, 0);
  terminal_ = false;
  EXPECT_EQ(Run({"create", "--name", "CI", "--all-permissions"}).code, 0);
  ASSERT_EQ(gateway_.calls().size(), 2U);
  for (const ReceivedCall& call : gateway_.calls()) {
    EXPECT_EQ(call.request, "name: \"CI\" permissions: \"*\"");
  }
}

TEST_F(RunTest, DecodesTheNamesOfPeopleInTheTableOnly) {
  v1::GetApiKeysResponse keys;
  v1::ApiKey* key = keys.add_api_keys();
  key->set_name("O&#39;Key");
  key->mutable_create_by()->set_display_name("O&#39;Admin &#27;[2J");
  gateway_.Answer(keys);
  EXPECT_EQ(Run({"list", "--fields", "name,createBy"}).out,
            "NAME       CREATED BY\n"
            "O&#39;Key  O'Admin \\u{1b}[2J\n");
  EXPECT_THAT(Run({"list", "--output", "json"}).out, HasSubstr("O&#39;Admin"));
}

TEST_F(RunTest, SaysWhatWasDoneIfTheAnswerCannotBeWritten) {
  v1::CreateApiKeyResponse created;
  *created.mutable_api_key() = Key();
  created.mutable_api_key()->set_key(kSecret);
  gateway_.Answer(created);
  v1::UpdateApiKeyResponse updated;
  updated.set_updated(true);
  gateway_.Answer(updated);
  v1::DeleteApiKeyResponse deleted;
  deleted.set_deleted(true);
  gateway_.Answer(deleted);
  is_full_ = true;
  const std::string file = gateway::testkit::TemporaryFile("").path();
  const std::string id = kId;
  struct Row {
    std::vector<std::string> arguments;
    std::string done;
  };
  const Row kRows[] = {
      {{"create", "--name", "CI", "--all-permissions"},
       "; the key " + id + " exists, but its secret is lost: delete it\n"},
      {{"create", "--name", "CI", "--all-permissions", "--output", "json"}, "; the key " + id},
      {{"create", "--name", "CI", "--all-permissions", "--secret-file", file},
       "; the key " + id + " exists, and its secret is in the file"},
      {{"update", id, "--activate"}, "; the key was changed\n"},
      {{"delete", id, "--yes"}, "; the key was deleted\n"},
      {{"list"}, "could not be written\n"},
  };
  for (const Row& row : kRows) {
    const Finished finished = Run(row.arguments);
    EXPECT_EQ(finished.code, 1);
    EXPECT_THAT(finished.err, HasSubstr("error: the answer could not be written"));
    EXPECT_THAT(finished.err, HasSubstr(row.done));
  }
  EXPECT_EQ(::unlink(file.c_str()), 0);
}

TEST_F(RunTest, TakesVariablesThatEndInALineBreak) {
  gateway_.Answer(TwoKeys());
  variables_["DOCSPACE_API_KEY"] = std::string(kCredential) + "\n";
  variables_["DOCSPACE_KEYS_PORTAL"] = "marketing\r\n";
  EXPECT_EQ(Run({"list"}).code, 0);
  EXPECT_EQ(gateway_.call().Values("apikeybearer"), std::vector<std::string>{kCredential});
  EXPECT_EQ(gateway_.call().Values("x-docspace-portal"), std::vector<std::string>{"marketing"});
}

TEST_F(RunTest, UpdatesAndSaysSo) {
  v1::UpdateApiKeyResponse updated;
  updated.set_updated(true);
  gateway_.Answer(updated);
  const Finished finished = Run({"update", kId, "--deactivate"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_EQ(finished.out, "updated: true\n");
  EXPECT_EQ(finished.err, "");
  EXPECT_EQ(gateway_.call().request, std::string("key_id: \"") + kId + "\" is_active: false");
}

TEST_F(RunTest, ShowsAnAnswerOfFalseWithANoteAndItsOwnExitCode) {
  const Finished updated = Run({"update", kId, "--name", "x"});
  EXPECT_EQ(updated.code, 4);
  EXPECT_EQ(updated.out, "updated: false\n");
  EXPECT_THAT(updated.err, HasSubstr("belongs to another user, has expired"));
  const Finished deleted = Run({"delete", kId, "--yes", "--output", "json"});
  EXPECT_EQ(deleted.code, 4);
  EXPECT_THAT(deleted.out, HasSubstr("\"response\": false"));
  EXPECT_THAT(deleted.err, HasSubstr("nothing was deleted"));
}

TEST_F(RunTest, DeletesWithoutAskingOnlyIfToldTo) {
  v1::DeleteApiKeyResponse deleted;
  deleted.set_deleted(true);
  gateway_.Answer(deleted);
  const Finished refused = Run({"delete", kId});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--yes"));
  EXPECT_THAT(gateway_.calls(), IsEmpty());
  const Finished finished = Run({"delete", kId, "--yes"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_EQ(finished.out, "deleted: true\n");
  EXPECT_EQ(gateway_.calls().size(), 1U);
}

TEST_F(RunTest, AsksBeforeItDeletesOnATerminal) {
  v1::DeleteApiKeyResponse deleted;
  deleted.set_deleted(true);
  gateway_.Answer(deleted);
  terminal_ = true;
  variables_["NO_COLOR"] = "1";
  for (const char* answer : {"", "\n", "n\n", "yup\n"}) {
    input_ = answer;
    const Finished finished = Run({"delete", kId});
    EXPECT_EQ(finished.code, 1);
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, HasSubstr("nothing was deleted"));
  }
  EXPECT_THAT(gateway_.calls(), IsEmpty());
  for (const char* answer : {"y\n", "Y\n", "yes\n"}) {
    input_ = answer;
    const Finished finished = Run({"delete", kId});
    EXPECT_EQ(finished.code, 0);
    EXPECT_THAT(finished.err, HasSubstr(kId));
  }
  EXPECT_EQ(gateway_.calls().size(), 3U);
}

struct FailureRow {
  StatusCode code;
  const char* reason;
  int exit;
};

TEST_F(RunTest, EndsByKindOfFailureWithNothingOnStdout) {
  const FailureRow kRows[] = {
      {StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED", 3},
      {StatusCode::PERMISSION_DENIED, "ACCESS_DENIED", 4},
      {StatusCode::NOT_FOUND, "KEY_NOT_FOUND", 5},
      {StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", 6},
      {StatusCode::FAILED_PRECONDITION, "PAYMENT_REQUIRED", 6},
      {StatusCode::RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE", 7},
      {StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", 9},
      {StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN", 9},
      {StatusCode::INTERNAL, "UPSTREAM_ERROR", 1},
  };
  for (const FailureRow& row : kRows) {
    for (const char* format : {"table", "json"}) {
      gateway_.FailNext(StatusOf(GatewayError(row.code, row.reason, "It failed.")), "r-1");
      const Finished finished = Run({"update", kId, "--activate", "--output", format});
      EXPECT_EQ(finished.code, row.exit) << row.reason;
      EXPECT_EQ(finished.out, "");
      EXPECT_THAT(finished.err, HasSubstr("error: It failed.\n"));
      EXPECT_THAT(finished.err, HasSubstr(row.reason));
      EXPECT_THAT(finished.err, HasSubstr("r-1"));
    }
  }
}

TEST_F(RunTest, RetriesWithinItsTimeoutAndThenSaysUnavailable) {
  for (int i = 0; i < 4; ++i) {
    gateway_.FailNext(StatusOf(GatewayError(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", "")));
  }
  EXPECT_EQ(Run({"list"}).code, 8);
  EXPECT_EQ(gateway_.calls().size(), 4U);
  EXPECT_EQ(time_.sleeps.size(), 3U);
}

TEST_F(RunTest, SendsAChangeOnceAndSaysThatItWasNotMade) {
  gateway_.FailNext(StatusOf(GatewayError(StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE", "")));
  EXPECT_EQ(Run({"create", "--name", "CI", "--permission", "files:read"}).code, 8);
  EXPECT_EQ(gateway_.calls().size(), 1U);
}

TEST_F(RunTest, HoldsTheTimeout) {
  gateway_.StallNext();
  EXPECT_EQ(Run({"list", "--timeout", "0.05"}).code, 8);
}

TEST_F(RunTest, CallsNobodyWhenItIsUsedWrongly) {
  EXPECT_EQ(Run({}).code, 2);
  EXPECT_EQ(Run({"update", kId}).code, 2);
  EXPECT_EQ(Run({"list", "--api-key", kCredential}).code, 2);
  variables_["DOCSPACE_BASIC"] = "me:planted";
  const Finished finished = Run({"list"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(finished.err, HasSubstr("usage error: more than one credential: DOCSPACE_API_KEY, "
                                      "DOCSPACE_BASIC"));
  variables_.clear();
  EXPECT_EQ(Run({"list"}).code, 2);
  EXPECT_THAT(gateway_.calls(), IsEmpty());
}

TEST_F(RunTest, HelpsOnStdoutWithoutACredential) {
  variables_.clear();
  const Finished finished = Run({"create", "--help"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_THAT(finished.out, HasSubstr("Examples:"));
  EXPECT_EQ(finished.err, "");
}

}  // namespace
}  // namespace docspace::apikeys::cli
