// Writes fields of Protobuf messages without message objects.
//
// The details of an error are nested three deep. As objects, each of them is built, serialised,
// copied into an Any and serialised again, which takes longer than mapping the error. The wire
// format (protobuf.dev/programming-guides/encoding) can instead be appended to, field by field.
#ifndef SERVER_BASE_WIRE_FORMAT_H_
#define SERVER_BASE_WIRE_FORMAT_H_

#include <google/protobuf/io/coded_stream.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace docspace::gateway {

inline void AppendVarint(std::string& message, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) message.push_back(static_cast<char>(value | 0x80));
  message.push_back(static_cast<char>(value));
}

// Appends a field of an integer type other than sint32 and sint64, unless it is 0, its default.
// Negative values are allowed.
inline void AppendInteger(std::string& message, int field, std::int64_t value) {
  if (value == 0) return;
  AppendVarint(message, static_cast<std::uint64_t>(field) << 3);
  AppendVarint(message, static_cast<std::uint64_t>(value));
}

// Appends the start of a field of type string or bytes, or of a message, whose value must follow.
inline void AppendLength(std::string& message, int field, std::size_t size) {
  constexpr std::uint64_t kLengthDelimited = 2;
  AppendVarint(message, static_cast<std::uint64_t>(field) << 3 | kLengthDelimited);
  AppendVarint(message, size);
}

// Appends a field of type string or bytes, or a message that is serialised. A string must be UTF-8.
inline void AppendBytes(std::string& message, int field, std::string_view value) {
  AppendLength(message, field, value.size());
  message.append(value);
}

// Returns the number of bytes that AppendBytes appends for a field whose number is below 16.
inline std::size_t SizeOfBytes(std::size_t value_size) {
  return 1 + google::protobuf::io::CodedOutputStream::VarintSize64(value_size) + value_size;
}

}  // namespace docspace::gateway

#endif  // SERVER_BASE_WIRE_FORMAT_H_
