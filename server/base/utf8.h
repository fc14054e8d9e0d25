// UTF-8. The checks are needed because protobuf strings, JSON and gRPC messages with other bytes
// are refused.
#ifndef SERVER_BASE_UTF8_H_
#define SERVER_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace docspace::gateway {

// Returns whether `text` is UTF-8 by RFC 3629: no overlong form, no surrogate, nothing above
// U+10FFFF.
bool IsValidUtf8(std::string_view text);

// Returns the longest prefix of at most `limit` bytes that ends between two characters. `text` must
// be UTF-8.
std::string_view TruncateUtf8(std::string_view text, std::size_t limit);

// Returns whether a reader of `character` cannot see it, or is misled by it: control characters,
// line and paragraph separators, characters that change the direction of text, and all that Unicode
// calls default-ignorable (zero-width characters, variation selectors, tags).
bool IsInvisible(char32_t character);

// Returns the first characters of `text` for which IsInvisible is false, as many as fit into
// `limit` bytes. `text` must be UTF-8.
std::string VisibleText(std::string_view text, std::size_t limit);

}  // namespace docspace::gateway

#endif  // SERVER_BASE_UTF8_H_
