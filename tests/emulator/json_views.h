// Translates the portal's state and errors into its JSON.
#ifndef TESTS_EMULATOR_JSON_VIEWS_H_
#define TESTS_EMULATOR_JSON_VIEWS_H_

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/emulator/database.h"
#include "tests/emulator/generation.h"
#include "tests/emulator/portal.h"
#include "tests/emulator/portal_exception.h"

namespace docspace::emulator {

// `ViewOptions` holds the differences between portals of the same generation.
struct ViewOptions {
  std::chrono::minutes portal_offset = std::chrono::hours(3);
  // Writes date-times as the SDK documentation declares them: `{"utcTime": …, "timeZoneOffset":
  // …}`.
  bool date_time_objects = false;
  // Writes absent date-times as 0001-01-01 instead of leaving them out.
  bool minimum_date_time_for_none = false;
  // Writes everything outside ASCII, and the characters that matter in HTML, as \uXXXX, which is
  // .NET's default.
  bool ascii_json = false;
  Database database = Database::kMySql;
};

// `RequestLine` is the part of a request that responses quote.
struct RequestLine {
  std::string method;
  // Scheme and host.
  std::string portal;
  // Path and query, as received.
  std::string target;
};

// The moment at which a key is shown: at creation with its secret and the values as written, later
// masked and with the values as the database stored them.
enum class Moment { kCreation, kLater };
boost::json::object ApiKeyView(const ApiKey& key, Moment moment, const RequestLine& request,
                               const ViewOptions& options, const Rules& rules);

struct Envelope {
  boost::json::value response;
  std::int64_t count = 1;
};
std::string ToJson(Envelope envelope, const RequestLine& request, const ViewOptions& options);

std::string ErrorJson(const PortalException& exception);
std::string ValidationJson(const ValidationErrors& errors, const RequestLine& request,
                           const Rules& rules);
// Return problem JSON as the whole body, and as the `response` of an envelope.
std::string ProblemJson(int status, std::string_view title);
std::string EnvelopedProblemJson(int status, std::string_view title, const RequestLine& request);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_JSON_VIEWS_H_
