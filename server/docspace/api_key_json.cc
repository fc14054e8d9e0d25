#include "server/docspace/api_key_json.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>

#include "server/docspace/date_time.h"
#include "server/rapidjson.h"

namespace docspace::gateway {
namespace {

using apikeys::v1::ApiKey;
using apikeys::v1::CreateApiKeyRequest;
using apikeys::v1::CreateApiKeyResponse;
using apikeys::v1::DeleteApiKeyResponse;
using apikeys::v1::Employee;
using apikeys::v1::GetAllPermissionsResponse;
using apikeys::v1::GetApiKeyResponse;
using apikeys::v1::GetApiKeysResponse;
using apikeys::v1::Link;
using apikeys::v1::UpdateApiKeyRequest;
using apikeys::v1::UpdateApiKeyResponse;
using google::protobuf::Timestamp;
template <class T>
using Repeated = google::protobuf::RepeatedPtrField<T>;

// --- What the contract knows: one table per kind of object. -----------------------------------

struct Member;
using Members = std::span<const Member>;

// A member of a JSON object, and where it goes in the message.
struct Member {
  enum class Type { kString, kBool, kInt32, kDateTime, kObject, kStrings, kObjects };

  std::string_view name;
  Type type;
  // Of these, the one that `type` needs. `add_…` also append to a list.
  std::string* (*add_string)(void* message) = nullptr;
  void (*set_bool)(void* message, bool value) = nullptr;
  void (*set_int32)(void* message, std::int32_t value) = nullptr;
  Timestamp* (*add_time)(void* message) = nullptr;
  void (*clear_time)(void* message) = nullptr;
  void* (*add_object)(void* message) = nullptr;
  Members (*members)() = nullptr;
};

template <class Message>
Members MembersOf();

template <class Message, std::string* (Message::*Mutable)()>
constexpr Member String(std::string_view name) {
  return {.name = name, .type = Member::Type::kString, .add_string = [](void* message) {
            return (static_cast<Message*>(message)->*Mutable)();
          }};
}

template <class Message, void (Message::*Set)(bool)>
constexpr Member Bool(std::string_view name) {
  return {.name = name, .type = Member::Type::kBool, .set_bool = [](void* message, bool value) {
            (static_cast<Message*>(message)->*Set)(value);
          }};
}

template <class Message, void (Message::*Set)(std::int32_t)>
constexpr Member Int32(std::string_view name) {
  return {.name = name,
          .type = Member::Type::kInt32,
          .set_int32 = [](void* message, std::int32_t value) {
            (static_cast<Message*>(message)->*Set)(value);
          }};
}

template <class Message, Timestamp* (Message::*Mutable)(), void (Message::*Clear)()>
constexpr Member Time(std::string_view name) {
  return {.name = name,
          .type = Member::Type::kDateTime,
          .add_time = [](void* message) { return (static_cast<Message*>(message)->*Mutable)(); },
          .clear_time = [](void* message) { (static_cast<Message*>(message)->*Clear)(); }};
}

template <class Message, class Child, Child* (Message::*Mutable)()>
constexpr Member Object(std::string_view name) {
  return {.name = name,
          .type = Member::Type::kObject,
          .add_object = [](void* message) -> void* {
            return (static_cast<Message*>(message)->*Mutable)();
          },
          .members = MembersOf<Child>};
}

template <class Message, Repeated<std::string>* (Message::*Mutable)()>
constexpr Member Strings(std::string_view name) {
  return {.name = name, .type = Member::Type::kStrings, .add_string = [](void* message) {
            return (static_cast<Message*>(message)->*Mutable)()->Add();
          }};
}

template <class Message, class Child, Repeated<Child>* (Message::*Mutable)()>
constexpr Member Objects(std::string_view name) {
  return {.name = name,
          .type = Member::Type::kObjects,
          .add_object = [](void* message) -> void* {
            return (static_cast<Message*>(message)->*Mutable)()->Add();
          },
          .members = MembersOf<Child>};
}

template <>
Members MembersOf<Link>() {
  static constexpr std::array kMembers = {
      String<Link, &Link::mutable_href>("href"),
      String<Link, &Link::mutable_action>("action"),
  };
  return kMembers;
}

template <>
Members MembersOf<Employee>() {
  static constexpr std::array kMembers = {
      String<Employee, &Employee::mutable_id>("id"),
      String<Employee, &Employee::mutable_display_name>("displayName"),
      String<Employee, &Employee::mutable_avatar>("avatar"),
      String<Employee, &Employee::mutable_avatar_original>("avatarOriginal"),
      String<Employee, &Employee::mutable_avatar_max>("avatarMax"),
      String<Employee, &Employee::mutable_avatar_medium>("avatarMedium"),
      String<Employee, &Employee::mutable_avatar_small>("avatarSmall"),
      String<Employee, &Employee::mutable_profile_url>("profileUrl"),
      Bool<Employee, &Employee::set_avatar_is_own>("hasAvatar"),
      Bool<Employee, &Employee::set_is_anonim>("isAnonim"),
  };
  return kMembers;
}

template <>
Members MembersOf<ApiKey>() {
  static constexpr std::array kMembers = {
      String<ApiKey, &ApiKey::mutable_id>("id"),
      String<ApiKey, &ApiKey::mutable_name>("name"),
      String<ApiKey, &ApiKey::mutable_key>("key"),
      String<ApiKey, &ApiKey::mutable_key_postfix>("keyPostfix"),
      Strings<ApiKey, &ApiKey::mutable_permissions>("permissions"),
      Time<ApiKey, &ApiKey::mutable_last_used, &ApiKey::clear_last_used>("lastUsed"),
      Time<ApiKey, &ApiKey::mutable_create_on, &ApiKey::clear_create_on>("createOn"),
      Object<ApiKey, Employee, &ApiKey::mutable_create_by>("createBy"),
      Time<ApiKey, &ApiKey::mutable_expires_at, &ApiKey::clear_expires_at>("expiresAt"),
      Bool<ApiKey, &ApiKey::set_is_active>("isActive"),
  };
  return kMembers;
}

template <class Message>
constexpr auto EnvelopeOf(const Member& response) {
  return std::array{
      response,
      Int32<Message, &Message::set_count>("count"),
      Int32<Message, &Message::set_total>("total"),
      Objects<Message, Link, &Message::mutable_links>("links"),
      Int32<Message, &Message::set_status>("status"),
      Int32<Message, &Message::set_status_code>("statusCode"),
  };
}

template <>
Members MembersOf<CreateApiKeyResponse>() {
  static constexpr auto kMembers = EnvelopeOf<CreateApiKeyResponse>(
      Object<CreateApiKeyResponse, ApiKey, &CreateApiKeyResponse::mutable_api_key>("response"));
  return kMembers;
}

template <>
Members MembersOf<DeleteApiKeyResponse>() {
  static constexpr auto kMembers = EnvelopeOf<DeleteApiKeyResponse>(
      Bool<DeleteApiKeyResponse, &DeleteApiKeyResponse::set_deleted>("response"));
  return kMembers;
}

template <>
Members MembersOf<GetAllPermissionsResponse>() {
  static constexpr auto kMembers = EnvelopeOf<GetAllPermissionsResponse>(
      Strings<GetAllPermissionsResponse, &GetAllPermissionsResponse::mutable_permissions>(
          "response"));
  return kMembers;
}

template <>
Members MembersOf<GetApiKeyResponse>() {
  static constexpr auto kMembers = EnvelopeOf<GetApiKeyResponse>(
      Object<GetApiKeyResponse, ApiKey, &GetApiKeyResponse::mutable_api_key>("response"));
  return kMembers;
}

template <>
Members MembersOf<GetApiKeysResponse>() {
  static constexpr auto kMembers = EnvelopeOf<GetApiKeysResponse>(
      Objects<GetApiKeysResponse, ApiKey, &GetApiKeysResponse::mutable_api_keys>("response"));
  return kMembers;
}

template <>
Members MembersOf<UpdateApiKeyResponse>() {
  static constexpr auto kMembers = EnvelopeOf<UpdateApiKeyResponse>(
      Bool<UpdateApiKeyResponse, &UpdateApiKeyResponse::set_updated>("response"));
  return kMembers;
}

// --- One handler for all of them. ---------------------------------------------------------------

// A lone surrogate written as an escape gets through RapidJSON's validation, and would make a
// message that no client can parse. In UTF-8 it is ED A0 … ED BF.
bool HasSurrogate(std::string_view text) {
  while (!text.empty()) {
    const auto* found = static_cast<const char*>(std::memchr(text.data(), 0xED, text.size()));
    if (found == nullptr) return false;
    text.remove_prefix(static_cast<std::size_t>(found - text.data()) + 1);
    if (!text.empty() && static_cast<unsigned char>(text.front()) >= 0xA0) return true;
  }
  return false;
}

// Members of the object form of a date-time: the instant is `utcTime` alone.
constexpr std::string_view kUtcTime = "utcTime";

class Handler {
 public:
  Handler(Members members, void* message) : root_(members), message_(message) {}

  // What was wrong, and with which member; `problem` is null while nothing is.
  const char* problem() const { return problem_; }
  std::string_view member() const { return member_; }

  // Whether the root's first member, `response`, had a value.
  bool has_response() const { return has_response_; }

  bool Null() {
    if (depth_ == 0 || Top().kind == Kind::kList) return Wrong("has the wrong type");
    return true;
  }
  bool Bool(bool value) {
    const Member* member = Expected(Member::Type::kBool);
    if (member != nullptr) member->set_bool(Top().message, value);
    return problem_ == nullptr;
  }
  bool Int(int value) { return Integer(value); }
  bool Uint(unsigned value) { return Integer(value); }
  bool Int64(std::int64_t value) { return Integer(value); }
  bool Uint64(std::uint64_t) { return Integer(std::numeric_limits<std::int64_t>::max()); }
  bool Double(double) {
    if (Expected(Member::Type::kInt32) != nullptr) Wrong("is not a 32-bit integer");
    return problem_ == nullptr;
  }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return Wrong("has the wrong type"); }

  bool String(const char* characters, rapidjson::SizeType length, bool) {
    const std::string_view value(characters, length);
    if (depth_ == 0) return Wrong("has the wrong type");
    Frame& top = Top();
    if (top.kind == Kind::kSkipped) return true;
    if (top.kind == Kind::kDateTime) return top.in_utc_time ? Time(value, top) : true;
    if (top.member == nullptr) return true;
    member_ = top.member->name;
    if (top.kind == Kind::kObject && top.member->type == Member::Type::kDateTime) {
      return Time(value, top);
    }
    const auto expected = top.kind == Kind::kList ? Member::Type::kStrings : Member::Type::kString;
    if (top.member->type != expected) return Wrong("has the wrong type");
    if (HasSurrogate(value)) return Wrong("is not UTF-8");
    top.member->add_string(top.message)->assign(value);
    return Present();
  }

  bool StartObject() {
    if (depth_ == kMaxJsonDepth) return Wrong("is nested too deep");
    if (depth_ == 0) return Push({.kind = Kind::kObject, .message = message_, .members = root_});
    Frame& top = Top();
    if (Skips(top)) return Push({.kind = Kind::kSkipped});
    member_ = top.member->name;
    if (top.kind == Kind::kObject && top.member->type == Member::Type::kDateTime) {
      return Push({.kind = Kind::kDateTime, .message = top.message, .member = top.member});
    }
    const auto expected = top.kind == Kind::kList ? Member::Type::kObjects : Member::Type::kObject;
    if (top.member->type != expected) return Wrong("has the wrong type");
    Present();
    return Push({.kind = Kind::kObject,
                 .message = top.member->add_object(top.message),
                 .members = top.member->members()});
  }

  bool Key(const char* characters, rapidjson::SizeType length, bool) {
    const std::string_view name(characters, length);
    Frame& top = Top();
    if (top.kind == Kind::kDateTime) {
      top.in_utc_time = name == kUtcTime;
      return true;
    }
    if (top.kind == Kind::kSkipped) return true;
    top.member = nullptr;
    for (std::size_t i = 0; i < top.members.size(); ++i) {
      if (top.members[i].name != name) continue;
      top.member = &top.members[i];
      member_ = top.member->name;
      const std::uint32_t bit = std::uint32_t{1} << i;
      if ((top.seen & bit) != 0) return Wrong("is given twice");
      top.seen |= bit;
      break;
    }
    return true;
  }

  bool EndObject(rapidjson::SizeType) {
    const Frame& top = Top();
    if (top.kind == Kind::kDateTime && !top.has_utc_time) return Wrong("is not a date-time");
    --depth_;
    return true;
  }

  bool StartArray() {
    if (depth_ == kMaxJsonDepth) return Wrong("is nested too deep");
    if (depth_ == 0) return Wrong("has the wrong type");
    Frame& top = Top();
    if (Skips(top)) return Push({.kind = Kind::kSkipped});
    member_ = top.member->name;
    const bool is_list = top.kind == Kind::kObject && (top.member->type == Member::Type::kStrings ||
                                                       top.member->type == Member::Type::kObjects);
    if (!is_list) return Wrong("has the wrong type");
    Present();
    return Push({.kind = Kind::kList, .message = top.message, .member = top.member});
  }

  bool EndArray(rapidjson::SizeType) {
    --depth_;
    return true;
  }

 private:
  enum class Kind {
    kObject,
    kList,
    // The object form of a date-time.
    kDateTime,
    // Of a member that the contract does not know.
    kSkipped,
  };

  struct Frame {
    Kind kind = Kind::kSkipped;
    void* message = nullptr;
    Members members;
    // The member whose value comes next, null for an unknown one; of a list, the list.
    const Member* member = nullptr;
    // One bit for each of `members`.
    std::uint32_t seen = 0;
    bool in_utc_time = false;
    bool has_utc_time = false;
  };

  Frame& Top() { return frames_[static_cast<std::size_t>(depth_) - 1]; }

  bool Push(const Frame& frame) {
    frames_[static_cast<std::size_t>(depth_++)] = frame;
    return true;
  }

  static bool Skips(const Frame& frame) {
    return frame.kind == Kind::kSkipped || frame.kind == Kind::kDateTime || frame.member == nullptr;
  }

  bool Wrong(const char* problem) {
    problem_ = problem;
    return false;
  }

  bool Present() {
    if (depth_ == 1 && Top().member == root_.data()) has_response_ = true;
    return true;
  }

  // The member that takes a scalar of this type. Null where the value is skipped, and where it is
  // wrong, which `problem_` tells.
  const Member* Expected(Member::Type type) {
    if (depth_ == 0) {
      Wrong("has the wrong type");
      return nullptr;
    }
    const Frame& top = Top();
    if (top.kind == Kind::kDateTime && top.in_utc_time) Wrong("is not a date-time");
    if (Skips(top)) return nullptr;
    member_ = top.member->name;
    if (top.kind != Kind::kObject || top.member->type != type) {
      Wrong("has the wrong type");
      return nullptr;
    }
    Present();
    return top.member;
  }

  bool Integer(std::int64_t value) {
    const Member* member = Expected(Member::Type::kInt32);
    if (member == nullptr) return problem_ == nullptr;
    if (value < std::numeric_limits<std::int32_t>::min() ||
        value > std::numeric_limits<std::int32_t>::max()) {
      return Wrong("is not a 32-bit integer");
    }
    member->set_int32(Top().message, static_cast<std::int32_t>(value));
    return true;
  }
  bool Integer(unsigned value) { return Integer(static_cast<std::int64_t>(value)); }
  bool Integer(int value) { return Integer(static_cast<std::int64_t>(value)); }

  bool Time(std::string_view value, Frame& top) {
    Timestamp* instant = top.member->add_time(top.message);
    const DateTime parsed = ParseDateTime(value, *instant);
    if (parsed == DateTime::kMalformed) return Wrong("is not a date-time");
    if (parsed == DateTime::kAbsent) top.member->clear_time(top.message);
    top.has_utc_time = true;
    return true;
  }

  const Members root_;
  void* const message_;
  std::array<Frame, kMaxJsonDepth> frames_;
  int depth_ = 0;
  bool has_response_ = false;
  const char* problem_ = nullptr;
  std::string_view member_;
};

absl::Status Malformed(std::string_view member, const char* problem) {
  std::string message;
  if (member.empty()) {
    message = "the answer ";
  } else {
    message.append("`").append(member).append("` ");
  }
  return absl::DataLossError(message.append(problem));
}

absl::Status Decode(std::string& body, Members members, void* message) {
  // RapidJSON takes NUL for the end, whatever follows; in JSON it has no place.
  if (std::memchr(body.data(), '\0', body.size()) != nullptr) {
    return Malformed("", "holds a NUL octet");
  }
  Handler handler(members, message);
  rapidjson::Reader reader;
  rapidjson::InsituStringStream stream(body.data());
  if (!reader.Parse<kParseFlags>(stream, handler)) {
    if (handler.problem() != nullptr) return Malformed(handler.member(), handler.problem());
    return Malformed("", "is not JSON");
  }
  if (!handler.has_response()) return Malformed("response", "is missing");
  return absl::OkStatus();
}

// --- Requests. -----------------------------------------------------------------------------------

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Write(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void WritePermissions(Writer& writer, const Repeated<std::string>& permissions) {
  if (permissions.empty()) return;
  writer.Key("permissions");
  writer.StartArray();
  for (const std::string& permission : permissions) Write(writer, permission);
  writer.EndArray();
}

}  // namespace

std::string ToJson(const CreateApiKeyRequest& request) {
  rapidjson::StringBuffer body;
  Writer writer(body);
  writer.StartObject();
  writer.Key("name");
  Write(writer, request.name());
  WritePermissions(writer, request.permissions());
  if (request.has_expires_in_days()) {
    writer.Key("expiresInDays");
    writer.Int(request.expires_in_days());
  }
  writer.EndObject();
  return {body.GetString(), body.GetSize()};
}

std::string ToJson(const UpdateApiKeyRequest& request) {
  rapidjson::StringBuffer body;
  Writer writer(body);
  writer.StartObject();
  if (request.has_name()) {
    writer.Key("name");
    Write(writer, request.name());
  }
  WritePermissions(writer, request.permissions());
  if (request.has_is_active()) {
    writer.Key("isActive");
    writer.Bool(request.is_active());
  }
  writer.EndObject();
  return {body.GetString(), body.GetSize()};
}

absl::Status FromJson(std::string& body, CreateApiKeyResponse& response) {
  return Decode(body, MembersOf<CreateApiKeyResponse>(), &response);
}
absl::Status FromJson(std::string& body, DeleteApiKeyResponse& response) {
  return Decode(body, MembersOf<DeleteApiKeyResponse>(), &response);
}
absl::Status FromJson(std::string& body, GetAllPermissionsResponse& response) {
  return Decode(body, MembersOf<GetAllPermissionsResponse>(), &response);
}
absl::Status FromJson(std::string& body, GetApiKeyResponse& response) {
  return Decode(body, MembersOf<GetApiKeyResponse>(), &response);
}
absl::Status FromJson(std::string& body, GetApiKeysResponse& response) {
  return Decode(body, MembersOf<GetApiKeysResponse>(), &response);
}
absl::Status FromJson(std::string& body, UpdateApiKeyResponse& response) {
  return Decode(body, MembersOf<UpdateApiKeyResponse>(), &response);
}

}  // namespace docspace::gateway
