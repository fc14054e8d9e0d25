// Failures on demand, of the portal, its proxy or the network.
#ifndef TESTS_EMULATOR_FAULTS_H_
#define TESTS_EMULATOR_FAULTS_H_

#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/emulator/clock.h"
#include "tests/emulator/message.h"

namespace docspace::emulator {

// `Fault` describes a failure and the requests to which it applies.
struct Fault {
  enum class Body {
    // The portal's own response, delivered according to `delivery`; `status` is ignored.
    kGenuine,
    kEmpty,
    // The three forms of JSON of docs/portal-api.md#failures; `text` is the message.
    kErrorJson,
    kValidationJson,
    kProblemJson,
    // Plain text, and a JSON document that is only a string.
    kText,
    kBareString,
    // The page of a reverse proxy.
    kHtml,
    // JSON that is cut in the middle.
    kMalformedJson,
    // `text` unchanged, declared as JSON unless `headers` say otherwise.
    kVerbatim,
  };
  int status = 503;
  Body body = Body::kEmpty;
  std::string text{};
  // The exception's type in error JSON; if absent, the response has no trace.
  std::optional<std::string> type = "System.Exception";
  // Headers added to the response, e.g. Location. A redirect without Location gets one.
  std::vector<Header> headers{};
  // The value of Retry-After. With status 429 the X-RateLimit headers of the daily limit are added
  // too.
  std::optional<std::chrono::seconds> retry_after{};
  Delivery delivery{};
  // Whether the portal processes the request before it fails, so that the outcome of a write is
  // unknown to the caller.
  bool applied = false;
  // The number of requests that fail.
  int times = 1;
  // Only requests with this method and a target that starts with `target` fail. Empty values match
  // every request.
  std::string method{};
  std::string target{};
};

// Returns the response of a fault that is not kGenuine.
Response Render(const Fault& fault, const Request& request, Time now);

// Parses a fault from JSON, in which every member is optional:
//   {"status": 503, "body": "html", "text": "…",
//    "type": "System.InvalidOperationException" or null, "headers": {"Location": "…"},
//    "retryAfter": 7, "delayMs": 100, "truncateAfter": 20, "drop": "close"|"reset",
//    "applied": true, "times": 2, "method": "GET", "target": "/api/2.0/keys"}
// `body` is one of genuine, empty, error, validation, problem, text, bare-string, html, malformed
// and verbatim; the default is empty if there is a status, and genuine otherwise. Throws
// std::invalid_argument with a description of the problem for anything else.
Fault ParseFault(std::string_view json);

// Returns the fault that the key's name in a create or update requests: `emulate` followed by
// words, e.g. `emulate 503 html`, `emulate drop applied`, `emulate 429 retry-after=7`. The words
// are a status, a body as above, `drop`, `reset`, `applied`, `delay=<ms>`, `truncate=<bytes>` and
// `retry-after=<s>`. Returns nothing for any other request.
std::optional<Fault> FaultOfName(const Request& request);

// `Faults` holds the faults that have not yet been applied. Not thread-safe.
class Faults {
 public:
  void Add(Fault fault) { waiting_.push_back(std::move(fault)); }
  void Clear() { waiting_.clear(); }
  // Returns the first fault that matches the request, if any, and counts its use.
  std::optional<Fault> Take(const Request& request);

 private:
  std::list<Fault> waiting_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_FAULTS_H_
