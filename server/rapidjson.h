// RapidJSON as the gateway uses it: include this, never RapidJSON itself, so that every file sees
// the same one.
#ifndef SERVER_RAPIDJSON_H_
#define SERVER_RAPIDJSON_H_

#include <stdexcept>

// A broken precondition ends the call, not the process.
#define RAPIDJSON_ASSERT(x) \
  ((x) ? static_cast<void>(0) : throw std::logic_error("RapidJSON: " #x))  // NOLINT
#define RAPIDJSON_NOEXCEPT_ASSERT(x) static_cast<void>(0)

#include <rapidjson/reader.h>        // IWYU pragma: export
#include <rapidjson/stringbuffer.h>  // IWYU pragma: export
#include <rapidjson/writer.h>        // IWYU pragma: export

namespace docspace::gateway {

// How deep what the portal sends may nest. The contract's own messages nest 4 deep.
inline constexpr int kMaxJsonDepth = 32;

// In place, and without recursion: the recursive parser dies of a stack overflow on deep input.
inline constexpr unsigned kParseFlags = rapidjson::kParseInsituFlag |
                                        rapidjson::kParseIterativeFlag |
                                        rapidjson::kParseValidateEncodingFlag;

}  // namespace docspace::gateway

#endif  // SERVER_RAPIDJSON_H_
