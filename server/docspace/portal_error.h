// Parses the bodies of the portal's error responses, as docs/portal-api.md#failures describes them.
#ifndef SERVER_DOCSPACE_PORTAL_ERROR_H_
#define SERVER_DOCSPACE_PORTAL_ERROR_H_

#include <string>
#include <string_view>
#include <vector>

namespace docspace::gateway {

struct FieldViolation {
  // The field's name in the proto, such as `expires_in_days`; empty if the portal names no member
  // of the request.
  std::string field;
  std::string description;
};

struct PortalError {
  enum class Form { kEmpty, kErrorJson, kValidationJson, kProblemJson, kText, kHtml, kUnknown };
  Form form = Form::kEmpty;
  // A text that is fit for a caller: valid UTF-8 without control, bidirectional or invisible
  // characters, at most 512 bytes, and never markup, a stack trace or JSON of an unknown shape. May
  // be empty.
  std::string message;
  // The type name of the exception, such as `System.Security.SecurityException`. May be empty.
  std::string type;
  std::vector<FieldViolation> violations;
  // The HTTP status that the body repeats: `statusCode` of error JSON, `status` of problem JSON; 0
  // if there is none.
  int status = 0;
  // True if error JSON has the members that distinguish a portal's from another server's `{"error":
  // {…}}`: `message`, and `type` or `hresult`.
  bool is_portals_own = false;
};

// Parses any body, with limits on depth and output. Never fails.
PortalError ReadPortalError(std::string_view body);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_PORTAL_ERROR_H_
