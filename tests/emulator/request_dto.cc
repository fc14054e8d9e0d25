#include "tests/emulator/request_dto.h"

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/emulator/portal_exception.h"
#include "tests/emulator/utf8.h"

namespace docspace::emulator {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaximumNameLength = 30;

[[noreturn]] void Fail(const std::string& member, const std::string& message) {
  throw ValidationException(ValidationErrors{{member, {message}}});
}

[[noreturn]] void FailToConvert(const std::string& path, const std::string& type) {
  Fail(path, "The JSON value could not be converted to " + type + ". Path: " + path +
                 " | LineNumber: 0 | BytePositionInLine: 0.");
}

// Parses an object. `parameter` is the name of the body in the error for an empty body.
json::object ParseObject(std::string_view body, const std::string& type,
                         const std::string& parameter) {
  if (body.empty()) Fail(parameter, "A non-empty request body is required.");
  boost::system::error_code error;
  json::value value = json::parse(body, error);
  if (error) {
    Fail("$", "The JSON value is invalid. Path: $ | LineNumber: 0 | BytePositionInLine: 0.");
  }
  if (!value.is_object()) FailToConvert("$", type);
  return std::move(value.get_object());
}

// Returns null if the member is absent or null.
const json::value* Member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_null() ? nullptr : value;
}

std::optional<std::string> StringMember(const json::object& object, std::string_view name) {
  const json::value* value = Member(object, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) FailToConvert("$." + std::string(name), "System.String");
  return std::string(value->get_string());
}

std::optional<bool> BoolMember(const json::object& object, std::string_view name) {
  const json::value* value = Member(object, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) {
    FailToConvert("$." + std::string(name), "System.Nullable`1[System.Boolean]");
  }
  return value->get_bool();
}

std::optional<std::int32_t> Int32Member(const json::object& object, std::string_view name) {
  const json::value* value = Member(object, name);
  if (value == nullptr) return std::nullopt;
  using Limits = std::numeric_limits<std::int32_t>;
  if (!value->is_int64() || value->get_int64() < Limits::min() ||
      value->get_int64() > Limits::max()) {
    FailToConvert("$." + std::string(name), "System.Nullable`1[System.Int32]");
  }
  return static_cast<std::int32_t>(value->get_int64());
}

std::optional<std::vector<std::string>> StringsMember(const json::object& object,
                                                      std::string_view name) {
  const json::value* value = Member(object, name);
  if (value == nullptr) return std::nullopt;
  const std::string path = "$." + std::string(name);
  if (!value->is_array()) {
    FailToConvert(path, "System.Collections.Generic.List`1[System.String]");
  }
  std::vector<std::string> strings;
  for (const json::value& element : value->get_array()) {
    if (!element.is_string()) {
      FailToConvert(path + "[" + std::to_string(strings.size()) + "]", "System.String");
    }
    strings.emplace_back(element.get_string());
  }
  return strings;
}

// Returns the same as .NET's Char.IsWhiteSpace.
bool IsWhiteSpace(char32_t character) {
  constexpr char32_t kOthers[] = {U'\x20',   U'\x85',   U'\xA0',   U'\x1680', U'\x2028',
                                  U'\x2029', U'\x202F', U'\x205F', U'\x3000'};
  return (character >= U'\x9' && character <= U'\xD') ||
         (character >= U'\x2000' && character <= U'\x200A') ||
         std::find(std::begin(kOthers), std::end(kOthers), character) != std::end(kOthers);
}

bool IsBlank(std::string_view utf8) {
  bool is_blank = true;
  ForEachCharacter(utf8, [&](char32_t character, std::string_view) {
    is_blank = is_blank && IsWhiteSpace(character);
  });
  return is_blank;
}

}  // namespace

std::size_t Utf16Length(std::string_view utf8) {
  std::size_t length = 0;
  // A character beyond U+FFFF is a surrogate pair.
  ForEachCharacter(
      utf8, [&](char32_t character, std::string_view) { length += character > 0xFFFF ? 2 : 1; });
  return length;
}

NewApiKey ParseNewApiKey(std::string_view body) {
  const std::string type = "ASC.People.ApiModels.RequestDto.CreateApiKeyRequestDto";
  const json::object object = ParseObject(body, type, "");
  if (!object.contains("name")) {
    Fail("$", "JSON deserialization for type '" + type +
                  "' was missing required properties including: 'name'.");
  }
  NewApiKey request{.name = StringMember(object, "name").value_or(""),
                    .permissions = StringsMember(object, "permissions"),
                    .expires_in_days = Int32Member(object, "expiresInDays")};

  ValidationErrors errors;
  if (IsBlank(request.name)) errors["Name"].emplace_back("The Name field is required.");
  if (Utf16Length(request.name) > kMaximumNameLength) {
    errors["Name"].emplace_back("Incorrect name. Length must be less than 30");
  }
  if (request.expires_in_days && (*request.expires_in_days < 1 || *request.expires_in_days > 365)) {
    errors["ExpiresInDays"].emplace_back(
        "Incorrect number of days. Value must be between 1 and 365");
  }
  if (!errors.empty()) throw ValidationException(std::move(errors));
  return request;
}

ApiKeyChange ParseApiKeyChange(std::string_view body) {
  const json::object object =
      ParseObject(body, "ASC.People.ApiModels.RequestDto.UpdateApiKeyRequest", "Changed");
  ApiKeyChange change{.name = StringMember(object, "name"),
                      .permissions = StringsMember(object, "permissions"),
                      .is_active = BoolMember(object, "isActive")};
  if (change.name && Utf16Length(*change.name) > kMaximumNameLength) {
    Fail("Changed.Name", "Incorrect name. Length must be less than 30");
  }
  return change;
}

}  // namespace docspace::emulator
