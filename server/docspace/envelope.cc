#include "server/docspace/envelope.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <utility>

#include "server/rapidjson.h"

namespace docspace::gateway {
namespace {

// What says why is at the front; a stack trace behind it may be long.
constexpr std::size_t kMaxRead = std::size_t{256} * 1024;
constexpr std::size_t kMaxMessage = 512;
constexpr std::size_t kMaxDescription = 256;
constexpr std::size_t kMaxViolations = 16;

// Valid UTF-8 of at most `size` octets, each control character a space; empty where `text` is not
// UTF-8.
std::string Clean(std::string_view text, std::size_t size) {
  std::string clean;
  rapidjson::MemoryStream stream(text.data(), text.size());
  while (stream.Tell() < text.size()) {
    const std::size_t begin = stream.Tell();
    unsigned code_point = 0;
    if (!rapidjson::UTF8<>::Decode(stream, &code_point) || stream.Tell() > text.size()) return "";
    const bool is_control = code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
    const std::string_view character = is_control ? " " : text.substr(begin, stream.Tell() - begin);
    if (clean.size() + character.size() > size) break;
    clean.append(character);
  }
  const std::size_t first = clean.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return clean.substr(first, clean.find_last_not_of(' ') - first + 1);
}

// `Name`, `$.name`, `Permissions[0]` → as in the proto.
std::string FieldOf(std::string_view member, std::string_view description) {
  if (member == "$" && description.find("'name'") != std::string_view::npos) return "name";
  if (member.starts_with("$.")) member.remove_prefix(2);
  member = member.substr(0, member.find_first_of(".["));
  std::string name(member);
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kFields = {{
      {"name", "name"},
      {"permissions", "permissions"},
      {"expiresindays", "expires_in_days"},
      {"isactive", "is_active"},
      {"keyid", "key_id"},
  }};
  for (const auto& [rest, proto] : kFields) {
    if (rest == name) return std::string(proto);
  }
  return "";
}

// Collects what is at the places that the contract names, wherever else the JSON goes.
class Handler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler> {
 public:
  explicit Handler(PortalError& error) : error_(error) {}

  bool StartObject() { return Descend(); }
  bool EndObject(rapidjson::SizeType) { return Ascend(); }
  bool StartArray() { return Descend(); }
  bool EndArray(rapidjson::SizeType) { return Ascend(); }

  bool Key(const char* characters, rapidjson::SizeType length, bool) {
    if (depth_ <= kPathDepth) path_[depth_ - 1] = std::string_view(characters, length);
    return true;
  }

  bool String(const char* characters, rapidjson::SizeType length, bool) {
    const std::string_view value(characters, length);
    using Form = PortalError::Form;
    if (depth_ == 0) {
      Take(Form::kText, value);
    } else if (depth_ == 2 && path_[0] == "error" && path_[1] == "message") {
      Take(Form::kErrorJson, value);
    } else if (depth_ == 2 && path_[0] == "error" && path_[1] == "type") {
      error_.form = Form::kErrorJson;
      error_.type = Clean(value, kMaxDescription);
    } else if (depth_ == 3 && path_[0] == "errors") {
      Violation(path_[1], value);
    } else if (depth_ == 4 && path_[0] == "response" && path_[1] == "errors") {
      Violation(path_[2], value);
    } else if (depth_ == 1 && path_[0] == "title" && error_.form == Form::kUnknown) {
      Take(Form::kProblemJson, value);
    }
    return true;
  }

 private:
  static constexpr std::size_t kPathDepth = 4;

  bool Descend() { return ++depth_ <= kMaxJsonDepth; }
  bool Ascend() {
    --depth_;
    return true;
  }

  void Take(PortalError::Form form, std::string_view message) {
    error_.form = form;
    error_.message = Clean(message, kMaxMessage);
  }

  void Violation(std::string_view member, std::string_view description) {
    error_.form = PortalError::Form::kValidationJson;
    if (error_.violations.size() == kMaxViolations) return;
    error_.violations.push_back(
        {FieldOf(member, description), Clean(description, kMaxDescription)});
  }

  PortalError& error_;
  std::size_t depth_ = 0;
  // The member names that lead to where the parser is; one that is inside an array keeps the
  // array's.
  std::array<std::string_view, kPathDepth> path_;
};

}  // namespace

PortalError ReadPortalError(std::string_view body) {
  PortalError error;
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return error;
  error.form = PortalError::Form::kUnknown;
  if (body[first] == '<') {
    error.form = PortalError::Form::kHtml;
    return error;
  }

  std::string octets(body.substr(0, kMaxRead));
  Handler handler(error);
  rapidjson::Reader reader;
  rapidjson::InsituStringStream stream(octets.data());
  reader.Parse<kParseFlags>(stream, handler);
  // Violations say more than the title that comes with them.
  if (!error.violations.empty()) error.message = error.violations.front().description;

  const bool looks_like_json = std::string_view("{[\"").find(body[first]) != std::string_view::npos;
  if (error.form == PortalError::Form::kUnknown && !looks_like_json) {
    error.message = Clean(body.substr(first), kMaxMessage);
    if (!error.message.empty()) error.form = PortalError::Form::kText;
  }
  return error;
}

}  // namespace docspace::gateway
