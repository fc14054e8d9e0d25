#include "client/cli/command_line.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/usage_error.h"
#include "tests/client/cpp/message_text.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::apikeys::cli {
namespace {

using gateway::testkit::TemporaryFile;

using Arguments = std::vector<std::string>;

std::string_view NoVariables(const char* /*name*/) { return ""; }

CommandLine Parse(Arguments arguments) {
  arguments.insert(arguments.begin(), {"--target", "localhost:1"});
  return std::get<CommandLine>(ParseCommandLine(arguments, &NoVariables));
}

std::string RequestText(const Arguments& arguments) {
  return std::visit([](const auto& request) { return MessageText(request); },
                    Parse(arguments).request);
}

std::string Refusal(const Arguments& arguments) {
  try {
    Parse(arguments);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "taken";
}

const CommandDescription& Find(const std::vector<CommandDescription>& all, std::string_view name) {
  return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
}

const OptionDescription& Find(const std::vector<OptionDescription>& all, std::string_view name) {
  return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
}

TEST(DescribeCommandLine, HasCommandsOptionsValuesAndChoices) {
  const CommandDescription tool = DescribeCommandLine();
  EXPECT_EQ(tool.name, "docspace-keys");
  EXPECT_EQ(tool.commands.size(), 7U);
  const OptionDescription& output = Find(tool.options, "--output");
  EXPECT_EQ(output.value_name, "FORMAT");
  EXPECT_EQ(output.choices, (std::vector<std::string>{"table", "json"}));
  EXPECT_EQ(output.default_value, "table");
  EXPECT_EQ(output.help, "table or json");
  EXPECT_EQ(Find(tool.options, "--tls").value_name, "");
  EXPECT_EQ(Find(tool.options, "--target").value_name, "HOST:PORT");
  EXPECT_EQ(Find(tool.options, "--credential-fd").value_name, "N");
  EXPECT_EQ(Find(tool.options, "--credential-fd").choices, std::vector<std::string>());
  const CommandDescription& update = Find(tool.commands, "update");
  EXPECT_TRUE(Find(update.options, "--permission").is_repeatable);
  EXPECT_FALSE(Find(update.options, "--name").is_repeatable);
  EXPECT_EQ(Find(update.options, "KEY_ID").help, "The key's id: a GUID, as list shows it");
  EXPECT_NE(update.more.find("docspace-keys update"), std::string::npos);
}

TEST(ParseCommandLine, PrintsTheVersion) {
  EXPECT_THAT(std::get<Help>(ParseCommandLine({"--version"}, &NoVariables)).text,
              testing::MatchesRegex("[0-9]+[.][0-9]+[.][0-9]+\n"));
}

struct RequestRow {
  Arguments arguments;
  std::string request;
};

TEST(ParseCommandLine, TurnsACommandIntoItsRequest) {
  const RequestRow kRows[] = {
      {{"create", "--name", "CI"}, "name: \"CI\""},
      {{"create", "--name=CI", "--permission", "files:read", "--permission=rooms:read",
        "--expires-in-days", "0"},
       "name: \"CI\" permissions: \"files:read\" permissions: \"rooms:read\" expires_in_days: 0"},
      {{"create", "--name", "CI", "--all-permissions"}, "name: \"CI\" permissions: \"*\""},
      {{"list"}, ""},
      {{"list", "--fields", "id,name"}, "fields: \"id,name\""},
      {{"self", "--fields", ""}, "fields: \"\""},
      {{"update", "ID", "--name", "New"}, "key_id: \"ID\" name: \"New\""},
      {{"update", "--activate", "ID"}, "key_id: \"ID\" is_active: true"},
      {{"update", "ID", "--deactivate"}, "key_id: \"ID\" is_active: false"},
      {{"update", "ID", "--all-permissions"}, "key_id: \"ID\" permissions: \"*\""},
      {{"update", "--permission", "a:b", "ID"}, "key_id: \"ID\" permissions: \"a:b\""},
      {{"delete", "ID"}, "key_id: \"ID\""},
      {{"permissions"}, ""},
  };
  for (const RequestRow& row : kRows) EXPECT_EQ(RequestText(row.arguments), row.request);
}

struct RefusalRow {
  Arguments arguments;
  std::string names;
};

TEST(ParseCommandLine, NamesWhatIsWrong) {
  const RefusalRow kRows[] = {
      {{}, "create, list, self, update, delete"},
      {{"lst"}, "create, list, self, update, delete"},
      {{"list", "self"}, "unexpected argument"},
      {{"create"}, "--name"},
      {{"create", "--name", "a", "--expires-in-days", "soon"}, "--expires-in-days"},
      {{"create", "--name", "a", "--expires-in-days", "99999999999"}, "--expires-in-days"},
      {{"create", "--name", "a\xff"}, "UTF-8"},
      {{"create", "--name", "a", "--permission", "b", "--all-permissions"}, "--all-permissions"},
      {{"list", "--name", "a"}, "--name"},
      {{"update"}, "KEY_ID"},
      {{"update", "ID"}, "nothing to change"},
      {{"update", "ID", "--name", ""}, "--name"},
      {{"update", "ID", "--activate", "--deactivate"}, "--deactivate"},
      {{"update", "ID", "--all-permissions", "--permission", "a"}, "--all-permissions"},
      {{"delete"}, "KEY_ID"},
      {{"list", "--output", "xml"}, "--output"},
      {{"list", "--timeout", "0"}, "--timeout"},
      {{"list", "--timeout", "-1"}, "--timeout"},
      {{"list", "--timeout", "nan"}, "--timeout"},
      {{"list", "--timeout", "inf"}, "--timeout"},
      {{"list", "--timeout", "86401"}, "--timeout"},
      {{"list", "--tls", "--plaintext"}, "--tls"},
      {{"list", "--target", "https://gateway.example"}, "--target"},
      {{"list", "--target", "http://127.0.0.1:50051", "--plaintext"}, "--target"},
      {{"list", "--target", "gateway.example:443/"}, "--target"},
      {{"list", "--allow-remote-plaintext"}, "--plaintext"},
      {{"list", "--ca-file", "/nowhere", "--plaintext"}, "--ca-file"},
      {{"list", "--ca-file", "/nowhere"}, "--ca-file"},
      {{"list", "--certificate-file", "/dev/null"}, "--private-key-file"},
      {{"list", "--private-key-file", "/dev/null"}, "--certificate-file"},
      {{"list", "--certificate-file", "/nowhere", "--private-key-file", "/nowhere"},
       "--certificate-file"},
      {{"list", "--certificate-file", "a", "--private-key-file", "b", "--plaintext"},
       "--plaintext"},
      {{"list", "--credential-fd", "-1"}, "--credential-fd"},
      {{"list", "--credential-scheme", "digest"}, "--credential-scheme"},
  };
  for (const RefusalRow& row : kRows) {
    const std::string refusal = Refusal(row.arguments);
    EXPECT_NE(refusal.find(row.names), std::string::npos) << refusal;
  }
}

TEST(ParseCommandLine, NeverRepeatsWhatMayBeACredential) {
  const Arguments kRows[] = {
      {"list", "--api-key", "sk-planted"},
      {"list", "--api-key=sk-planted"},
      {"list", "sk-planted"},
      {"--token", "sk-planted", "list"},
      {"delete", "sk-planted"},
      {"update", "sk-planted", "--activate"},
      {"list", "-psk-planted"},
      {"list", "--sk-planted0123456789abcdef"},
      {"create", "--name", "CI", "me:sk-planted"},
      {"sk-planted"},
      {"list", "--output", "sk-planted"},
      {"list", "--output=--sk-planted"},
      {"list", "--timeout", "sk-planted"},
      {"list", "--credential-fd", "sk-planted"},
      {"list", "--credential-scheme", "sk-planted"},
      {"list", "--ca-file", "sk-planted"},
      {"list", "--certificate-file", "sk-planted", "--private-key-file", "sk-planted"},
      {"create", "--name", "CI", "--expires-in-days", "sk-planted"},
      {"list", "--plaintext=sk-planted"},
      {"list", "--target", "https://me:sk-planted@gateway.example"},
  };
  for (const Arguments& arguments : kRows) {
    const std::string refusal = Refusal(arguments);
    EXPECT_NE(refusal, "taken");
    EXPECT_EQ(refusal.find("planted"), std::string::npos) << refusal;
  }
}

TEST(ParseCommandLine, TakesSharedOptionsBeforeAndAfterTheCommand) {
  EXPECT_EQ(Parse({"--output", "json", "list"}).output, OutputFormat::kJson);
  EXPECT_EQ(Parse({"list", "--output", "json"}).output, OutputFormat::kJson);
  EXPECT_EQ(Parse({"list"}).output, OutputFormat::kTable);
}

TEST(ParseCommandLine, EncryptsUnlessToldOtherwise) {
  const TemporaryFile authorities("PEM");
  EXPECT_TRUE(std::get<Tls>(Parse({"list"}).transport).ca_pem.empty());
  EXPECT_TRUE(std::holds_alternative<Tls>(Parse({"list", "--tls"}).transport));
  EXPECT_EQ(std::get<Tls>(Parse({"list", "--ca-file", authorities.path()}).transport).ca_pem,
            "PEM");
  EXPECT_TRUE(std::holds_alternative<Plaintext>(Parse({"list", "--plaintext"}).transport));
}

TEST(ParseCommandLine, RefusesPlaintextToAnotherMachineUnlessItIsAllowed) {
  const Arguments kRemote = {"list", "--target", "gateway.example:1", "--plaintext"};
  EXPECT_THROW(ParseCommandLine(kRemote, &NoVariables), UsageError);
  Arguments allowed = kRemote;
  allowed.emplace_back("--allow-remote-plaintext");
  const auto line = std::get<CommandLine>(ParseCommandLine(allowed, &NoVariables));
  EXPECT_TRUE(std::get<Plaintext>(line.transport).allow_remote_plaintext);
}

TEST(ParseCommandLine, FindsTheProxyThatLeadsToTheTarget) {
  const Variables variables = [](const char* name) {
    if (std::string_view(name) == "https_proxy") return std::string_view("http://proxy:3128");
    return std::string_view(std::string_view(name) == "NO_PROXY" ? "near.example" : "");
  };
  const auto proxy = [&](const char* target) {
    return std::get<CommandLine>(ParseCommandLine({"list", "--target", target}, variables)).proxy;
  };
  EXPECT_EQ(proxy("far.example:1")->uri.Reveal(), "http://proxy:3128");
  EXPECT_FALSE(proxy("near.example:1").has_value());
}

TEST(ParseCommandLine, ReadsTheCertificateToShow) {
  const TemporaryFile certificate("CHAIN");
  const TemporaryFile key("KEY");
  const auto tls = std::get<Tls>(
      Parse({"list", "--certificate-file", certificate.path(), "--private-key-file", key.path()})
          .transport);
  EXPECT_EQ(tls.certificate_pem, "CHAIN");
  EXPECT_EQ(tls.private_key_pem.Reveal(), "KEY");
}

TEST(ParseCommandLine, TakesTimeoutsInSeconds) {
  EXPECT_EQ(Parse({"list"}).portal, "");
  EXPECT_EQ(Parse({"list", "--portal", "acme"}).portal, "acme");
  EXPECT_EQ(Parse({"list"}).timeout, std::chrono::seconds(30));
  EXPECT_EQ(Parse({"list", "--timeout", "0.5"}).timeout, std::chrono::milliseconds(500));
}

TEST(ParseCommandLine, TakesTheTargetOfTheEnvironmentWhereNoneIsGiven) {
  const Variables variables = [](const char* name) {
    return std::string_view(name) == "DOCSPACE_KEYS_TARGET" ? std::string_view("from-env:1") : "";
  };
  EXPECT_EQ(std::get<CommandLine>(ParseCommandLine({"list"}, variables)).target, "from-env:1");
  EXPECT_EQ(
      std::get<CommandLine>(ParseCommandLine({"list", "--target", "given:1"}, variables)).target,
      "given:1");
  EXPECT_THROW(ParseCommandLine({"list"}, &NoVariables), UsageError);
}

TEST(ParseCommandLine, HelpsWithEveryCommand) {
  for (const char* command : {"create", "list", "self", "update", "delete", "permissions"}) {
    const auto parsed = ParseCommandLine({command, "--help"}, &NoVariables);
    const std::string& help = std::get<Help>(parsed).text;
    EXPECT_NE(help.find("Examples:\n"), std::string::npos) << command;
    EXPECT_NE(help.find(std::string("docspace-keys ") + command), std::string::npos) << command;
  }
}

TEST(ParseCommandLine, HelpsWithSettingsAndExitCodes) {
  const auto parsed = ParseCommandLine({"--help"}, &NoVariables);
  const std::string& help = std::get<Help>(parsed).text;
  for (const char* text : {"--target",
                           "DOCSPACE_KEYS_TARGET",
                           "--tls",
                           "--ca-file",
                           "--certificate-file",
                           "--private-key-file",
                           "--plaintext",
                           "--allow-remote-plaintext",
                           "--portal",
                           "--timeout",
                           "--output",
                           "--credential-file",
                           "--credential-fd",
                           "--credential-scheme",
                           "DOCSPACE_API_KEY",
                           "DOCSPACE_BEARER_TOKEN",
                           "DOCSPACE_BASIC",
                           "DOCSPACE_SESSION_TOKEN",
                           "  0  done",
                           "  9  a change may have been made"}) {
    EXPECT_NE(help.find(text), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace docspace::apikeys::cli
