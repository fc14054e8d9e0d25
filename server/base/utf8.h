// UTF-8 as the wire formats need it: protobuf strings, JSON and gRPC messages are refused
// otherwise.
#ifndef SERVER_BASE_UTF8_H_
#define SERVER_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace docspace::gateway {

// Whether `text` is UTF-8 by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

// The longest prefix of at most `limit` bytes that ends between two characters. `text` is UTF-8.
std::string_view TruncateUtf8(std::string_view text, std::size_t limit);

// Whether a reader of `character` cannot see it, or is misled by it: control characters, line and
// paragraph separators, whatever changes the direction of text, and all that Unicode calls
// default-ignorable (zero-width characters, variation selectors, tags).
bool IsInvisible(char32_t character);

// The first characters of `text` that IsInvisible is not true of, as many as `limit` bytes hold.
// `text` is UTF-8.
std::string VisibleText(std::string_view text, std::size_t limit);

}  // namespace docspace::gateway

#endif  // SERVER_BASE_UTF8_H_
