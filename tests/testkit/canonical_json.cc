#include "tests/testkit/canonical_json.h"

#include <google/protobuf/util/json_util.h>

#include <stdexcept>

namespace docspace::gateway::testkit {

std::string CanonicalJson(const google::protobuf::Message& message) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json);
  if (!status.ok()) throw std::runtime_error(status.ToString());
  return json;
}

}  // namespace docspace::gateway::testkit
