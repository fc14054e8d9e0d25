#include "tests/emulator/faults.h"

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/emulator/generation.h"
#include "tests/emulator/html.h"
#include "tests/emulator/json_views.h"
#include "tests/emulator/portal_exception.h"
#include "tests/emulator/rate_limit.h"

namespace docspace::emulator {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<std::string_view, Fault::Body>, 10> kBodies = {{
    {"genuine", Fault::Body::kGenuine},
    {"empty", Fault::Body::kEmpty},
    {"error", Fault::Body::kErrorJson},
    {"validation", Fault::Body::kValidationJson},
    {"problem", Fault::Body::kProblemJson},
    {"text", Fault::Body::kText},
    {"bare-string", Fault::Body::kBareString},
    {"html", Fault::Body::kHtml},
    {"malformed", Fault::Body::kMalformedJson},
    {"verbatim", Fault::Body::kVerbatim},
}};

std::optional<Fault::Body> BodyOf(std::string_view word) {
  for (const auto& [name, body] : kBodies) {
    if (name == word) return body;
  }
  return std::nullopt;
}

std::optional<Delivery::Drop> DropOf(std::string_view word) {
  if (word == "drop" || word == "close") return Delivery::Drop::kClose;
  if (word == "reset") return Delivery::Drop::kReset;
  return std::nullopt;
}

struct Content {
  std::string type;
  std::string body;
};

Content ContentOf(const Fault& fault, const Request& request) {
  const std::string message = fault.text.empty() ? Reason(fault.status) : fault.text;
  const RequestLine line{.method = request.method,
                         .portal = "http://" + request.Find("Host"),
                         .target = request.target};
  constexpr const char* kJson = "application/json; charset=utf-8";
  constexpr const char* kProblem = "application/problem+json; charset=utf-8";
  switch (fault.body) {
    case Fault::Body::kGenuine:
    case Fault::Body::kEmpty:
      return {};
    case Fault::Body::kErrorJson:
      return {kJson, ErrorJson({fault.status, fault.type, message, -2146233088})};
    case Fault::Body::kValidationJson:
      return {kProblem, ValidationJson({{"Name", {message}}}, line, RulesOf(Generation::k37))};
    case Fault::Body::kProblemJson:
      return {kProblem, ProblemJson(fault.status, message)};
    case Fault::Body::kText:
      return {"text/plain; charset=utf-8", message};
    case Fault::Body::kBareString:
      return {kJson, json::serialize(json::string(message))};
    case Fault::Body::kHtml:
      return {"text/html", ProxyPage(fault.status, fault.text)};
    case Fault::Body::kMalformedJson:
      return {kJson, R"({"response":{"id":"0f8fad5b-d9cb-469f-a165-7)"};
    case Fault::Body::kVerbatim:
      return {kJson, fault.text};
  }
  return {};
}

[[noreturn]] void Refuse(std::string_view member, std::string_view why) {
  throw std::invalid_argument(std::string(member) + " " + std::string(why));
}

std::int64_t Number(std::string_view member, const json::value& value, std::int64_t minimum,
                    std::int64_t maximum) {
  if (!value.is_int64() || value.get_int64() < minimum || value.get_int64() > maximum) {
    Refuse(member,
           "is a whole number from " + std::to_string(minimum) + " to " + std::to_string(maximum));
  }
  return value.get_int64();
}

std::string Text(std::string_view member, const json::value& value) {
  if (!value.is_string()) Refuse(member, "is a string");
  return std::string(value.get_string());
}

constexpr std::int64_t kMost = 1'000'000'000;

void SetMember(Fault& fault, std::string_view member, const json::value& value) {
  if (member == "status") {
    fault.status = static_cast<int>(Number(member, value, 100, 999));
  } else if (member == "body") {
    const auto body = BodyOf(Text(member, value));
    if (!body) Refuse(member, "has no such form");
    fault.body = *body;
  } else if (member == "text") {
    fault.text = Text(member, value);
  } else if (member == "type") {
    fault.type.reset();
    if (!value.is_null()) fault.type = Text(member, value);
  } else if (member == "headers") {
    if (!value.is_object()) Refuse(member, "is an object");
    for (const auto& header : value.get_object()) {
      fault.headers.push_back({std::string(header.key()), Text(member, header.value())});
    }
  } else if (member == "retryAfter") {
    fault.retry_after = std::chrono::seconds(Number(member, value, 0, kMost));
  } else if (member == "delayMs") {
    fault.delivery.delay = std::chrono::milliseconds(Number(member, value, 0, kMost));
  } else if (member == "truncateAfter") {
    fault.delivery.truncate_after = static_cast<std::size_t>(Number(member, value, 0, kMost));
  } else if (member == "drop") {
    const auto drop = DropOf(Text(member, value));
    if (!drop) Refuse(member, "is close or reset");
    fault.delivery.drop = *drop;
  } else if (member == "applied") {
    if (!value.is_bool()) Refuse(member, "is true or false");
    fault.applied = value.get_bool();
  } else if (member == "times") {
    fault.times = static_cast<int>(Number(member, value, 1, kMost));
  } else if (member == "method") {
    fault.method = Text(member, value);
  } else if (member == "target") {
    fault.target = Text(member, value);
  } else {
    Refuse(member, "is no member of a fault");
  }
}

// Returns the number in a word such as `delay=100`.
std::optional<std::int64_t> NumberOf(std::string_view word, std::string_view name) {
  if (!word.starts_with(name)) return std::nullopt;
  word.remove_prefix(name.size());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

// Applies the word to the fault. Returns false if it is not a known word.
bool SetWord(Fault& fault, std::string_view word) {
  if (const auto status = NumberOf(word, ""); status && *status >= 100 && *status <= 999) {
    fault.status = static_cast<int>(*status);
    if (fault.body == Fault::Body::kGenuine) fault.body = Fault::Body::kEmpty;
  } else if (const auto body = BodyOf(word)) {
    fault.body = *body;
  } else if (const auto drop = DropOf(word)) {
    fault.delivery.drop = *drop;
    if (fault.body == Fault::Body::kGenuine) fault.body = Fault::Body::kEmpty;
  } else if (word == "applied") {
    fault.applied = true;
  } else if (const auto delay = NumberOf(word, "delay=")) {
    fault.delivery.delay = std::chrono::milliseconds(*delay);
  } else if (const auto size = NumberOf(word, "truncate=")) {
    fault.delivery.truncate_after = static_cast<std::size_t>(*size);
  } else if (const auto seconds = NumberOf(word, "retry-after=")) {
    fault.retry_after = std::chrono::seconds(*seconds);
  } else {
    return false;
  }
  return true;
}

}  // namespace

Response Render(const Fault& fault, const Request& request, Time now) {
  Content content = ContentOf(fault, request);
  Response response{.status = fault.status, .headers = fault.headers};
  if (!content.type.empty() && response.Find("Content-Type").empty()) {
    response.headers.push_back({"Content-Type", std::move(content.type)});
  }
  response.body = std::move(content.body);
  response.chunked = response.Find("Content-Type").find("json") != std::string::npos;
  if (fault.status / 100 == 3 && response.Find("Location").empty()) {
    response.headers.push_back({"Location", "https://portal.example" + request.target});
  }
  if (fault.retry_after && fault.status == 429) {
    const Response limited =
        TooManyRequestsToday(Limits::Cloud().changes_per_day, *fault.retry_after, now);
    response.headers.insert(response.headers.end(), limited.headers.begin(), limited.headers.end());
  } else if (fault.retry_after) {
    response.headers.push_back({"Retry-After", std::to_string(fault.retry_after->count())});
  }
  return response;
}

Fault ParseFault(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) throw std::invalid_argument("A fault is a JSON object.");
  Fault fault;
  if (!value.get_object().contains("status")) fault.body = Fault::Body::kGenuine;
  for (const auto& member : value.get_object()) {
    SetMember(fault, member.key(), member.value());
  }
  return fault;
}

std::optional<Fault> FaultOfName(const Request& request) {
  constexpr std::string_view kMagic = "emulate ";
  if (request.body.find(kMagic) == std::string::npos) return std::nullopt;
  boost::system::error_code error;
  const json::value body = json::parse(request.body, error);
  if (error || !body.is_object()) return std::nullopt;
  const json::value* name = body.get_object().if_contains("name");
  if (name == nullptr || !name->is_string() || !name->get_string().starts_with(kMagic)) {
    return std::nullopt;
  }
  Fault fault{.body = Fault::Body::kGenuine};
  std::istringstream words(std::string(name->get_string()).substr(kMagic.size()));
  for (std::string word; words >> word;) {
    if (!SetWord(fault, word)) return std::nullopt;
  }
  return fault;
}

std::optional<Fault> Faults::Take(const Request& request) {
  for (auto fault = waiting_.begin(); fault != waiting_.end(); ++fault) {
    if (!fault->method.empty() && fault->method != request.method) continue;
    if (!request.target.starts_with(fault->target)) continue;
    Fault taken = *fault;
    if (--fault->times == 0) waiting_.erase(fault);
    return taken;
  }
  return std::nullopt;
}

}  // namespace docspace::emulator
