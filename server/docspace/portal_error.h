// Parses the bodies of the portal's error responses, by docs/portal-api.md#failures.
#ifndef SERVER_DOCSPACE_PORTAL_ERROR_H_
#define SERVER_DOCSPACE_PORTAL_ERROR_H_

#include <string>
#include <string_view>
#include <vector>

namespace docspace::gateway {

struct FieldViolation {
  // As in the proto: `expires_in_days`. Empty where the portal names no member of the request.
  std::string field;
  std::string description;
};

struct PortalError {
  enum class Form { kEmpty, kErrorJson, kValidationJson, kProblemJson, kText, kHtml, kUnknown };
  Form form = Form::kEmpty;
  // Fit for a caller: valid UTF-8 without control, bidirectional or invisible characters, at most
  // 512 bytes, never markup, a stack or JSON of an unknown shape. May be empty.
  std::string message;
  // The exception's type name: `System.Security.SecurityException`. May be empty.
  std::string type;
  std::vector<FieldViolation> violations;
  // The HTTP status as the body repeats it: `statusCode` of error JSON, `status` of problem JSON. 0
  // if it does not.
  int status = 0;
  // Whether error JSON has the members by which a portal's can be told from another server's
  // `{"error": {…}}`: `message`, and `type` or `hresult`.
  bool is_portals_own = false;
};

// Reads any body at all, bounded in depth and output; never fails.
PortalError ReadPortalError(std::string_view body);

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_PORTAL_ERROR_H_
