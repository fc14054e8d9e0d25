// State and refusals → the portal's JSON.
#ifndef TESTS_EMULATOR_JSON_VIEWS_H_
#define TESTS_EMULATOR_JSON_VIEWS_H_

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/emulator/portal.h"
#include "tests/emulator/portal_exception.h"

namespace docspace::emulator {

// What differs between portals.
struct ViewOptions {
  std::chrono::minutes portal_offset = std::chrono::hours(3);
  // Date-times as the SDK documentation declares them, `{"utcTime": …, "timeZoneOffset": …}`.
  bool date_time_objects = false;
  // Absent date-times as 0001-01-01 instead of left out.
  bool minimum_date_time_for_none = false;
  // Everything outside ASCII, and the characters that matter in HTML, as \uXXXX: .NET's default.
  bool ascii_json = false;
};

// Which request is answered: it is quoted in the envelope's links.
struct RequestLine {
  std::string method;
  // Scheme, host and path.
  std::string url;
};

enum class SecretView { kMasked, kFull };
boost::json::object ApiKeyView(const ApiKey& key, SecretView secret, const ViewOptions& options);

struct Envelope {
  boost::json::value response;
  std::int64_t count = 1;
  std::optional<std::int64_t> total;
};
std::string ToJson(Envelope envelope, const RequestLine& request, const ViewOptions& options);

std::string ErrorJson(const PortalException& exception);
std::string ValidationJson(const ValidationErrors& errors, const RequestLine& request);
std::string ProblemJson(int status, std::string_view title);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_JSON_VIEWS_H_
