// A DocSpace portal in this process, as docs/portal-api.md describes it, on a port of loopback.
//
//   const auto emulator = Emulator::Start();
//   emulator->FailNext({.status = 503, .body = Fault::Body::kHtml});
//   Call(emulator->url(), emulator->user(Role::kOwner).Basic());
//   EXPECT_EQ(emulator->Received("GET", "/api/2.0/keys"), 1);
//
// Besides the portal's API it serves, without credentials, POST /emulator/fail (see ParseFault),
// DELETE /emulator/fail, PUT /emulator/conditions (see ParseConditions) and GET /emulator/state.
#ifndef TESTS_EMULATOR_EMULATOR_H_
#define TESTS_EMULATOR_EMULATOR_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/emulator/api.h"
#include "tests/emulator/clock.h"
#include "tests/emulator/conditions.h"
#include "tests/emulator/entropy.h"
#include "tests/emulator/faults.h"
#include "tests/emulator/http_server.h"
#include "tests/emulator/json_web_token.h"
#include "tests/emulator/message.h"
#include "tests/emulator/portal.h"

namespace docspace::emulator {

struct EmulatorOptions {
  HttpServerOptions http{};
  ApiOptions api{};
  // The seed of ids and secrets; they are random if it is absent.
  std::optional<std::uint64_t> seed{};
  // The time at which the clock is stopped; the clock shows the system's time if it is absent.
  std::optional<Time> now{};
  // Whether every role starts with an unrestricted API key, except the guest, who cannot have one.
  bool with_api_keys = true;
  // The delay before every response of the portal.
  std::chrono::milliseconds delay{0};
  // The number of received requests that are kept, the latest ones.
  std::size_t request_log = 10'000;
};

// A user with every credential.
struct SeededUser {
  Role role = Role::kUser;
  std::string id;
  std::string email;
  std::string password;
  // The name as the portal stores it; its JSON shows it HTML-encoded.
  std::string display_name;
  std::string session_token;
  // JWTs of the portal's own OAuth2 service, valid for ten years, with the widest scopes that it
  // grants; the second also has `openid`.
  std::string oauth2_token{};
  std::string open_id_token{};
  // Empty for a guest.
  std::string api_key{};
  std::string api_key_id{};

  // Returns the value of an Authorization header: `Basic …`.
  std::string Basic() const;
};

// `Emulator` runs an emulated portal. Thread-safe, except that only one thread at a time may call
// Stop and Resume.
class Emulator {
 public:
  // Starts the portal. Throws std::exception if it cannot listen.
  static std::unique_ptr<Emulator> Start(EmulatorOptions options = {});
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  std::uint16_t port() const { return options_.http.port; }
  // Returns the URL, such as `http://127.0.0.1:34567`, with https if it serves TLS.
  std::string url() const;

  // Closes the port and every connection at once; the state stays.
  void Stop();
  // Listens again after Stop, on the same port.
  void Resume();

  const std::vector<SeededUser>& users() const { return users_; }
  const SeededUser& user(Role role) const;

  // Returns a JWT of the portal's own OAuth2 service for that role's user; with a negative lifetime
  // it is expired. Throws std::invalid_argument for a scope that the service cannot grant. It
  // grants accounts, accounts.self, files and rooms, each with `:read` or `:write`, and openid.
  std::string MintToken(Role role, const std::vector<std::string>& scopes,
                        std::chrono::seconds lifetime = std::chrono::hours(1)) const;

  // Adds a fault. Faults apply in the order in which they are added, each to the first requests
  // that match it.
  void FailNext(Fault fault);
  // Adds a fault that applies without limit, whatever its `times`.
  void FailAlways(Fault fault);
  void ClearFaults();

  // Creates `count` keys of that role's user, named `<prefix>1` and so on, and returns them.
  std::vector<ApiKey> SeedKeys(Role role, std::size_t count, std::string_view prefix = "Key ");
  // Creates one key without counting for the rate limits.
  ApiKey SeedKey(Role role, const NewApiKey& key);
  // Returns the state of all keys in the order of creation, with their secrets.
  std::vector<ApiKey> Keys() const;
  // Returns how many keys of that name requests and seeds have created, including deleted ones.
  std::size_t CreatedWithName(std::string_view name) const;
  void SetConditions(const Conditions& conditions);
  void SetUserState(Role role, UserState state);

  // Stops the portal's clock at `now`.
  void SetTime(Time now);
  void AdvanceTime(Ticks by);
  Time Now() const;
  void SetViews(const ViewOptions& views);

  // Returns the latest requests in the order of arrival, except those to /emulator.
  std::vector<Request> Requests() const;
  void ForgetRequests();
  // Returns how many of the kept requests have that method and a target that starts with `target`.
  std::size_t Received(std::string_view method, std::string_view target) const;
  // Returns the number of requests since the start, whether kept or not.
  std::uint64_t request_count() const;
  // Returns the number of connections accepted since the start.
  std::uint64_t connection_count() const { return connection_count_; }

 private:
  explicit Emulator(EmulatorOptions options);

  void SeedUsers();
  Response Handle(const Request& request);
  Response HandleAdmin(const Request& request);

  EmulatorOptions options_;
  mutable std::mutex mutex_;
  Clock clock_;
  Entropy entropy_;
  JsonWebTokens tokens_;
  Portal portal_;
  Api api_;
  Faults faults_;
  std::vector<SeededUser> users_;
  std::deque<Request> requests_;
  std::uint64_t request_count_ = 0;
  std::atomic<std::uint64_t> connection_count_{0};
  std::unique_ptr<HttpServer> server_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_EMULATOR_H_
