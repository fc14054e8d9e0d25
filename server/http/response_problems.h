// What is wrong with a response, in words that several of its readers use.
#ifndef SERVER_HTTP_RESPONSE_PROBLEMS_H_
#define SERVER_HTTP_RESPONSE_PROBLEMS_H_

#include <string_view>

namespace docspace::gateway::http {

inline constexpr std::string_view kBareLineEnd = "a line does not end in CR LF";
inline constexpr std::string_view kBodyTooLong = "the body is too long";
inline constexpr std::string_view kControlInHead = "a control character in the head";
inline constexpr std::string_view kNotHttp = "not an HTTP/1 status line";
inline constexpr std::string_view kTooMuchFraming = "too much framing around too little body";

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_RESPONSE_PROBLEMS_H_
