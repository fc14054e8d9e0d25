// A protobuf message as text, to compare it in a test.
#ifndef TESTS_CLIENT_CPP_MESSAGE_TEXT_H_
#define TESTS_CLIENT_CPP_MESSAGE_TEXT_H_

#include <google/protobuf/message.h>

#include <string>

namespace docspace::apikeys {

// Returns the message in protobuf's text format, in one line. It replaces ShortDebugString(), whose
// result differs from process to process since Protobuf 26.
std::string MessageText(const google::protobuf::Message& message);

}  // namespace docspace::apikeys

#endif  // TESTS_CLIENT_CPP_MESSAGE_TEXT_H_
