// The rules that a response can break, as texts for logs and failures. No text holds any content of
// the response. Tests compare them, so that each test asserts which rule refused.
#ifndef SERVER_HTTP_RESPONSE_PROBLEMS_H_
#define SERVER_HTTP_RESPONSE_PROBLEMS_H_

#include <string_view>

namespace docspace::gateway::http {

// Rules about the head and chunks.
inline constexpr std::string_view kBareLineEnd = "a line does not end in CR LF";
inline constexpr std::string_view kTooMuchFraming = "too much framing around too little body";

// Rules about the head.
inline constexpr std::string_view kNotHttp = "not an HTTP/1 status line";
inline constexpr std::string_view kControlInHead = "a control character in the head";
inline constexpr std::string_view kHeadTooLong = "the head is too long";
inline constexpr std::string_view kUnfinishedHead = "the head is not finished";
inline constexpr std::string_view kTooManyFields = "too many header fields";
inline constexpr std::string_view kBadFieldName = "a header field without a name";
inline constexpr std::string_view kBadFieldValue =
    "a header field with a control character, or a Connection that is no list of tokens";
inline constexpr std::string_view kFoldTooLong = "a folded header field is too long";
inline constexpr std::string_view kFoldedFraming =
    "a folded header field that says how the body is framed";
inline constexpr std::string_view kBadContentLength =
    "Content-Length is not one number, or comes with Transfer-Encoding";
inline constexpr std::string_view kTwoContentLengths = "two different Content-Length";
inline constexpr std::string_view kBadTransferEncoding =
    "Transfer-Encoding is not one chunked, or comes with Content-Length or in HTTP/1.0";
inline constexpr std::string_view kContentCoding = "a content coding that was not asked for";
inline constexpr std::string_view kUnrequestedSwitch =
    "a switch of protocols that was not asked for";
inline constexpr std::string_view kInterimBody = "an interim response with a body";
inline constexpr std::string_view kTooManyInterim = "too many interim responses";
inline constexpr std::string_view kEndInHead = "the connection ended inside the head";

// Rules about the body.
inline constexpr std::string_view kBodyTooLong = "the body is too long";
inline constexpr std::string_view kEndInBody = "the connection ended inside the body";
inline constexpr std::string_view kBadChunkSize = "a chunk's size is not a number";
inline constexpr std::string_view kChunkTooLong = "a chunk is longer than its size";
inline constexpr std::string_view kControlInChunks = "a control character between chunks";
inline constexpr std::string_view kBadTrailerName = "a trailer field without a name";

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_RESPONSE_PROBLEMS_H_
