// RapidJSON as the gateway uses it: include this, never RapidJSON itself, so that every file sees
// the same one.
#ifndef SERVER_RAPIDJSON_H_
#define SERVER_RAPIDJSON_H_

#include <stdexcept>
#include <string>

#include "server/utf8.h"

// A broken precondition ends the call, not the process.
#define RAPIDJSON_ASSERT(x) \
  ((x) ? static_cast<void>(0) : throw std::logic_error("RapidJSON: " #x))  // NOLINT
#define RAPIDJSON_NOEXCEPT_ASSERT(x) static_cast<void>(0)

#include <rapidjson/error/en.h>      // IWYU pragma: export
#include <rapidjson/reader.h>        // IWYU pragma: export
#include <rapidjson/stringbuffer.h>  // IWYU pragma: export
#include <rapidjson/writer.h>        // IWYU pragma: export

namespace docspace::gateway {

// How deep what the portal sends may nest. The contract's own messages nest 4 deep.
inline constexpr int kMaxJsonDepth = 32;

// Feeds the events of `body`, one JSON value, to `handler`, which stops the parsing by returning
// false. Without recursion, whatever the depth. In place: strings point into `body`, live as long
// as it does, and may hold a lone surrogate where it came as an escape.
//
// Empty, or why it is not JSON, or not in UTF-8.
template <class Handler>
std::string ParseJson(std::string& body, Handler& handler) {
  // RapidJSON takes NUL for the end, whatever follows.
  if (body.find('\0') != std::string::npos) return "not JSON: a NUL octet";
  // RapidJSON's own check reads and writes past the end of a text that ends inside a character.
  if (!IsValidUtf8(body)) return "not JSON: not in UTF-8";
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag;
  try {
    rapidjson::InsituStringStream stream(body.data());
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
    if (!result.IsError()) return "";
    return std::string("not JSON: ") + rapidjson::GetParseError_En(result.Code());
  } catch (const std::logic_error&) {
    return "not JSON: the reader lost its way";
  }
}

}  // namespace docspace::gateway

#endif  // SERVER_RAPIDJSON_H_
