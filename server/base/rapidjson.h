// RapidJSON with the gateway's settings. Include this file, and never RapidJSON itself, so that
// every file has the same settings.
#ifndef SERVER_BASE_RAPIDJSON_H_
#define SERVER_BASE_RAPIDJSON_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "server/base/utf8.h"

// A violated precondition throws, so that it ends the call and not the process.
#define RAPIDJSON_ASSERT(x) \
  ((x) ? static_cast<void>(0) : throw std::logic_error("RapidJSON: " #x))  // NOLINT
#define RAPIDJSON_NOEXCEPT_ASSERT(x) static_cast<void>(0)

#include <rapidjson/document.h>      // IWYU pragma: export
#include <rapidjson/error/en.h>      // IWYU pragma: export
#include <rapidjson/reader.h>        // IWYU pragma: export
#include <rapidjson/stringbuffer.h>  // IWYU pragma: export
#include <rapidjson/writer.h>        // IWYU pragma: export

// The specialization of Reader::ScanCopyUnescapedString below replaces a private member of
// RapidJSON's reader, and uses the members `src_` and `dst_` of its stream. To admit another
// version, run //tests/server/base:rapidjson_test with it, which fails if the reader no longer
// calls the specialization, or calls it in another way. The specialization goes when a version
// scans strings in place correctly by itself (1.1.0 has that behind RAPIDJSON_SSE2 only, and there
// compares with 0x19 for the last control character, which is 0x1F).
static_assert(RAPIDJSON_MAJOR_VERSION == 1 && RAPIDJSON_MINOR_VERSION == 1 &&
                  RAPIDJSON_PATCH_VERSION == 0,
              "the specialization below has been tried with RapidJSON 1.1.0 only");

namespace docspace::gateway {

// The deepest nesting that is accepted from the portal. The contract's own messages nest 4 deep.
inline constexpr int kMaxJsonDepth = 32;

// The capacity that ParseJson needs behind the end of a body. If it is missing, ParseJson
// reallocates the body.
inline constexpr std::size_t kJsonPadding = 16;

// A text that is parsed in place, with a NUL and kJsonPadding bytes behind it. It is RapidJSON's
// InsituStringStream without the assertions, which take a tenth of the time of a short string.
struct PaddedStream {
  // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names.
  using Ch = char;

  explicit PaddedStream(char* text) : src_(text), head_(text) {}

  Ch Peek() const { return *src_; }
  Ch Take() { return *src_++; }
  std::size_t Tell() const { return static_cast<std::size_t>(src_ - head_); }

  Ch* PutBegin() { return dst_ = src_; }
  void Put(Ch c) { *dst_++ = c; }
  std::size_t PutEnd(const Ch* begin) const { return static_cast<std::size_t>(dst_ - begin); }

  Ch* src_;
  Ch* dst_ = nullptr;
  Ch* head_;
  // NOLINTEND(readability-identifier-naming)
};

// JsonAllocator is RapidJSON's allocator, but throws std::bad_alloc. This is needed because
// RapidJSON writes to what it gets, even to a null pointer. Streams and writers only reallocate.
class JsonAllocator : public rapidjson::CrtAllocator {
 public:
  // NOLINTNEXTLINE(readability-convert-member-functions-to-static): RapidJSON calls it as a member.
  void* Realloc(void* memory, std::size_t size, std::size_t new_size) {
    void* const grown = CrtAllocator::Realloc(memory, size, new_size);
    if (grown == nullptr) throw std::bad_alloc();
    return grown;
  }
};

// The output stream that writers of the gateway write to.
using JsonBuffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
// A writer of JSON in this encoding.
template <class Encoding>
using JsonBufferWriter = rapidjson::Writer<JsonBuffer, rapidjson::UTF8<>, Encoding, JsonAllocator>;

// Returns the index of the first of the kJsonPadding bytes at `text` that is a quote, a backslash
// or a control character; kJsonPadding if there is none.
inline std::size_t FirstSpecialByte(const char* text) {
  static_assert(std::endian::native == std::endian::little);
  // g++ and clang compile each operation to one instruction on machines that have vectors.
  using Bytes [[gnu::vector_size(kJsonPadding)]] = std::uint8_t;
  Bytes bytes;
  std::memcpy(&bytes, text, sizeof bytes);
  const auto is_special = (bytes < ' ') | (bytes == '"') | (bytes == '\\');
  std::array<std::uint64_t, 2> found{};
  std::memcpy(found.data(), &is_special, sizeof found);
  return static_cast<std::size_t>(found[0] != 0 ? std::countr_zero(found[0]) / 8
                                                : 8 + std::countr_zero(found[1]) / 8);
}

}  // namespace docspace::gateway

namespace rapidjson {

template <>
struct StreamTraits<docspace::gateway::PaddedStream> {
  enum { copyOptimization = 0 };  // NOLINT(readability-identifier-naming): RapidJSON's name.
};

// RapidJSON calls this between any two tokens, where blanks are rare. Its own version copies the
// stream first.
template <>
inline void SkipWhitespace(docspace::gateway::PaddedStream& is) {
  while (*is.src_ == ' ' || *is.src_ == '\n' || *is.src_ == '\r' || *is.src_ == '\t') ++is.src_;
}

// Skips the text up to the next special byte, sixteen bytes at a time, and moves it to its place in
// the unescaped string. RapidJSON calls this at the start of a string and after each escape;
// without it the reader continues byte by byte.
template <>
template <>
inline void Reader::ScanCopyUnescapedString(docspace::gateway::PaddedStream& is,
                                            docspace::gateway::PaddedStream& /*the same*/) {
  using docspace::gateway::FirstSpecialByte;
  using docspace::gateway::kJsonPadding;
  char* from = is.src_;
  std::size_t plain = kJsonPadding;
  if (from == is.dst_) {
    for (; plain == kJsonPadding; from += plain) plain = FirstSpecialByte(from);
    is.src_ = is.dst_ = from;
    return;
  }
  // An escape was shortened before, so the text has to be moved.
  char* to = is.dst_;
  for (; plain == kJsonPadding; from += plain, to += plain) {
    plain = FirstSpecialByte(from);
    // Moves only the plain bytes, because a longer move could overwrite bytes that have yet to be
    // read.
    std::memmove(to, from, plain);
  }
  is.src_ = from;
  is.dst_ = to;
}

}  // namespace rapidjson

namespace docspace::gateway {

// Returns whether a string of `body` may hold a lone surrogate after unescaping, because there is
// an escape of a surrogate.
inline bool MayEscapeSurrogates(std::string_view body) {
  body.remove_prefix(std::min(body.find('\\'), body.size()));
  return body.find("\\ud") != std::string_view::npos || body.find("\\uD") != std::string_view::npos;
}

// DepthLimit passes the events of RapidJSON's reader to a handler, and stops a text that nests
// deeper than kMaxJsonDepth. The reader recurses for each level, so this limit bounds the stack.
template <class Handler>
class DepthLimit {
 public:
  explicit DepthLimit(Handler& handler) : handler_(handler) {}

  bool Null() { return handler_.Null(); }
  bool Bool(bool value) { return handler_.Bool(value); }
  bool Int(int value) { return handler_.Int(value); }
  bool Uint(unsigned value) { return handler_.Uint(value); }
  bool Int64(std::int64_t value) { return handler_.Int64(value); }
  bool Uint64(std::uint64_t value) { return handler_.Uint64(value); }
  bool Double(double value) { return handler_.Double(value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy) {
    return handler_.RawNumber(text, size, copy);
  }
  bool String(const char* text, rapidjson::SizeType size, bool copy) {
    return handler_.String(text, size, copy);
  }
  bool StartObject() { return handler_.StartObject() && ++depth_ <= kMaxJsonDepth; }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    return handler_.Key(text, size, copy);
  }
  bool EndObject(rapidjson::SizeType members) { return handler_.EndObject(members) && Leave(); }
  bool StartArray() { return handler_.StartArray() && ++depth_ <= kMaxJsonDepth; }
  bool EndArray(rapidjson::SizeType elements) { return handler_.EndArray(elements) && Leave(); }

 private:
  bool Leave() {
    --depth_;
    return true;
  }

  Handler& handler_;
  int depth_ = 0;
};

// Passes the events of `body`, one JSON value, to `handler`, which stops the parser by returning
// false. A text that nests deeper than kMaxJsonDepth stops the parser, too. The parser works in
// place: strings point into `body`, live as long as it does, and may hold a lone surrogate if
// MayEscapeSurrogates(body) was true.
//
// Returns an empty text, or the reason why `body` is not JSON in UTF-8.
template <class Handler>
std::string ParseJson(std::string& body, Handler& handler) {
  // RFC 8259 section 8.1 lets a parser ignore a byte order mark. Blanks replace it, because the
  // body is parsed in place.
  if (body.starts_with("\xEF\xBB\xBF")) body.replace(0, 3, 3, ' ');
  // RapidJSON's own check reads and writes past the end of a text that ends inside a character.
  if (!IsValidUtf8(body)) return "not JSON: not in UTF-8";
  body.reserve(body.size() + kJsonPadding);
  try {
    PaddedStream stream(body.data());
    rapidjson::Reader reader;
    DepthLimit limited(handler);
    const auto result = reader.Parse<rapidjson::kParseInsituFlag>(stream, limited);
    // RapidJSON takes a NUL between two tokens for the end of the text, and refuses any other.
    if (!result.IsError()) return stream.Tell() == body.size() ? "" : "not JSON: a NUL octet";
    return std::string("not JSON: ") + rapidjson::GetParseError_En(result.Code());
  } catch (const std::logic_error&) {
    return "not JSON: the parser failed";
  }
}

}  // namespace docspace::gateway

#endif  // SERVER_BASE_RAPIDJSON_H_
