#include "client/cli/commands.h"

#include <google/protobuf/util/json_util.h>

#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client/cli/error_report.h"
#include "client/cli/json_print_defaults.h"
#include "client/cli/key_table.h"
#include "client/cli/secret_file.h"
#include "client/cli/table.h"
#include "client/cli/terminal_text.h"
#include "client/cli/usage_error.h"
#include "client/cpp/take_secret.h"

namespace docspace::apikeys::cli {
namespace {

void PrintKeyRows(const std::vector<Row>& rows, Console& console) {
  if (rows.empty()) {
    console.err << "note: the table has no column for these fields; use --output json\n";
  }
  PrintTable(rows, console.ColoursOut(), console.out);
}

// Overloads that print a response as a table.

void Show(const v1::CreateApiKeyRequest&, const v1::CreateApiKeyResponse& response,
          Console& console) {
  PrintTable(KeyCard(response.api_key(), ""), console.ColoursOut(), console.out);
}

void Show(const v1::GetApiKeyRequest& request, const v1::GetApiKeyResponse& response,
          Console& console) {
  PrintKeyRows(KeyCard(response.api_key(), request.fields()), console);
}

void Show(const v1::GetApiKeysRequest& request, const v1::GetApiKeysResponse& response,
          Console& console) {
  PrintKeyRows(KeyTable(response.api_keys(), request.fields()), console);
  if (response.api_keys().empty()) console.err << "note: there are no keys\n";
}

void Show(const v1::GetAllPermissionsRequest&, const v1::GetAllPermissionsResponse& response,
          Console& console) {
  for (const std::string& permission : response.permissions()) {
    console.out << Escape(permission) << '\n';
  }
}

void ShowAnswer(std::string_view what, bool answer, Console& console) {
  console.out << what << ": "
              << Paint(answer ? "true" : "false", answer ? Emphasis::kGood : Emphasis::kBad,
                       console.ColoursOut())
              << '\n';
}

void Show(const v1::UpdateApiKeyRequest&, const v1::UpdateApiKeyResponse& response,
          Console& console) {
  ShowAnswer("updated", response.updated(), console);
}

void Show(const v1::DeleteApiKeyRequest&, const v1::DeleteApiKeyResponse& response,
          Console& console) {
  ShowAnswer("deleted", response.deleted(), console);
}

// Overloads that add what a response does not show by itself, and return the exit code.

ExitCode Conclude(const v1::CreateApiKeyResponse& response, Console& console) {
  if (response.api_key().key().empty()) {
    console.err << "warning: the portal returned no secret\n";
    return ExitCode::kOther;
  }
  return ExitCode::kOk;
}

// Portals up to 3.7 refuse with false; newer ones respond with 403, which ends in the same exit
// code.
ExitCode ConcludeAnswer(bool answer, std::string_view nothing_done, Console& console) {
  if (answer) return ExitCode::kOk;
  console.err << "note: " << nothing_done << '\n';
  return ExitCode::kPermissionDenied;
}

ExitCode Conclude(const v1::UpdateApiKeyResponse& response, Console& console) {
  return ConcludeAnswer(response.updated(),
                        "nothing was changed: the key belongs to another user, has expired, or (on "
                        "portals up to 3.6) does not exist",
                        console);
}

ExitCode Conclude(const v1::DeleteApiKeyResponse& response, Console& console) {
  return ConcludeAnswer(response.deleted(), "nothing was deleted: the key belongs to another user",
                        console);
}

ExitCode Conclude(const google::protobuf::Message&, Console&) { return ExitCode::kOk; }

// Overloads that return a text about the effect of a call whose response cannot be shown.

const char* DoneBy(const v1::UpdateApiKeyResponse& response) {
  return response.updated() ? "; the key was changed" : "; nothing was changed";
}

const char* DoneBy(const v1::DeleteApiKeyResponse& response) {
  return response.deleted() ? "; the key was deleted" : "; nothing was deleted";
}

const char* DoneBy(const google::protobuf::Message&) { return ""; }

bool PrintJson(const google::protobuf::Message& message, Console& console) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  // "response": false is a result, and must not be left out as a default.
  PrintDefaults(options);
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return false;
  console.out << EscapeJson(json);
  return true;
}

// Returns whether all of the response is written.
template <typename RequestType, typename Response>
bool Print(const RequestType& request, const Response& response, const CommandLine& line,
           Console& console) {
  if (line.output == OutputFormat::kTable) {
    Show(request, response, console);
  } else if (!PrintJson(response, console)) {
    return false;
  }
  return console.out.flush().good();
}

ExitCode Fail(const ApiKeysError& error, Access access, const CommandLine& line, Console& console) {
  ReportError(error, access, line.proxy ? line.proxy->description : "", console.ColoursErr(),
              console.err);
  return ExitCodeOf(error, access);
}

template <typename RequestType, typename Response>
ExitCode Finish(Access access, const RequestType& request, const Result<Response>& response,
                const CommandLine& line, Console& console) {
  if (!response.ok()) return Fail(response.error(), access, line, console);
  if (!Print(request, *response, line, console)) {
    console.err << "error: the answer could not be written" << DoneBy(*response) << '\n';
    return ExitCode::kOther;
  }
  return Conclude(*response, console);
}

bool Confirm(const std::string& question, const char* instead, Console& console) {
  if (!console.in_is_terminal) throw UsageError(instead);
  console.err << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(console.in, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

ExitCode Create(v1::CreateApiKeyRequest request, const CommandLine& line, const Client& client,
                Console& console) {
  if (request.permissions().empty()) {
    if (!Confirm("Without --permission the key has all rights of its owner. Create it?",
                 "create needs --permission, or --all-permissions for a key that may do whatever "
                 "its owner may",
                 console)) {
      console.err << "nothing was created\n";
      return ExitCode::kOther;
    }
    request.add_permissions("*");
  }
  std::optional<SecretFile> file;
  if (!line.secret_file.empty()) file.emplace(line.secret_file);
  // If the reader of a pipe has ended, the write fails instead, and the tool still prints the key's
  // id.
  std::signal(SIGPIPE, SIG_IGN);
  auto result = client.CreateApiKey(request);
  if (!result.ok()) return Fail(result.error(), Access::kWrite, line, console);
  v1::CreateApiKeyResponse response = *std::move(result);
  bool is_secret_kept = true;
  if (file) {
    const Secret secret = TakeSecret(response);
    is_secret_kept = secret.Reveal().empty() || file->Write(secret);
  }
  const bool is_printed = Print(request, response, line, console);
  if (is_printed && is_secret_kept) {
    const ExitCode code = Conclude(response, console);
    if (code == ExitCode::kOk && !file) {
      console.err << Paint("warning:", Emphasis::kBad, console.ColoursErr())
                  << " this is the only time the secret is shown; store it now, and safely\n";
    }
    return code;
  }
  const std::string id = Escape(response.api_key().id());
  if (!is_secret_kept) {
    console.err << "error: the secret could not be written, and is lost: delete the key " << id
                << '\n';
  } else {
    console.err << "error: the answer could not be written; the key " << id << " exists, "
                << (file ? "and its secret is in the file of --secret-file"
                         : "but its secret is lost: delete it")
                << '\n';
  }
  return ExitCode::kOther;
}

}  // namespace

ExitCode Execute(const CommandLine& line, const Client& client, Console& console) {
  struct Visitor {
    ExitCode operator()(const v1::CreateApiKeyRequest& request) const {
      return Create(request, line, client, console);
    }
    ExitCode operator()(const v1::GetApiKeysRequest& request) const {
      return Finish(Access::kRead, request, client.GetApiKeys(request), line, console);
    }
    ExitCode operator()(const v1::GetApiKeyRequest& request) const {
      return Finish(Access::kRead, request, client.GetApiKey(request), line, console);
    }
    ExitCode operator()(const v1::UpdateApiKeyRequest& request) const {
      return Finish(Access::kWrite, request, client.UpdateApiKey(request), line, console);
    }
    ExitCode operator()(const v1::DeleteApiKeyRequest& request) const {
      if (!line.confirmed &&
          !Confirm("Delete the key " + Escape(request.key_id()) + " for good?",
                   "delete needs --yes if the input is not a terminal", console)) {
        console.err << "nothing was deleted\n";
        return ExitCode::kOther;
      }
      return Finish(Access::kWrite, request, client.DeleteApiKey(request), line, console);
    }
    ExitCode operator()(const v1::GetAllPermissionsRequest& request) const {
      return Finish(Access::kRead, request, client.GetAllPermissions(request), line, console);
    }

    const CommandLine& line;
    const Client& client;
    Console& console;
  };
  return std::visit(Visitor{line, client, console}, line.request);
}

}  // namespace docspace::apikeys::cli
