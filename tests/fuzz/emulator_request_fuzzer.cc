// Passes any method, target, headers and body to the emulator, on whose parsing tests rely.
//
// An input is a line with the method and the target, lines of headers, an empty line, and the body.
// In it, KEY_ID stands for the id of an existing key, SECRET for its secret, SESSION for its
// owner's session token, and TOKEN for a JWT of the owner; EMAIL and PASSWORD are "a@b.c" and
// "pass".
#include <boost/json.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "tests/emulator/api.h"
#include "tests/emulator/faults.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/require.h"

namespace docspace::fuzz {
namespace {

namespace json = boost::json;
using namespace emulator;  // NOLINT(google-build-using-namespace): what is tested.

constexpr Time kNow{std::chrono::seconds(1'780'000'000)};

// A portal with one user and one key, the same for each input.
struct World {
  World() { clock.Set(kNow); }

  Clock clock;
  Entropy entropy{1};
  JsonWebTokens tokens{"signing key"};
  Portal portal{clock, entropy};
  const User& user = portal.AddUser(Role::kUser, "a@b.c", "pass", "Somebody");
  // A copy, because a request may delete the key.
  const ApiKey key = portal.CreateApiKey(user, {.name = "Key"});
  Api api{{.limits = Limits::Cloud()}, portal, tokens, clock};
};

void Replace(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

Request ReadRequest(std::string_view input, const World& world) {
  std::string text(input);
  Replace(text, "KEY_ID", world.key.id);
  Replace(text, "SECRET", world.key.secret);
  Replace(text, "SESSION", world.user.session_token);
  if (text.find("TOKEN") != std::string::npos) {
    Replace(text, "TOKEN",
            world.tokens.Mint({.subject = world.user.id,
                               .scopes = {"*:read", "*:write"},
                               .issued_at = kNow,
                               .expires_at = kNow + std::chrono::hours(1)}));
  }
  std::string_view rest = text;
  std::string_view first = TakeUntil(rest, "\n");
  Request request{.method = std::string(TakeUntil(first, " ")), .target = std::string(first)};
  while (!rest.empty()) {
    std::string_view line = TakeUntil(rest, "\n");
    if (line.empty()) break;
    const std::string_view name = TakeUntil(line, ": ");
    request.headers.push_back({std::string(name), std::string(line)});
  }
  request.body = rest;
  return request;
}

void CheckAnswer(const Request& request, const Response& response, const World& world,
                 std::size_t keys_before) {
  Require(response.Find("api-supported-versions") == "2.0", "every answer is the portal's");
  const std::size_t keys = world.portal.key_count();
  const bool created = keys == keys_before + 1;
  const bool deleted = keys + 1 == keys_before;
  Require(keys == keys_before || created || deleted, "one request makes or takes one key at most");
  Require(!created || (request.method == "POST" && response.status == 200),
          "a key is made by POST alone, which says so");
  Require(!deleted || (request.method == "DELETE" && response.status == 200),
          "a key is taken by DELETE alone, which says so");
  if (response.status == 401) {
    Require(response.body.empty(), "who is not known is told nothing");
    Require(keys == keys_before, "who is not known does nothing");
  }
  if (response.status != 200) return;
  Require(!request.All("Authorization").empty() || !request.All("Cookie").empty(),
          "only who is known is served");
  const json::value envelope = json::parse(response.body);
  for (const char* member : {"response", "count", "links", "status", "statusCode"}) {
    Require(envelope.get_object().contains(member), "a success comes in the envelope");
  }
  const std::string told = json::serialize(envelope.at("response"));
  // The URLs in a response repeat the request's host.
  bool says_it_itself = false;
  for (const auto& host : request.All("Host")) {
    says_it_itself |= std::string_view(host).find(world.key.secret) != std::string_view::npos;
  }
  Require(request.method == "POST" || says_it_itself ||
              told.find(world.key.secret) == std::string::npos,
          "the secret is told only once");
  if (created) {
    const json::value& key = envelope.at("response");
    Require(world.portal.CreatedWithName(std::string_view(key.at("name").get_string())) > 0,
            "a key has the name that was asked for");
  }
}

void CheckFaults(const Request& request) {
  FaultOfName(request);
  try {
    const Fault fault = ParseFault(request.body);
    if (fault.body != Fault::Body::kGenuine) Render(fault, request, kNow);
  } catch (const std::invalid_argument&) {
    // This exception is the documented reaction to any other text.
  }
}

}  // namespace
}  // namespace docspace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace docspace::fuzz;  // NOLINT(google-build-using-namespace): its one user.
  World world;
  const docspace::emulator::Request request = ReadRequest(Text(data, size), world);
  const std::size_t keys = world.portal.key_count();
  CheckAnswer(request, world.api.Handle(request), world, keys);
  CheckFaults(request);
  return 0;
}
