// A DocSpace portal in this process, as docs/portal-api.md describes it, on a port of loopback.
//
//   const auto emulator = Emulator::Start();
//   emulator->FailNext({.status = 503, .body = Fault::Body::kHtml});
//   Call(emulator->url(), emulator->user(Role::kOwner).Basic());
//   EXPECT_EQ(emulator->Received("GET", "/api/2.0/keys"), 1);
//
// Besides the portal's API it answers, without credentials, POST /emulator/fail (see ParseFault)
// and DELETE /emulator/fail, PUT /emulator/conditions (see ParseConditions), and GET
// /emulator/state.
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
  // Of the ids and secrets; none: random ones.
  std::optional<std::uint64_t> seed{};
  // Where the clock stands, stopped; none: the system's time.
  std::optional<Time> now{};
  // Whether every role but the guest, who cannot have one, starts with an unrestricted API key.
  bool with_api_keys = true;
  // Waited before every answer of the portal.
  std::chrono::milliseconds delay{0};
  // How many received requests are remembered, the latest ones.
  std::size_t request_log = 10'000;
};

// A user with every credential.
struct SeededUser {
  Role role = Role::kUser;
  std::string id;
  std::string email;
  std::string password;
  // As the portal stores it; its JSON has it HTML-encoded.
  std::string display_name;
  std::string session_token;
  // JWTs of the portal's own OAuth2 service, valid for ten years, with the widest scopes that it
  // grants; the second with `openid` too.
  std::string oauth2_token{};
  std::string open_id_token{};
  // Empty for a guest.
  std::string api_key{};
  std::string api_key_id{};

  // The value of an Authorization header: `Basic …`.
  std::string Basic() const;
};

// Thread-safe but for Stop and Resume, which one thread calls at a time.
class Emulator {
 public:
  // Throws std::exception where it cannot listen.
  static std::unique_ptr<Emulator> Start(EmulatorOptions options = {});
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  std::uint16_t port() const { return options_.http.port; }
  // `http://127.0.0.1:34567`, or https.
  std::string url() const;

  // Closes the port and every connection at once; the state stays.
  void Stop();
  // Listens again after Stop, on the same port.
  void Resume();

  const std::vector<SeededUser>& users() const { return users_; }
  const SeededUser& user(Role role) const;

  // A JWT of the portal's own OAuth2 service for that role's user; a negative lifetime makes an
  // expired one. Throws std::invalid_argument for a scope that it cannot grant: only accounts,
  // accounts.self, files and rooms, each with `:read` or `:write`, and openid.
  std::string MintToken(Role role, const std::vector<std::string>& scopes,
                        std::chrono::seconds lifetime = std::chrono::hours(1)) const;

  // Faults apply in the order they are given, each to the first request that fits it.
  void FailNext(Fault fault);
  // `times` of that fault is without end.
  void FailAlways(Fault fault);
  void ClearFaults();

  // Makes `count` keys of that role's user, named `<prefix>1` and so on. Returns them.
  std::vector<ApiKey> SeedKeys(Role role, std::size_t count, std::string_view prefix = "Key ");
  // Makes one, past the rate limits.
  ApiKey SeedKey(Role role, const NewApiKey& key);
  // The state of all keys in the order of creation, with their secrets.
  std::vector<ApiKey> Keys() const;
  // How many keys of that name were created by requests and seeds, deleted ones included.
  std::size_t CreatedWithName(std::string_view name) const;
  void SetConditions(const Conditions& conditions);
  void SetUserState(Role role, UserState state);

  // The portal's clock, which stops at `now`.
  void SetTime(Time now);
  void AdvanceTime(Ticks by);
  Time Now() const;
  void SetViews(const ViewOptions& views);

  // The latest requests in the order of arrival; those to /emulator are not counted.
  std::vector<Request> Requests() const;
  void ForgetRequests();
  // How many of the remembered requests have that method and a target that starts so.
  std::size_t Received(std::string_view method, std::string_view target) const;
  // How many came since the start, remembered or not.
  std::uint64_t request_count() const;
  // How many connections were accepted since the start.
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
