// The portal's REST API: an HTTP request → its answer, by contract section "Operations".
#ifndef TESTS_EMULATOR_API_H_
#define TESTS_EMULATOR_API_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "tests/emulator/authentication.h"
#include "tests/emulator/clock.h"
#include "tests/emulator/json_views.h"
#include "tests/emulator/json_web_token.h"
#include "tests/emulator/message.h"
#include "tests/emulator/portal.h"
#include "tests/emulator/rate_limit.h"

namespace docspace::emulator {

struct ApiOptions {
  ViewOptions views;
  // Calls of one user; 0: no limit. The portal's own default is 5 creations.
  std::size_t creations_per_15_minutes = 0;
  std::size_t calls_per_minute = 0;
  // The tenant: requests with another Host are answered 404. Empty: any.
  std::string host;
  // Of the links.
  std::string scheme = "http";
};

// Not thread-safe.
class Api {
 public:
  // All must outlive the API.
  Api(ApiOptions options, Portal& portal, const JsonWebTokens& tokens, const Clock& clock)
      : options_(std::move(options)),
        portal_(portal),
        tokens_(tokens),
        clock_(clock),
        creations_(options_.creations_per_15_minutes, std::chrono::minutes(15)),
        calls_(options_.calls_per_minute, std::chrono::minutes(1)) {}

  Response Handle(const Request& request);

  ViewOptions& views() { return options_.views; }

 private:
  Response Route(const Request& request);
  Response Invoke(const Request& request, const std::string& operation, const Principal& caller,
                  const RequestLine& line);

  ApiOptions options_;
  Portal& portal_;
  const JsonWebTokens& tokens_;
  const Clock& clock_;
  RateLimit creations_;
  RateLimit calls_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_API_H_
