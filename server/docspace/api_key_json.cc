#include "server/docspace/api_key_json.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include "server/base/ascii.h"
#include "server/base/json_writer.h"
#include "server/base/message_writer.h"
#include "server/base/rapidjson.h"
#include "server/base/utf8.h"
#include "server/docspace/date_time.h"

namespace docspace::gateway {
namespace {

namespace v1 = apikeys::v1;

struct Object;

// What a member's value is, and so how its field is written.
enum class Kind : std::uint8_t {
  // A value that no message has a field for.
  kIgnored,
  kText,
  // A text that callers may open as a URL; kUrlOrPath may also be a path.
  kUrl,
  kUrlOrPath,
  kBool,
  // A bool without presence, for which Protobuf writes no `false`.
  kPlainBool,
  kInt32,
  // A date-time, as a text or as an object.
  kTime,
  kObject,
  // The members of a date-time in its object form. The instant belongs to the field of the member
  // that has this object as its value.
  kUtcTime,
  kOffset,
  // The value of a member that is a list.
  kList,
};

// The name of a member, of at most kJsonPadding bytes, which are compared all at once.
class Name {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): the tables below name members by literals.
  constexpr Name(const char* text) : text_(text) {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const unsigned shift = i % 8 * 8;
      words_.at(i / 8) |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << shift;
      mask_.at(i / 8) |= std::uint64_t{0xFF} << shift;
    }
  }

  // Reads kJsonPadding bytes at `text`, which may be more than `size`.
  bool Is(const char* text, std::size_t size) const {
    static_assert(std::endian::native == std::endian::little);
    Words words{};
    static_assert(sizeof words == kJsonPadding);
    std::memcpy(words.data(), text, sizeof words);
    return size == text_.size() &&
           (((words[0] ^ words_[0]) & mask_[0]) | ((words[1] ^ words_[1]) & mask_[1])) == 0;
  }

  std::string_view text() const { return text_; }

 private:
  using Words = std::array<std::uint64_t, 2>;

  std::string_view text_;
  Words words_{};
  Words mask_{};
};

struct Member {
  Name name;
  Kind kind;
  int field = 0;
  const Object* object = nullptr;
  // True if the value is a list of such values.
  bool list = false;

  constexpr Member Listed() const { return {name, kind, field, object, true}; }
};

struct Object {
  std::span<const Member> members;
  // True if the first member must be present and not null.
  bool first_required = false;
};

constexpr Member kDateTimeMembers[] = {{"utcTime", Kind::kUtcTime},
                                       {"timeZoneOffset", Kind::kOffset}};
constexpr Object kDateTime{kDateTimeMembers, true};

using Person = v1::Employee;
constexpr Member kEmployeeMembers[] = {
    {"id", Kind::kText, Person::kIdFieldNumber},
    {"displayName", Kind::kText, Person::kDisplayNameFieldNumber},
    {"avatar", Kind::kUrlOrPath, Person::kAvatarFieldNumber},
    {"avatarOriginal", Kind::kUrlOrPath, Person::kAvatarOriginalFieldNumber},
    {"avatarMax", Kind::kUrlOrPath, Person::kAvatarMaxFieldNumber},
    {"avatarMedium", Kind::kUrlOrPath, Person::kAvatarMediumFieldNumber},
    {"avatarSmall", Kind::kUrlOrPath, Person::kAvatarSmallFieldNumber},
    {"profileUrl", Kind::kUrlOrPath, Person::kProfileUrlFieldNumber},
    {"hasAvatar", Kind::kBool, Person::kAvatarIsOwnFieldNumber},
    {"isAnonim", Kind::kBool, Person::kIsAnonimFieldNumber},
};
constexpr Object kEmployee{kEmployeeMembers};

using Key = v1::ApiKey;
constexpr Member kApiKeyMembers[] = {
    {"id", Kind::kText, Key::kIdFieldNumber},
    {"name", Kind::kText, Key::kNameFieldNumber},
    {"key", Kind::kText, Key::kKeyFieldNumber},
    {"keyPostfix", Kind::kText, Key::kKeyPostfixFieldNumber},
    Member{"permissions", Kind::kText, Key::kPermissionsFieldNumber}.Listed(),
    {"lastUsed", Kind::kTime, Key::kLastUsedFieldNumber},
    {"createOn", Kind::kTime, Key::kCreateOnFieldNumber},
    {"createBy", Kind::kObject, Key::kCreateByFieldNumber, &kEmployee},
    {"expiresAt", Kind::kTime, Key::kExpiresAtFieldNumber},
    {"isActive", Kind::kBool, Key::kIsActiveFieldNumber},
};
constexpr Object kApiKey{kApiKeyMembers};

constexpr Member kLinkMembers[] = {{"href", Kind::kUrl, v1::Link::kHrefFieldNumber},
                                   {"action", Kind::kText, v1::Link::kActionFieldNumber}};
constexpr Object kLink{kLinkMembers};

// The first member of each envelope, for the responses below.
template <typename R>
constexpr Member kResponse{"", Kind::kIgnored};
template <>
constexpr Member kResponse<v1::CreateApiKeyResponse>{
    "response", Kind::kObject, v1::CreateApiKeyResponse::kApiKeyFieldNumber, &kApiKey};
template <>
constexpr Member kResponse<v1::DeleteApiKeyResponse>{"response", Kind::kPlainBool,
                                                     v1::DeleteApiKeyResponse::kDeletedFieldNumber};
template <>
constexpr Member kResponse<v1::GetAllPermissionsResponse> =
    Member{"response", Kind::kText, v1::GetAllPermissionsResponse::kPermissionsFieldNumber}
        .Listed();
template <>
constexpr Member kResponse<v1::GetApiKeyResponse>{
    "response", Kind::kObject, v1::GetApiKeyResponse::kApiKeyFieldNumber, &kApiKey};
template <>
constexpr Member kResponse<v1::GetApiKeysResponse> =
    Member{"response", Kind::kObject, v1::GetApiKeysResponse::kApiKeysFieldNumber, &kApiKey}
        .Listed();
template <>
constexpr Member kResponse<v1::UpdateApiKeyResponse>{"response", Kind::kPlainBool,
                                                     v1::UpdateApiKeyResponse::kUpdatedFieldNumber};

template <typename R>
constexpr Member kEnvelopeMembers[] = {
    kResponse<R>,
    {"count", Kind::kInt32, R::kCountFieldNumber},
    {"total", Kind::kInt32, R::kTotalFieldNumber},
    Member{"links", Kind::kObject, R::kLinksFieldNumber, &kLink}.Listed(),
    {"status", Kind::kInt32, R::kStatusFieldNumber},
    {"statusCode", Kind::kInt32, R::kStatusCodeFieldNumber},
};
template <typename R>
constexpr Object kEnvelope{kEnvelopeMembers<R>, true};
// The message itself, which has no field number.
template <typename R>
constexpr Member kRoot{"envelope", Kind::kObject, 0, &kEnvelope<R>};

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

// Decoder writes the message of the parser's events, as the tables above say.
class Decoder {
 public:
  // `escaped_surrogates` is true if strings may hold a lone surrogate. `message` must outlive this
  // object.
  Decoder(const Member& root, MessageWriter& message, bool escaped_surrogates)
      : message_(message), escaped_surrogates_(escaped_surrogates) {
    // The whole body counts as the element of a list, so that the root needs no rule of its own.
    *top_ = ListOf(root);
  }

  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Returns why the decoder stopped the parser; empty if it did not.
  const std::string& why() const { return why_; }

  bool Null() {
    const Frame& frame = *top_;
    if (frame.awaited == Kind::kIgnored) return true;
    const bool in_object = frame.object != nullptr;
    const bool required =
        in_object && frame.object->first_required && frame.member == frame.object->members.data();
    return (in_object && !required) || Refuse("is null");
  }

  bool Bool(bool value) {
    const Frame& frame = *top_;
    switch (frame.awaited) {
      case Kind::kIgnored:
        return true;
      case Kind::kPlainBool:
        if (!value) return true;
        [[fallthrough]];
      case Kind::kBool:
        message_.Integer(frame.member->field, value ? 1 : 0);
        return true;
      default:
        return RefuseType();
    }
  }

  bool Int(int value) {
    const Frame& frame = *top_;
    if (frame.awaited == Kind::kInt32) {
      message_.Integer(frame.member->field, value);
      return true;
    }
    return IgnoredOrWrong();
  }

  bool Uint(unsigned value) {
    constexpr unsigned kMax = std::numeric_limits<std::int32_t>::max();
    return value <= kMax ? Int(static_cast<int>(value)) : IgnoredOrWrong();
  }
  bool Int64(std::int64_t) { return IgnoredOrWrong(); }
  bool Uint64(std::uint64_t) { return IgnoredOrWrong(); }
  // Refuses `1.0` too, because the portal writes no integer in this way.
  bool Double(double) { return IgnoredOrWrong(); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return IgnoredOrWrong(); }

  bool String(const char* data, rapidjson::SizeType size, bool /*copy*/) {
    const std::string_view text(data, size);
    if (HasLoneSurrogate(text)) return Refuse("has a lone surrogate");
    const Frame& frame = *top_;
    switch (frame.awaited) {
      case Kind::kIgnored:
        return true;
      case Kind::kUrl:
      case Kind::kUrlOrPath:
        if (!IsWebUrl(text, frame.awaited == Kind::kUrlOrPath)) return true;
        [[fallthrough]];
      case Kind::kText:
        message_.Text(frame.member->field, text);
        return true;
      case Kind::kTime:
        return WriteTime(frame.member->field, text);
      case Kind::kUtcTime:
        return text.ends_with('Z') ? WriteTime((top_ - 1)->member->field, text)
                                   : Refuse("is not in UTC");
      case Kind::kOffset:
        return IsTimeZoneOffset(text) || Refuse("is not an offset");
      default:
        return RefuseType();
    }
  }

  bool StartObject() {
    const Member* const member = top_->member;
    switch (top_->awaited) {
      case Kind::kIgnored:
        return Push(Frame());
      case Kind::kObject:
        return Push(
            ObjectOf(*member->object, member->field != 0 ? message_.Open(member->field) : nullptr));
      case Kind::kTime:
        return Push(ObjectOf(kDateTime, nullptr));
      default:
        return RefuseType();
    }
  }

  bool Key(const char* data, rapidjson::SizeType size, bool /*copy*/) {
    Frame& frame = *top_;
    if (HasLoneSurrogate({data, size})) {
      frame.member = nullptr;
      return Refuse("has a lone surrogate");
    }
    if (frame.object == nullptr) return true;
    const Member* const member = frame.Find(data, size);
    frame.member = member;
    if (member == nullptr) {
      frame.awaited = Kind::kIgnored;
      return true;
    }
    frame.awaited = member->list ? Kind::kList : member->kind;
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
    if (frame.content != nullptr) message_.Close(frame.content);
    --top_;
    return true;
  }

  bool StartArray() {
    switch (top_->awaited) {
      case Kind::kIgnored:
        return Push(Frame());
      case Kind::kList:
        return Push(ListOf(*top_->member));
      default:
        return RefuseType();
    }
  }

  bool EndArray(rapidjson::SizeType) {
    --top_;
    return true;
  }

 private:
  // An object, a list or an ignored value whose end has not come.
  struct Frame {
    // Returns the member of this name, or null if the object has none. Members come in the order of
    // the table, so the member after the last one is compared first.
    const Member* Find(const char* name, std::size_t size) {
      const Member* const first = object->members.data();
      const Member* const end = first + object->members.size();
      const Member* const start = next;
      const Member* found = start;
      while (!found->name.Is(name, size)) {
        if (++found == end) found = first;
        if (found == start) return nullptr;
      }
      next = found + 1 == end ? first : found + 1;
      return found;
    }

    // Null for a list, and for an ignored value.
    const Object* object;
    // The member whose value, or next element, follows. Null if that is ignored.
    const Member* member;
    // The member that the next name of an object is compared with first.
    const Member* next;
    // Where the object's message begins. Null if it is no message of its own.
    std::uint8_t* content;
    // One bit for each member that has come.
    std::uint32_t seen;
    // The kind of the value, or next element, that follows.
    Kind awaited;
  };

  static Frame ObjectOf(const Object& object, std::uint8_t* content) {
    return {.object = &object,
            .member = nullptr,
            .next = object.members.data(),
            .content = content,
            .seen = 0,
            .awaited = Kind::kIgnored};
  }
  static Frame ListOf(const Member& member) {
    return {.object = nullptr,
            .member = &member,
            .next = nullptr,
            .content = nullptr,
            .seen = 0,
            .awaited = member.kind};
  }

  bool HasLoneSurrogate(std::string_view text) const {
    return escaped_surrogates_ && !IsValidUtf8(text);
  }

  bool WriteTime(int field, std::string_view text) {
    Instant instant;
    const DateTime read = ParseDateTime(text, instant);
    if (read == DateTime::kMalformed) return Refuse("is not a date-time");
    if (read == DateTime::kAbsent) return true;
    using google::protobuf::Timestamp;
    std::uint8_t* const timestamp = message_.Open(field);
    if (instant.seconds != 0) message_.Integer(Timestamp::kSecondsFieldNumber, instant.seconds);
    if (instant.nanos != 0) message_.Integer(Timestamp::kNanosFieldNumber, instant.nanos);
    message_.Close(timestamp);
    return true;
  }

  bool Push(const Frame& frame) {
    if (top_ == &stack_.back()) return Refuse("is nested too deep");
    *++top_ = frame;
    return true;
  }

  bool IgnoredOrWrong() { return top_->awaited == Kind::kIgnored || RefuseType(); }
  bool RefuseType() { return Refuse("has the wrong type"); }

  bool Refuse(std::string_view what) {
    const Member* member = top_->member;
    why_.append("`")
        .append(member ? member->name.text() : "an unknown member")
        .append("` ")
        .append(what);
    return false;
  }

  MessageWriter& message_;
  const bool escaped_surrogates_;
  std::array<Frame, kMaxJsonDepth + 1> stack_;
  Frame* top_ = stack_.data();
  std::string why_;
};

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

template <class Response>
absl::Status FromJson(std::string& body, EncodedResponse<Response>& response) {
  EncodedResponse<Response> memory(MaxEncodedSize(body.size()));
  MessageWriter message(memory.data(), memory.size());
  Decoder decoder(kRoot<Response>, message, MayEscapeSurrogates(body));
  const std::string not_json = ParseJson(body, decoder);
  if (!not_json.empty()) {
    return absl::DataLossError(decoder.why().empty() ? not_json : decoder.why());
  }
  memory.Shrink(message.size());
  response = std::move(memory);
  return absl::OkStatus();
}

template absl::Status FromJson(std::string&, EncodedResponse<v1::CreateApiKeyResponse>&);
template absl::Status FromJson(std::string&, EncodedResponse<v1::DeleteApiKeyResponse>&);
template absl::Status FromJson(std::string&, EncodedResponse<v1::GetAllPermissionsResponse>&);
template absl::Status FromJson(std::string&, EncodedResponse<v1::GetApiKeyResponse>&);
template absl::Status FromJson(std::string&, EncodedResponse<v1::GetApiKeysResponse>&);
template absl::Status FromJson(std::string&, EncodedResponse<v1::UpdateApiKeyResponse>&);

}  // namespace docspace::gateway
