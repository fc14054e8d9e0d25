#include "tests/emulator/emulator.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <limits>
#include <stdexcept>
#include <utility>

namespace docspace::emulator {
namespace {

namespace json = boost::json;

constexpr std::string_view kAdminPrefix = "/emulator/";

struct Person {
  Role role;
  std::string_view email;
  std::string_view name;
};

// The users' names contain characters that a portal must encode.
constexpr auto kPeople = std::to_array<Person>({
    {Role::kOwner, "owner@portal.example", "Olga Owner"},
    {Role::kDocSpaceAdmin, "admin@portal.example", "Adam O'Admin"},
    {Role::kRoomAdmin, "room.admin@portal.example", "Rosa <Rooms> & Sons"},
    {Role::kUser, "user@portal.example", "Ülo Üser"},
    {Role::kGuest, "guest@portal.example", "Gaston \"Guest\""},
});

Response JsonResponse(int status, const json::object& body) {
  return Response{.status = status,
                  .headers = {{"Content-Type", "application/json"}},
                  .body = json::serialize(body)};
}

// Returns whether the portal's own OAuth2 service grants the scope: it grants every permission
// except those for everything.
bool IsGrantedToTokens(std::string_view scope) {
  return scope == "openid" ||
         (!scope.starts_with('*') &&
          std::find(kPermissions.begin(), kPermissions.end(), scope) != kPermissions.end());
}

EmulatorOptions WithScheme(EmulatorOptions options) {
  if (!options.http.tls_certificate.empty()) options.api.scheme = "https";
  return options;
}

}  // namespace

std::string SeededUser::Basic() const { return "Basic " + Base64(email + ":" + password); }

std::unique_ptr<Emulator> Emulator::Start(EmulatorOptions options) {
  std::unique_ptr<Emulator> emulator(new Emulator(WithScheme(std::move(options))));
  emulator->Resume();
  return emulator;
}

Emulator::Emulator(EmulatorOptions options)
    : options_(std::move(options)),
      entropy_(options_.seed),
      tokens_(entropy_.Bytes(32)),
      portal_(clock_, entropy_, RulesOf(options_.api.generation)),
      api_(options_.api, portal_, tokens_, clock_) {
  if (options_.now) clock_.Set(*options_.now);
  SeedUsers();
}

Emulator::~Emulator() { Stop(); }

std::string Emulator::url() const {
  const bool is_ipv6 = options_.http.address.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + options_.http.address + "]" : options_.http.address;
  return options_.api.scheme + "://" + host + ":" + std::to_string(port());
}

void Emulator::Stop() { server_.reset(); }

void Emulator::Resume() {
  server_ = std::make_unique<HttpServer>(
      options_.http, connection_count_, [this](const Request& request) { return Handle(request); });
  options_.http.port = server_->port();
}

void Emulator::SeedUsers() {
  for (const Person& person : kPeople) {
    const User& user = portal_.AddUser(person.role, std::string(person.email), entropy_.Hex(12),
                                       std::string(person.name));
    users_.push_back({.role = user.role,
                      .id = user.id,
                      .email = user.email,
                      .password = user.password,
                      .display_name = user.display_name,
                      .session_token = user.session_token});
    SeededUser& seeded = users_.back();
    constexpr std::chrono::seconds kTenYears = std::chrono::years(10);
    std::vector<std::string> scopes = {"accounts:write", "accounts.self:write", "files:write",
                                       "rooms:write"};
    seeded.oauth2_token = MintToken(user.role, scopes, kTenYears);
    scopes.emplace_back("openid");
    seeded.open_id_token = MintToken(user.role, scopes, kTenYears);
    if (options_.with_api_keys && user.role != Role::kGuest) {
      const ApiKey& key =
          portal_.CreateApiKey(user, {.name = std::string(ToString(user.role)) + " key"});
      seeded.api_key = key.secret;
      seeded.api_key_id = key.id;
    }
  }
}

const SeededUser& Emulator::user(Role role) const {
  return *std::find_if(users_.begin(), users_.end(),
                       [&](const SeededUser& user) { return user.role == role; });
}

std::string Emulator::MintToken(Role role, const std::vector<std::string>& scopes,
                                std::chrono::seconds lifetime) const {
  for (const std::string& scope : scopes) {
    if (!IsGrantedToTokens(scope)) {
      throw std::invalid_argument("no token of the portal has the scope " + scope);
    }
  }
  const Time now = Now();
  return tokens_.Mint(
      {.subject = user(role).id, .scopes = scopes, .issued_at = now, .expires_at = now + lifetime});
}

void Emulator::FailNext(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.Add(std::move(fault));
}

void Emulator::FailAlways(Fault fault) {
  fault.times = std::numeric_limits<int>::max();
  FailNext(std::move(fault));
}

void Emulator::ClearFaults() {
  const std::lock_guard lock(mutex_);
  faults_.Clear();
}

std::vector<ApiKey> Emulator::SeedKeys(Role role, std::size_t count, std::string_view prefix) {
  std::vector<ApiKey> keys;
  for (std::size_t i = 1; i <= count; ++i) {
    keys.push_back(SeedKey(role, {.name = std::string(prefix) + std::to_string(i)}));
  }
  return keys;
}

ApiKey Emulator::SeedKey(Role role, const NewApiKey& key) {
  const std::lock_guard lock(mutex_);
  return portal_.CreateApiKey(*portal_.FindUser(user(role).id), key);
}

std::vector<ApiKey> Emulator::Keys() const {
  const std::lock_guard lock(mutex_);
  std::vector<ApiKey> keys;
  for (const ApiKey* key : portal_.AllApiKeys()) keys.push_back(*key);
  return keys;
}

std::size_t Emulator::CreatedWithName(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return portal_.CreatedWithName(name);
}

void Emulator::SetConditions(const Conditions& conditions) {
  const std::lock_guard lock(mutex_);
  portal_.SetConditions(conditions);
}

void Emulator::SetUserState(Role role, UserState state) {
  const std::lock_guard lock(mutex_);
  portal_.SetUserState(user(role).id, state);
}

void Emulator::SetTime(Time now) {
  const std::lock_guard lock(mutex_);
  clock_.Set(now);
}

void Emulator::AdvanceTime(Ticks by) {
  const std::lock_guard lock(mutex_);
  clock_.Advance(by);
}

Time Emulator::Now() const {
  const std::lock_guard lock(mutex_);
  return clock_.Now();
}

void Emulator::SetViews(const ViewOptions& views) {
  const std::lock_guard lock(mutex_);
  api_.views() = views;
}

std::vector<Request> Emulator::Requests() const {
  const std::lock_guard lock(mutex_);
  return {requests_.begin(), requests_.end()};
}

void Emulator::ForgetRequests() {
  const std::lock_guard lock(mutex_);
  requests_.clear();
}

std::size_t Emulator::Received(std::string_view method, std::string_view target) const {
  const std::lock_guard lock(mutex_);
  return std::count_if(requests_.begin(), requests_.end(), [&](const Request& request) {
    return request.method == method && request.target.starts_with(target);
  });
}

std::uint64_t Emulator::request_count() const {
  const std::lock_guard lock(mutex_);
  return request_count_;
}

Response Emulator::Handle(const Request& request) {
  const std::lock_guard lock(mutex_);
  if (request.target.starts_with(kAdminPrefix)) return HandleAdmin(request);
  ++request_count_;
  requests_.push_back(request);
  if (requests_.size() > options_.request_log) requests_.pop_front();

  std::optional<Fault> fault = faults_.Take(request);
  if (!fault) fault = FaultOfName(request);
  Response response;
  if (!fault || fault->applied || fault->body == Fault::Body::kGenuine) {
    response = api_.Handle(request);
  }
  if (fault) {
    if (fault->body != Fault::Body::kGenuine) response = Render(*fault, request, clock_.Now());
    std::shared_ptr<void> place = std::move(response.delivery.place);
    response.delivery = fault->delivery;
    response.delivery.place = std::move(place);
  }
  response.delivery.delay += options_.delay;
  return response;
}

Response Emulator::HandleAdmin(const Request& request) {
  const std::string what = request.method + " " + request.target.substr(kAdminPrefix.size());
  try {
    if (what == "POST fail") {
      faults_.Add(ParseFault(request.body));
      return Response{.status = 204};
    }
    if (what == "PUT conditions") {
      portal_.SetConditions(ParseConditions(request.body));
      return Response{.status = 204};
    }
  } catch (const std::invalid_argument& error) {
    return JsonResponse(400, {{"error", error.what()}});
  }
  if (what == "DELETE fail") {
    faults_.Clear();
    return Response{.status = 204};
  }
  if (what == "GET state") {
    return JsonResponse(200, {{"requests", request_count_},
                              {"connections", connection_count_.load()},
                              {"keys", portal_.key_count()}});
  }
  return Response{.status = 404};
}

}  // namespace docspace::emulator
