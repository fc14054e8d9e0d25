#include "server/docspace/portal_error.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "server/base/ascii.h"
#include "server/base/erase.h"
#include "server/base/rapidjson.h"
#include "server/base/utf8.h"

namespace docspace::gateway {
namespace {

// The most bytes that are read. The cause is at the front of a body; a long stack trace may follow
// it.
constexpr std::size_t kMaxRead = std::size_t{256} * 1024;
constexpr std::size_t kMaxMessage = 512;
constexpr std::size_t kMaxDescription = 256;
constexpr std::size_t kMaxViolations = 16;
constexpr std::size_t kMaxType = 128;

bool IsLetter(char c) { return absl::ascii_isalpha(c); }

// Returns whether a tag begins anywhere in `text`.
bool HasMarkup(std::string_view text) {
  constexpr auto kNone = std::string_view::npos;
  for (std::size_t at = text.find('<'); at != kNone; at = text.find('<', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    if (IsLetter(next) || next == '/' || next == '!' || next == '?') return true;
  }
  return false;
}

// Returns the part of `text` that a caller may read: its first line up to a stack trace, without
// invisible characters. Returns an empty text if it is markup or not UTF-8.
std::string SanitizeForCaller(std::string_view text, std::size_t limit) {
  text = StripAsciiWhitespace(text);
  text = text.substr(0, text.find('\n'));
  text = text.substr(0, text.find('\r'));
  if (!IsValidUtf8(text) || HasMarkup(text)) return {};
  const std::string visible = VisibleText(text, limit);
  // Invisible characters may have hidden a tag or a stack trace.
  if (HasMarkup(visible)) return {};
  return std::string(
      StripAsciiWhitespace(std::string_view(visible).substr(0, visible.find("   at "))));
}

// Returns `text` if it is the name of a .NET type, such as `System.Security.SecurityException`.
std::string TypeName(std::string_view text) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '+' || c == '`';
  };
  if (text.size() > kMaxType || !std::ranges::all_of(text, allowed)) return {};
  return std::string(text);
}

// Returns the proto's field for a member in the portal's spelling: `Name`, `Changed.Name` (in a
// PUT), `expiresInDays`, `Permissions[0]`, `$.isActive`. The first part that is a field decides.
std::string_view FieldOf(std::string_view member) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kFields = {{
      {"expiresInDays", "expires_in_days"},
      {"isActive", "is_active"},
      {"keyId", "key_id"},
      {"name", "name"},
      {"permissions", "permissions"},
  }};
  while (!member.empty()) {
    const std::string_view part = member.substr(0, member.find('.'));
    member.remove_prefix(std::min(member.size(), part.size() + 1));
    for (const auto& [rest, field] : kFields) {
      if (EqualsIgnoreCase(part.substr(0, part.find('[')), rest)) return field;
    }
  }
  return {};
}

// Returns the field that the request lacks according to a violation of `$`, the request as a whole.
std::string_view MissingFieldOf(std::string_view description) {
  constexpr std::string_view kIncluding = "missing required properties including: '";
  const std::size_t at = description.find(kIncluding);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = description.substr(at + kIncluding.size());
  return FieldOf(rest.substr(0, rest.find('\'')));
}

class ErrorReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, ErrorReader> {
 public:
  PortalError Take() {
    using Form = PortalError::Form;
    error_.form = in_text_                      ? Form::kText
                  : saw_error_                  ? Form::kErrorJson
                  : !error_.violations.empty()  ? Form::kValidationJson
                  : !detail_.empty() || titled_ ? Form::kProblemJson
                                                : Form::kUnknown;
    if (!detail_.empty()) error_.message = detail_;
    error_.status = error_.form == Form::kErrorJson ? status_code_ : status_;
    error_.is_portals_own = error_.form == Form::kErrorJson && has_message_ && has_cause_;
    // A violation says more than the title that comes with it.
    if (!error_.violations.empty()) error_.message = error_.violations.front().description;
    return std::move(error_);
  }

  bool String(const char* data, rapidjson::SizeType size, bool /*copy*/) {
    const std::string_view text(data, size);
    switch (Top()) {
      case Place::kBody:
        in_text_ = true;
        error_.message = SanitizeForCaller(text, kMaxMessage);
        break;
      case Place::kError:
        if (key_ == "message") {
          has_message_ = true;
          error_.message = SanitizeForCaller(text, kMaxMessage);
        }
        if (key_ == "type") error_.type = TypeName(text);
        break;
      case Place::kRoot:
      case Place::kProblem:
        if (key_ == "title" && !saw_error_) {
          titled_ = true;
          error_.message = SanitizeForCaller(text, kMaxMessage);
        }
        if (key_ == "detail" && !saw_error_) detail_ = SanitizeForCaller(text, kMaxMessage);
        break;
      case Place::kViolations:
        AddViolation(text);
        break;
      case Place::kMembers:
      case Place::kIgnored:
        break;
    }
    return true;
  }

  bool Key(const char* data, rapidjson::SizeType size, bool /*copy*/) {
    key_ = std::string_view(data, size);
    const bool is_cause = key_ == "type" || key_ == "hresult";
    has_cause_ = has_cause_ || (is_cause && Top() == Place::kError);
    return true;
  }

  bool Uint(unsigned value) {
    constexpr unsigned kMaxStatus = 999;
    const bool is_root = Top() == Place::kRoot;
    const int status = static_cast<int>(std::min(value, kMaxStatus));
    if (is_root && key_ == "statusCode") status_code_ = status;
    if ((is_root || Top() == Place::kProblem) && key_ == "status") status_ = status;
    return true;
  }

  bool StartObject() {
    switch (Top()) {
      case Place::kBody:
        return Push(Place::kRoot);
      case Place::kRoot:
        if (key_ == "error") {
          saw_error_ = true;
          detail_.clear();
          return Push(Place::kError);
        }
        if (key_ == "response") return Push(Place::kProblem);
        [[fallthrough]];
      case Place::kProblem:
        return Push(key_ == "errors" ? Place::kMembers : Place::kIgnored);
      default:
        return Push(Place::kIgnored);
    }
  }
  bool EndObject(rapidjson::SizeType) { return Pop(); }

  bool StartArray() {
    return Push(Top() == Place::kMembers ? Place::kViolations : Place::kIgnored);
  }
  bool EndArray(rapidjson::SizeType) { return Pop(); }

 private:
  enum class Place {
    kBody,
    kRoot,        // {"error": …} and problem JSON
    kError,       // {"error": {…}}
    kProblem,     // {"response": {…}}
    kMembers,     // {"errors": {…}}
    kViolations,  // {"errors": {"Name": […]}}
    kIgnored,
  };

  Place Top() const { return stack_[depth_]; }
  bool Push(Place place) {
    if (depth_ == kMaxJsonDepth) return false;
    stack_[++depth_] = place;
    return true;
  }
  bool Pop() {
    --depth_;
    return true;
  }

  void AddViolation(std::string_view text) {
    if (error_.violations.size() == kMaxViolations) return;
    const std::string_view field = key_ == "$" ? MissingFieldOf(text) : FieldOf(key_);
    error_.violations.push_back(
        {.field = std::string(field), .description = SanitizeForCaller(text, kMaxDescription)});
  }

  PortalError error_;
  std::string detail_;
  bool in_text_ = false;
  bool saw_error_ = false;
  bool titled_ = false;
  bool has_message_ = false;
  bool has_cause_ = false;
  int status_ = 0;
  int status_code_ = 0;
  // A part of the body, which is parsed in place.
  std::string_view key_;
  std::array<Place, kMaxJsonDepth + 1> stack_{Place::kBody};
  int depth_ = 0;
};

bool LooksLikeJson(std::string_view text) {
  return text.front() == '{' || text.front() == '[' || text.front() == '"';
}

}  // namespace

PortalError ReadPortalError(std::string_view body) {
  using Form = PortalError::Form;
  PortalError error;
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  body = StripAsciiWhitespace(TruncateUtf8(body, kMaxRead));
  if (body.empty()) return error;
  if (LooksLikeJson(body)) {
    // The body may hold the secret of a key whatever its status, so the copy is erased. Growing
    // would leave another one.
    std::string json;
    json.reserve(body.size() + kJsonPadding);
    json.append(body);
    const absl::Cleanup wipe = [&json] { Erase(json.data(), json.size()); };
    ErrorReader reader;
    // If the body is malformed or cut off, the part before that still gives the cause.
    ParseJson(json, reader);
    return reader.Take();
  }
  error.form = Form::kUnknown;
  if (HasMarkup(body)) {
    error.form = Form::kHtml;
  } else if (body.find('\0') == std::string_view::npos) {
    error.message = SanitizeForCaller(body, kMaxMessage);
    if (!error.message.empty()) error.form = Form::kText;
  }
  return error;
}

}  // namespace docspace::gateway
