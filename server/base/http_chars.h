// The characters of which HTTP's fields and credentials are made, by RFC 9110. Visible characters,
// VCHAR of section 2.1, are in ascii.h.
#ifndef SERVER_BASE_HTTP_CHARS_H_
#define SERVER_BASE_HTTP_CHARS_H_

#include <string_view>

namespace docspace::gateway {

// Returns whether `text` is a token, RFC 9110 section 5.6.2: the name of a field, for instance.
bool IsToken(std::string_view text);

// Returns whether `text` is a token68, RFC 9110 section 11.2: base64, a JWT and an API key are.
bool IsToken68(std::string_view text);

// Returns whether `text` may be part of a field's value, RFC 9110 section 5.5: it holds no control
// character but the tab. Bytes from 0x80 on (obs-text) are allowed. White space at the ends is not
// checked.
bool IsFieldText(std::string_view text);

}  // namespace docspace::gateway

#endif  // SERVER_BASE_HTTP_CHARS_H_
