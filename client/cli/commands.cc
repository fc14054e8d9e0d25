#include "client/cli/commands.h"

#include <google/protobuf/util/json_util.h>

#include <string>
#include <string_view>

#include "client/cli/error_report.h"
#include "client/cli/key_table.h"
#include "client/cli/table.h"
#include "client/cli/terminal_text.h"
#include "client/cli/usage_error.h"

namespace docspace::apikeys::cli {
namespace {

constexpr std::string_view kNotesOfFalse = "the key belongs to somebody else, or has expired";

void PrintKeyRows(const std::vector<Row>& rows, Console& console) {
  if (rows.empty()) {
    console.err << "note: the table has no column for these fields; use --output json\n";
  }
  PrintTable(rows, console.ColoursOut(), console.out);
}

// How each answer looks in a table.

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

// What an answer means beyond what it shows, and how the tool ends.

ExitCode Conclude(const v1::CreateApiKeyResponse& response, Console& console) {
  if (response.api_key().key().empty()) {
    console.err << "warning: the portal returned no secret\n";
    return ExitCode::kOther;
  }
  console.err << Paint("warning:", Emphasis::kBad, console.ColoursErr())
              << " this is the only time the secret is shown; store it now, and safely\n";
  return ExitCode::kOk;
}

ExitCode ConcludeAnswer(bool answer, std::string_view nothing_done, Console& console) {
  if (answer) return ExitCode::kOk;
  console.err << "note: " << nothing_done << ": " << kNotesOfFalse << '\n';
  return ExitCode::kPermissionDenied;
}

ExitCode Conclude(const v1::UpdateApiKeyResponse& response, Console& console) {
  return ConcludeAnswer(response.updated(), "nothing was changed", console);
}

ExitCode Conclude(const v1::DeleteApiKeyResponse& response, Console& console) {
  return ConcludeAnswer(response.deleted(), "nothing was deleted", console);
}

ExitCode Conclude(const google::protobuf::Message&, Console&) { return ExitCode::kOk; }

bool PrintJson(const google::protobuf::Message& message, Console& console) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  // "response": false is an answer, not a default to leave out.
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) {
    console.err << "error: the gateway's answer cannot be shown as JSON\n";
    return false;
  }
  console.out << json;
  return true;
}

template <typename RequestType, typename Response>
ExitCode Finish(Access access, const RequestType& request, const Result<Response>& response,
                OutputFormat output, Console& console) {
  if (!response.ok()) {
    ReportError(response.error(), access, console.ColoursErr(), console.err);
    return ExitCodeOf(response.error(), access);
  }
  if (output == OutputFormat::kTable) {
    Show(request, *response, console);
  } else if (!PrintJson(*response, console)) {
    return ExitCode::kOther;
  }
  if (!console.out.flush()) {
    console.err << "error: the answer could not be written\n";
    return ExitCode::kOther;
  }
  return Conclude(*response, console);
}

bool Confirm(const std::string& key_id, Console& console) {
  if (!console.in_is_terminal) {
    throw UsageError("delete needs --yes where the input is not a terminal");
  }
  console.err << "Delete the key " << Escape(key_id) << " for good? [y/N] " << std::flush;
  std::string answer;
  std::getline(console.in, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace

ExitCode Execute(const CommandLine& line, const Client& client, Console& console) {
  struct Visitor {
    ExitCode operator()(const v1::CreateApiKeyRequest& request) const {
      return Finish(Access::kWrite, request, client.CreateApiKey(request), output, console);
    }
    ExitCode operator()(const v1::GetApiKeysRequest& request) const {
      return Finish(Access::kRead, request, client.GetApiKeys(request), output, console);
    }
    ExitCode operator()(const v1::GetApiKeyRequest& request) const {
      return Finish(Access::kRead, request, client.GetApiKey(request), output, console);
    }
    ExitCode operator()(const v1::UpdateApiKeyRequest& request) const {
      return Finish(Access::kWrite, request, client.UpdateApiKey(request), output, console);
    }
    ExitCode operator()(const v1::DeleteApiKeyRequest& request) const {
      if (!confirmed && !Confirm(request.key_id(), console)) {
        console.err << "nothing was deleted\n";
        return ExitCode::kOther;
      }
      return Finish(Access::kWrite, request, client.DeleteApiKey(request), output, console);
    }
    ExitCode operator()(const v1::GetAllPermissionsRequest& request) const {
      return Finish(Access::kRead, request, client.GetAllPermissions(request), output, console);
    }

    OutputFormat output;
    bool confirmed;
    const Client& client;
    Console& console;
  };
  return std::visit(Visitor{line.output, line.confirmed, client, console}, line.request);
}

}  // namespace docspace::apikeys::cli
