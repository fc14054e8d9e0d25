// A portal with an owner, a user and a guest, called without a network.
#ifndef TESTS_EMULATOR_API_FIXTURE_H_
#define TESTS_EMULATOR_API_FIXTURE_H_

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/emulator/api.h"
#include "tests/emulator/clock.h"
#include "tests/emulator/entropy.h"
#include "tests/emulator/json_web_token.h"
#include "tests/emulator/message.h"
#include "tests/emulator/portal.h"

namespace docspace::emulator {

class ApiFixture : public ::testing::Test {
 protected:
  static constexpr Time kNow{std::chrono::seconds(1'780'000'000)};
  static constexpr const char* kKeys = "/api/2.0/keys";
  static constexpr const char* kPermissionsPath = "/api/2.0/keys/permissions";
  static constexpr const char* kSelf = "/api/2.0/keys/@self";
  static constexpr const char* kUnknownKey = "/api/2.0/keys/0f8fad5b-d9cb-469f-a165-70867728950e";
  static constexpr const char* kNewKey = R"({"name":"n"})";

  explicit ApiFixture(ApiOptions options = {})
      : portal_(clock_, entropy_, RulesOf(options.generation)),
        api_(std::move(options), portal_, tokens_, clock_) {
    clock_.Set(kNow);
  }

  const User& Add(Role role) {
    return portal_.AddUser(role, std::string(ToString(role)) + "@portal.example", "pass:word",
                           "Somebody");
  }

  Response Call(std::string method, std::string target, std::vector<Header> headers,
                std::string body = "") {
    headers.push_back({"Host", "portal.example"});
    if (method == "POST" || method == "PUT") {
      headers.push_back({"Content-Type", "application/json"});
    }
    return api_.Handle({.method = std::move(method),
                        .target = std::move(target),
                        .headers = std::move(headers),
                        .body = std::move(body)});
  }

  static Header Basic(const User& user) {
    return {"Authorization", "Basic " + Base64(user.email + ":" + user.password)};
  }
  static Header Bearer(std::string_view token) {
    return {"Authorization", "Bearer " + std::string(token)};
  }
  static Header Cookie(const User& user) {
    return {"Cookie", "theme=dark; asc_auth_key=" + user.session_token + "; x=y"};
  }
  Header Jwt(const User& user, std::vector<std::string> scopes,
             std::chrono::seconds lifetime = std::chrono::minutes(1)) {
    return Bearer(tokens_.Mint({.subject = user.id,
                                .scopes = std::move(scopes),
                                .issued_at = kNow,
                                .expires_at = kNow + lifetime}));
  }
  const ApiKey& KeyWith(const User& user, std::vector<std::string> permissions) {
    NewApiKey key{.name = "k"};
    if (!permissions.empty()) key.permissions = std::move(permissions);
    return portal_.CreateApiKey(user, key);
  }
  const ApiKey& ExpiredKeyOf(const User& user) {
    const ApiKey& key = portal_.CreateApiKey(user, {.name = "e", .expires_in_days = 1});
    clock_.Advance(std::chrono::days(1));
    return key;
  }
  static std::string PathOf(const ApiKey& key) { return std::string(kKeys) + "/" + key.id; }

  static boost::json::value ResponseOf(const Response& answer) {
    return boost::json::parse(answer.body).at("response");
  }
  static boost::json::value ErrorOf(const Response& answer) {
    return boost::json::parse(answer.body).at("error");
  }

  Clock clock_;
  Entropy entropy_{1};
  JsonWebTokens tokens_{"signing key"};
  Portal portal_;
  const User& owner_ = Add(Role::kOwner);
  const User& user_ = Add(Role::kUser);
  const User& guest_ = Add(Role::kGuest);
  Api api_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_API_FIXTURE_H_
