// Writes JSON.
#ifndef SERVER_BASE_JSON_WRITER_H_
#define SERVER_BASE_JSON_WRITER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "server/base/rapidjson.h"

namespace docspace::gateway {

// Returns whether JSON writes `text` without an escape.
inline bool NeedsNoEscape(std::string_view text) {
  for (; text.size() >= kJsonPadding; text.remove_prefix(kJsonPadding)) {
    if (FirstSpecialByte(text.data()) != kJsonPadding) return false;
  }
  std::array<char, kJsonPadding> rest;
  rest.fill(' ');
  std::memcpy(rest.data(), text.data(), text.size());
  return FirstSpecialByte(rest.data()) == kJsonPadding;
}

// JsonWriter is RapidJSON's Writer, which copies a text that needs no escape as a whole, where its
// base looks at each byte. Texts must be UTF-8. Throws std::bad_alloc. Not thread-safe.
class JsonWriter final : public JsonBufferWriter<rapidjson::UTF8<>> {
 public:
  // Reserves so many bytes for the JSON.
  explicit JsonWriter(std::size_t reserved = 256) : output_(nullptr, reserved) { Reset(output_); }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  // Returns what has been written.
  std::string json() const { return {output_.GetString(), output_.GetSize()}; }

  // Writes the name of a member, which must need no escape.
  void Key(std::string_view name) {
    Prefix(rapidjson::kStringType);
    Quote(name);
  }

  void String(std::string_view text) {
    Prefix(rapidjson::kStringType);
    if (NeedsNoEscape(text)) {
      Quote(text);
    } else {
      WriteString(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    }
  }

  // Writes a member whose value is a text.
  void Member(std::string_view name, std::string_view value) {
    Key(name);
    String(value);
  }

 private:
  void Quote(std::string_view text) {
    char* to = output_.Push(text.size() + 2);
    *to = '"';
    std::ranges::copy(text, to + 1);
    to[text.size() + 1] = '"';
  }

  JsonBuffer output_;
};

}  // namespace docspace::gateway

#endif  // SERVER_BASE_JSON_WRITER_H_
