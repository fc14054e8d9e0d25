#include "server/docspace/api_key_json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <variant>

#include "server/base/ascii.h"
#include "server/base/json_writer.h"
#include "server/base/rapidjson.h"
#include "server/base/utf8.h"
#include "server/docspace/date_time.h"
#include "server/docspace/secret_text.h"

namespace docspace::gateway {
namespace {

namespace v1 = apikeys::v1;
using google::protobuf::Message;
using google::protobuf::Timestamp;

struct Object;

// Slots say where a member's value goes in the message of its object. For a list, each call returns
// the place of one more element.
using TextSlot = std::string* (*)(Message&);
// A text that callers may open as a URL.
struct UrlSlot {
  TextSlot place;
  // True if the text may also be a path.
  bool may_be_relative;
};
using BoolSlot = void (*)(Message&, bool);
using Int32Slot = void (*)(Message&, std::int32_t);
using TimeSlot = Timestamp* (*)(Message&);
struct ObjectSlot {
  Message* (*open)(Message&);
  const Object* object;
};
// The members of a date-time in its object form. The instant goes to the TimeSlot of the member
// that has this object as its value.
struct UtcTimeSlot {};
struct OffsetSlot {};

using Slot = std::variant<TextSlot, UrlSlot, BoolSlot, Int32Slot, TimeSlot, ObjectSlot, UtcTimeSlot,
                          OffsetSlot>;

constexpr bool kList = true;
constexpr bool kOrPath = true;

struct Member {
  std::string_view name;
  Slot slot;
  bool list = false;
};

struct Object {
  std::span<const Member> members;
  // True if the first member must be present and not null.
  bool first_required = false;
};

// Adapts the accessors of a generated message.
template <typename M>
struct Of {
  template <std::string* (M::*kField)()>
  static std::string* Text(Message& message) {
    return (static_cast<M&>(message).*kField)();
  }
  template <std::string* (M::*kField)()>
  static constexpr UrlSlot Url(bool may_be_relative) {
    return {&Text<kField>, may_be_relative};
  }
  template <void (M::*kSet)(bool)>
  static void Bool(Message& message, bool value) {
    (static_cast<M&>(message).*kSet)(value);
  }
  template <void (M::*kSet)(std::int32_t)>
  static void Int32(Message& message, std::int32_t value) {
    (static_cast<M&>(message).*kSet)(value);
  }
  template <Timestamp* (M::*kField)()>
  static Timestamp* Time(Message& message) {
    return (static_cast<M&>(message).*kField)();
  }
  template <typename Field, Field* (M::*kField)()>
  static Message* Nested(Message& message) {
    return (static_cast<M&>(message).*kField)();
  }
};

constexpr Member kDateTimeMembers[] = {{"utcTime", UtcTimeSlot()},
                                       {"timeZoneOffset", OffsetSlot()}};
constexpr Object kDateTime{kDateTimeMembers, true};

using Person = v1::Employee;
constexpr Member kEmployeeMembers[] = {
    {"id", Of<Person>::Text<&Person::mutable_id>},
    {"displayName", Of<Person>::Text<&Person::mutable_display_name>},
    {"avatar", Of<Person>::Url<&Person::mutable_avatar>(kOrPath)},
    {"avatarOriginal", Of<Person>::Url<&Person::mutable_avatar_original>(kOrPath)},
    {"avatarMax", Of<Person>::Url<&Person::mutable_avatar_max>(kOrPath)},
    {"avatarMedium", Of<Person>::Url<&Person::mutable_avatar_medium>(kOrPath)},
    {"avatarSmall", Of<Person>::Url<&Person::mutable_avatar_small>(kOrPath)},
    {"profileUrl", Of<Person>::Url<&Person::mutable_profile_url>(kOrPath)},
    {"hasAvatar", Of<Person>::Bool<&Person::set_avatar_is_own>},
    {"isAnonim", Of<Person>::Bool<&Person::set_is_anonim>},
};
constexpr Object kEmployee{kEmployeeMembers};

using Key = v1::ApiKey;
constexpr Member kApiKeyMembers[] = {
    {"id", Of<Key>::Text<&Key::mutable_id>},
    {"name", Of<Key>::Text<&Key::mutable_name>},
    {"key", Of<Key>::Text<&Key::mutable_key>},
    {"keyPostfix", Of<Key>::Text<&Key::mutable_key_postfix>},
    {"permissions", Of<Key>::Text<&Key::add_permissions>, kList},
    {"lastUsed", Of<Key>::Time<&Key::mutable_last_used>},
    {"createOn", Of<Key>::Time<&Key::mutable_create_on>},
    {"createBy", ObjectSlot{Of<Key>::Nested<Person, &Key::mutable_create_by>, &kEmployee}},
    {"expiresAt", Of<Key>::Time<&Key::mutable_expires_at>},
    {"isActive", Of<Key>::Bool<&Key::set_is_active>},
};
constexpr Object kApiKey{kApiKeyMembers};

constexpr Member kLinkMembers[] = {{"href", Of<v1::Link>::Url<&v1::Link::mutable_href>(!kOrPath)},
                                   {"action", Of<v1::Link>::Text<&v1::Link::mutable_action>}};
constexpr Object kLink{kLinkMembers};

template <typename R>
constexpr Member kResponse;
template <>
constexpr Member kResponse<v1::CreateApiKeyResponse>{
    "response",
    ObjectSlot{
        Of<v1::CreateApiKeyResponse>::Nested<Key, &v1::CreateApiKeyResponse::mutable_api_key>,
        &kApiKey}};
template <>
constexpr Member kResponse<v1::DeleteApiKeyResponse>{
    "response", Of<v1::DeleteApiKeyResponse>::Bool<&v1::DeleteApiKeyResponse::set_deleted>};
template <>
constexpr Member kResponse<v1::GetAllPermissionsResponse>{
    "response",
    Of<v1::GetAllPermissionsResponse>::Text<&v1::GetAllPermissionsResponse::add_permissions>,
    kList};
template <>
constexpr Member kResponse<v1::GetApiKeyResponse>{
    "response",
    ObjectSlot{Of<v1::GetApiKeyResponse>::Nested<Key, &v1::GetApiKeyResponse::mutable_api_key>,
               &kApiKey}};
template <>
constexpr Member kResponse<v1::GetApiKeysResponse>{
    "response",
    ObjectSlot{Of<v1::GetApiKeysResponse>::Nested<Key, &v1::GetApiKeysResponse::add_api_keys>,
               &kApiKey},
    kList};
template <>
constexpr Member kResponse<v1::UpdateApiKeyResponse>{
    "response", Of<v1::UpdateApiKeyResponse>::Bool<&v1::UpdateApiKeyResponse::set_updated>};

template <typename R>
constexpr Member kEnvelopeMembers[] = {
    kResponse<R>,
    {"count", Of<R>::template Int32<&R::set_count>},
    {"total", Of<R>::template Int32<&R::set_total>},
    {"links", ObjectSlot{Of<R>::template Nested<v1::Link, &R::add_links>, &kLink}, kList},
    {"status", Of<R>::template Int32<&R::set_status>},
    {"statusCode", Of<R>::template Int32<&R::set_status_code>},
};
template <typename R>
constexpr Object kEnvelope{kEnvelopeMembers<R>, true};
template <typename R>
constexpr Member kRoot{"envelope",
                       ObjectSlot{[](Message& message) { return &message; }, &kEnvelope<R>}};

// Returns whether `url` leads to a web server, and to the one that it shows: it has no other
// scheme, such as `javascript:`, and no blank or invisible character.
bool IsWebUrl(std::string_view url, bool may_be_relative) {
  if (!IsVisibleAscii(url) && (url.find(' ') != std::string_view::npos ||
                               VisibleText(url, url.size()).size() != url.size())) {
    return false;
  }
  if (url.starts_with("https://") || (may_be_relative && url.starts_with('/'))) return true;
  if (StartsWithIgnoreCase(url, "https://") || StartsWithIgnoreCase(url, "http://")) {
    return true;
  }
  const bool has_scheme =
      url.substr(0, url.find_first_of("/?#")).find(':') != std::string_view::npos;
  return may_be_relative && !has_scheme;
}

// Decoder fills messages from the parser's events, as the tables above say.
class Decoder {
 public:
  // `escaped_surrogates` is true if strings may hold a lone surrogate.
  Decoder(const Member& root, Message& message, bool escaped_surrogates)
      : escaped_surrogates_(escaped_surrogates) {
    // The whole body counts as the element of a list, so that the root needs no rule of its own.
    *top_ = Frame(root, message);
  }

  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Returns why the decoder stopped the parser; empty if it did not.
  const std::string& why() const { return why_; }

  bool Null() {
    if (Ignored()) return true;
    const Frame& frame = *top_;
    const bool required =
        InObject() && frame.object->first_required && frame.member == frame.object->members.data();
    return (InObject() && !required) || Refuse("is null");
  }

  bool Bool(bool value) {
    if (Ignored()) return true;
    const auto* set = Awaited<BoolSlot>();
    if (set == nullptr) return RefuseType();
    (*set)(*top_->message, value);
    return true;
  }

  bool Int(int value) {
    if (Ignored()) return true;
    const auto* set = Awaited<Int32Slot>();
    if (set == nullptr) return RefuseType();
    (*set)(*top_->message, value);
    return true;
  }

  bool Uint(unsigned value) {
    constexpr unsigned kMax = std::numeric_limits<std::int32_t>::max();
    return value <= kMax ? Int(static_cast<int>(value)) : Ignored() || RefuseType();
  }
  bool Int64(std::int64_t) { return Ignored() || RefuseType(); }
  bool Uint64(std::uint64_t) { return Ignored() || RefuseType(); }
  // Refuses `1.0` too, because the portal writes no integer in this way.
  bool Double(double) { return Ignored() || RefuseType(); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return Ignored() || RefuseType(); }

  bool String(const char* data, rapidjson::SizeType size, bool /*copy*/) {
    const std::string_view text(data, size);
    if (HasLoneSurrogate(text)) return Refuse("has a lone surrogate");
    if (Ignored()) return true;
    if (const auto* place = Awaited<TextSlot>()) {
      (*place)(*top_->message)->assign(text);
      return true;
    }
    return StringOfAForm(text);
  }

  bool StartObject() {
    if (Ignored()) return Push({});
    if (const auto* slot = Awaited<ObjectSlot>()) {
      return Push(Frame(*slot->object, *slot->open(*top_->message)));
    }
    if (Awaited<TimeSlot>() != nullptr) return Push(Frame(kDateTime, *top_->message));
    return RefuseType();
  }

  bool Key(const char* data, rapidjson::SizeType size, bool /*copy*/) {
    const std::string_view name(data, size);
    Frame& frame = *top_;
    frame.member = nullptr;
    if (HasLoneSurrogate(name)) return Refuse("has a lone surrogate");
    if (frame.object == nullptr) return true;
    const Member* const member = frame.Find(name);
    if (member == nullptr) return true;
    frame.member = member;
    const std::uint32_t bit = std::uint32_t{1} << (member - frame.object->members.data());
    if ((frame.seen & bit) != 0) return Refuse("occurs twice");
    frame.seen |= bit;
    return true;
  }

  bool EndObject(rapidjson::SizeType) {
    Frame& frame = *top_;
    if (frame.object != nullptr && frame.object->first_required && (frame.seen & 1) == 0) {
      frame.member = frame.object->members.data();
      return Refuse("is missing");
    }
    --top_;
    return true;
  }

  bool StartArray() {
    if (Ignored()) return Push({});
    if (!InObject() || !top_->member->list) return RefuseType();
    return Push(Frame(*top_->member, *top_->message));
  }

  bool EndArray(rapidjson::SizeType) {
    --top_;
    return true;
  }

 private:
  struct Frame {
    // For an ignored value.
    Frame() = default;
    Frame(const Object& its_object, Message& its_message)
        : message(&its_message), object(&its_object), next(its_object.members.data()) {}
    // For a list.
    Frame(const Member& its_member, Message& its_message)
        : message(&its_message), member(&its_member) {}

    // Returns the member of this name, or null if the object has none. Members come in the order of
    // the table, so the member after the last one is compared first.
    const Member* Find(std::string_view name) {
      const Member* const first = object->members.data();
      const Member* const end = first + object->members.size();
      const Member* const start = next;
      const Member* found = start;
      while (found->name != name) {
        if (++found == end) found = first;
        if (found == start) return nullptr;
      }
      next = found + 1 == end ? first : found + 1;
      return found;
    }

    // The object's message; for a list, the message that contains it.
    Message* message = nullptr;
    // Null for a list, and for an ignored value.
    const Object* object = nullptr;
    // The member whose value, or next element, follows. Null if that is ignored.
    const Member* member = nullptr;
    // The member that the next name of an object is compared with first.
    const Member* next = nullptr;
    // One bit for each member that has come.
    std::uint32_t seen = 0;
  };

  bool Ignored() const { return top_->member == nullptr; }
  bool InObject() const { return top_->object != nullptr; }
  bool HasLoneSurrogate(std::string_view text) const {
    return escaped_surrogates_ && !IsValidUtf8(text);
  }

  // Returns the slot of the value that follows if it is a `T`; null if it is not, or if a list must
  // begin first.
  template <typename T>
  const T* Awaited() {
    const Member& member = *top_->member;
    return InObject() && member.list ? nullptr : std::get_if<T>(&member.slot);
  }

  // Stores a string that must have a form, such as that of a URL.
  bool StringOfAForm(std::string_view text) {
    if (const auto* url = Awaited<UrlSlot>()) {
      if (IsWebUrl(text, url->may_be_relative)) url->place(*top_->message)->assign(text);
      return true;
    }
    if (const auto* place = Awaited<TimeSlot>()) return StoreTime(*place, text);
    if (Awaited<UtcTimeSlot>() != nullptr) {
      const Member& holder = *(top_ - 1)->member;
      return text.ends_with('Z') ? StoreTime(std::get<TimeSlot>(holder.slot), text)
                                 : Refuse("is not in UTC");
    }
    if (Awaited<OffsetSlot>() != nullptr)
      return IsTimeZoneOffset(text) || Refuse("is not an offset");
    return RefuseType();
  }

  bool StoreTime(TimeSlot place, std::string_view text) {
    Timestamp instant;
    const DateTime read = ParseDateTime(text, instant);
    if (read == DateTime::kMalformed) return Refuse("is not a date-time");
    if (read != DateTime::kInstant) return true;
    Timestamp& stored = *place(*top_->message);
    stored.set_seconds(instant.seconds());
    stored.set_nanos(instant.nanos());
    return true;
  }

  bool Push(const Frame& frame) {
    if (top_ == &stack_.back()) return Refuse("is nested too deep");
    *++top_ = frame;
    return true;
  }

  bool RefuseType() { return Refuse("has the wrong type"); }

  bool Refuse(std::string_view what) {
    const Member* member = top_->member;
    why_.append("`").append(member ? member->name : "an unknown member").append("` ").append(what);
    return false;
  }

  const bool escaped_surrogates_;
  std::array<Frame, kMaxJsonDepth + 1> stack_;
  Frame* top_ = stack_.data();
  std::string why_;
};

template <typename R>
absl::Status Decode(std::string& body, R& response) {
  Decoder decoder(kRoot<R>, response, MayEscapeSurrogates(body));
  const std::string not_json = ParseJson(body, decoder);
  if (not_json.empty()) return absl::OkStatus();
  WipeSecretsOf(response);
  response.Clear();
  return absl::DataLossError(decoder.why().empty() ? not_json : decoder.why());
}

// The numbers of certain characters in a text that may be JSON.
struct Marks {
  std::size_t objects = 0;
  std::size_t quotes = 0;
  std::size_t names = 0;
};

// Counts the marks in the `size` bytes, at most 255, at `text`; it also reads the two bytes before
// them. It is inline and has no branch, so that compilers vectorise blocks of a fixed size.
inline void CountMarks(const char* text, std::size_t size, Marks& marks) {
  const auto one_if = [](bool holds) { return static_cast<std::uint8_t>(holds); };
  std::uint8_t objects = 0;
  std::uint8_t quotes = 0;
  std::uint8_t names = 0;
  const char* const before = text - 2;
  for (std::size_t i = 0; i < size; ++i) {
    objects += one_if(text[i] == '{');
    quotes += one_if(text[i] == '"');
    // The quote in front of the colon ends a name, because it would be escaped within a string.
    names += one_if(text[i] == ':') & one_if(before[i + 1] == '"') & one_if(before[i] != '\\');
  }
  marks.objects += objects;
  marks.quotes += quotes;
  marks.names += names;
}

template <typename M>
void WritePermissions(JsonWriter& writer, const M& message) {
  if (message.permissions().empty()) return;
  writer.Key("permissions");
  writer.StartArray();
  for (const std::string& permission : message.permissions()) writer.String(permission);
  writer.EndArray();
}

}  // namespace

std::string ToJson(const v1::CreateApiKeyRequest& request) {
  JsonWriter writer;
  writer.StartObject();
  writer.Key("name");
  writer.String(request.name());
  WritePermissions(writer, request);
  if (request.has_expires_in_days()) {
    writer.Key("expiresInDays");
    writer.Int(request.expires_in_days());
  }
  writer.EndObject();
  return writer.json();
}

std::string ToJson(const v1::UpdateApiKeyRequest& request) {
  JsonWriter writer;
  writer.StartObject();
  if (request.has_name()) {
    writer.Key("name");
    writer.String(request.name());
  }
  WritePermissions(writer, request);
  if (request.has_is_active()) {
    writer.Key("isActive");
    writer.Bool(request.is_active());
  }
  writer.EndObject();
  return writer.json();
}

absl::Status FromJson(std::string& body, v1::CreateApiKeyResponse& response) {
  return Decode(body, response);
}

absl::Status FromJson(std::string& body, v1::DeleteApiKeyResponse& response) {
  return Decode(body, response);
}

absl::Status FromJson(std::string& body, v1::GetAllPermissionsResponse& response) {
  return Decode(body, response);
}

absl::Status FromJson(std::string& body, v1::GetApiKeyResponse& response) {
  return Decode(body, response);
}

absl::Status FromJson(std::string& body, v1::GetApiKeysResponse& response) {
  return Decode(body, response);
}

absl::Status FromJson(std::string& body, v1::UpdateApiKeyResponse& response) {
  return Decode(body, response);
}

std::size_t DecodedBytes(std::string_view body) {
  // Both include the overhead of the allocator and of a list's array of pointers.
  constexpr std::size_t kPerObject = sizeof(v1::ApiKey) + 40;
  constexpr std::size_t kPerString = sizeof(std::string) + 56;
  constexpr std::size_t kBlock = 64;
  Marks marks;
  // The colon after the shortest name, `"":`, is the third byte.
  const std::size_t start = std::min<std::size_t>(body.size(), 2);
  for (const char c : body.substr(0, start)) {
    marks.objects += c == '{' ? 1 : 0;
    marks.quotes += c == '"' ? 1 : 0;
  }
  std::size_t at = start;
  for (; body.size() - at >= kBlock; at += kBlock) CountMarks(body.data() + at, kBlock, marks);
  CountMarks(body.data() + at, body.size() - at, marks);
  // A text that is not JSON may have more names than strings.
  const std::size_t strings = marks.quotes / 2;
  const std::size_t values = strings - std::min(strings, marks.names);
  return body.size() + marks.objects * kPerObject + values * kPerString;
}

}  // namespace docspace::gateway
