// The portal's REST API: responds to an HTTP request as a portal of one generation does.
#ifndef TESTS_EMULATOR_API_H_
#define TESTS_EMULATOR_API_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/emulator/authentication.h"
#include "tests/emulator/clock.h"
#include "tests/emulator/generation.h"
#include "tests/emulator/json_views.h"
#include "tests/emulator/json_web_token.h"
#include "tests/emulator/message.h"
#include "tests/emulator/portal.h"
#include "tests/emulator/rate_limit.h"

namespace docspace::emulator {

// `ApiOptions` selects what the emulated portal is.
struct ApiOptions {
  ViewOptions views{};
  Generation generation = Generation::k37;
  Limits limits{};
  // The only host that this portal serves; a request for another Host gets the response for an
  // unknown portal. If empty, every Host is this portal, as in a self-hosted installation.
  std::string host{};
  // The scheme of the links in responses.
  std::string scheme = "http";
};

// `Api` handles the requests of one portal. Not thread-safe.
class Api {
 public:
  // `portal`, `tokens` and `clock` must outlive the API. `portal` must have the rules of
  // `options.generation`.
  Api(ApiOptions options, Portal& portal, const JsonWebTokens& tokens, const Clock& clock)
      : options_(std::move(options)),
        rules_(RulesOf(options_.generation)),
        portal_(portal),
        tokens_(tokens),
        clock_(clock),
        limiter_(options_.limits) {}

  Response Handle(const Request& request);

  ViewOptions& views() { return options_.views; }

 private:
  // These throw PortalException and ValidationException as the portal's code does. `place` receives
  // the places that the call occupies in the rate limits.
  Response Route(const Request& request, const RequestLine& line, std::shared_ptr<void>& place);
  Response Invoke(const Request& request, const std::string& operation, const Principal& caller,
                  const RequestLine& line);

  // Returns the methods that `path` has, or an empty string if it has no route.
  std::string_view MethodsOf(std::string_view path) const;
  // Returns the response that a condition of the portal imposes on every call of this caller, if
  // any.
  std::optional<Response> Obstacle(const Principal& caller, std::string_view operation) const;
  void DemandStorable(std::string_view name) const;

  ApiOptions options_;
  const Rules& rules_;
  Portal& portal_;
  const JsonWebTokens& tokens_;
  const Clock& clock_;
  RateLimiter limiter_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_API_H_
