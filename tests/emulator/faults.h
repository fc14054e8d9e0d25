// Failures on demand: what the portal, its proxy or the network does to a request.
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

struct Fault {
  enum class Body {
    // The portal's own answer, delivered by `delivery`; `status` means nothing.
    kGenuine,
    kEmpty,
    // The three forms of JSON of docs/portal-api.md#failures; `text` is the message.
    kErrorJson,
    kValidationJson,
    kProblemJson,
    // text/plain, and a JSON document that is only a string.
    kText,
    kBareString,
    // Of a reverse proxy.
    kHtml,
    // Declared as JSON but cut in the middle.
    kMalformedJson,
    // `text` as it is, as JSON unless `headers` say otherwise.
    kVerbatim,
  };
  int status = 503;
  Body body = Body::kEmpty;
  std::string text{};
  // The exception's type in error JSON; absent: an answer without a trace.
  std::optional<std::string> type = "System.Exception";
  // Added to the answer, e.g. Location. A redirect without one gets one.
  std::vector<Header> headers{};
  // Retry-After; with status 429 the X-RateLimit headers of the daily limit too.
  std::optional<std::chrono::seconds> retry_after{};
  Delivery delivery{};
  // Whether the portal acts on the request before it fails: a write whose outcome nobody learns.
  bool applied = false;
  // How many requests fail.
  int times = 1;
  // Only requests of this method and with a target that starts so fail; empty: any.
  std::string method{};
  std::string target{};
};

// The answer of a fault that is not kGenuine.
Response Render(const Fault& fault, const Request& request, Time now);

// {"status": 503, "body": "html", "text": "…", "type": "System.InvalidOperationException" or null,
//  "headers": {"Location": "…"}, "retryAfter": 7, "delayMs": 100, "truncateAfter": 20, "drop":
//  "close"|"reset", "applied": true, "times": 2, "method": "GET", "target": "/api/2.0/keys"}, every
//  member optional. `body` is one of genuine,
// empty, error, validation, problem, text, bare-string, html, malformed, verbatim: by default empty
// where there is a status and genuine where there is none.
// Throws std::invalid_argument, with what is wrong, for anything else.
Fault ParseFault(std::string_view json);

// The magic name: a create or update whose key name is `emulate` and words fails so by itself, e.g.
// `emulate 503 html`, `emulate drop applied`, `emulate 429 retry-after=7`. Words: a status, a body
// as above, `drop`, `reset`, `applied`, `delay=<ms>`, `truncate=<bytes>`, `retry-after=<s>`.
// Nothing for any other request.
std::optional<Fault> FaultOfName(const Request& request);

// Faults waiting for their requests. Not thread-safe.
class Faults {
 public:
  void Add(Fault fault) { waiting_.push_back(std::move(fault)); }
  void Clear() { waiting_.clear(); }
  // The first that fits the request, if any; counted.
  std::optional<Fault> Take(const Request& request);

 private:
  std::list<Fault> waiting_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_FAULTS_H_
