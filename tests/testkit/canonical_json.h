// The JSON of a message as protobuf writes it: the judge of what the gateway reads.
#ifndef TESTS_TESTKIT_CANONICAL_JSON_H_
#define TESTS_TESTKIT_CANONICAL_JSON_H_

#include <google/protobuf/message.h>

#include <string>

namespace docspace::gateway::testkit {

// Throws std::runtime_error for a message that has none.
std::string CanonicalJson(const google::protobuf::Message& message);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_CANONICAL_JSON_H_
