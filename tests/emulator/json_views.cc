#include "tests/emulator/json_views.h"

#include <optional>
#include <utility>

#include "tests/emulator/html.h"
#include "tests/emulator/url.h"
#include "tests/emulator/utf8.h"

namespace docspace::emulator {
namespace {

namespace json = boost::json;

constexpr std::string_view kTraceId = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

// The id as which a removed user is shown.
constexpr const char* kRemovedUserId = "4a515a15-d4d6-4b8e-828e-e0586f18f3a3";
constexpr const char* kRemovedUserName = "Profile removed";

json::object EmployeeView(const User& user, const RequestLine& request, const Rules& rules) {
  const auto avatar = [](std::string_view size) {
    return "/static/images/default_user_photo_size_" + std::string(size) + ".png?hash=1780000000";
  };
  const bool is_removed = user.state == UserState::kRemoved;
  json::object view{{"id", is_removed ? kRemovedUserId : user.id},
                    {"displayName", HtmlEncoded(is_removed ? kRemovedUserName : user.display_name)},
                    {"avatar", avatar("82-82")},
                    {"avatarOriginal", avatar("200-200")},
                    {"avatarMax", avatar("200-200")},
                    {"avatarMedium", avatar("48-48")},
                    {"avatarSmall", avatar("32-32")},
                    {"profileUrl", request.portal + "/accounts/people/filter?search=" +
                                       (is_removed ? kRemovedUserId : user.email)},
                    {"hasAvatar", false},
                    {"isAnonim", false}};
  if (rules.has_titles) view["title"] = "Manager";
  return view;
}

void AddDateTime(json::object& view, std::string_view name, std::optional<Time> time,
                 const ViewOptions& options) {
  if (!time && !options.minimum_date_time_for_none) return;
  if (options.date_time_objects) {
    view[name] = json::object{
        {"utcTime", time ? WireDateTime(*time, std::chrono::minutes(0)) : kMinimumDateTime},
        {"timeZoneOffset", WireTimeSpan(time ? options.portal_offset : std::chrono::minutes(0))}};
  } else {
    view[name] = time ? WireDateTime(*time, options.portal_offset) : kMinimumDateTime;
  }
}

// Escapes the whole text as if it were one string, because JSON is ASCII outside strings and
// contains none of these characters there.
std::string AsciiJson(std::string_view utf8) {
  std::string ascii;
  const auto escape = [&](std::uint32_t unit) {
    ascii += "\\u";
    for (const int shift : {12, 8, 4, 0}) ascii += "0123456789ABCDEF"[unit >> shift & 0xFU];
  };
  ForEachCharacter(utf8, [&](char32_t character, std::string_view) {
    if (character > 0xFFFF) {
      escape(0xD800 + ((character - 0x10000) >> 10));
      escape(0xDC00 + ((character - 0x10000) & 0x3FF));
    } else if (character >= 0x80 || std::string_view("<>&'+").find(static_cast<char>(character)) !=
                                        std::string_view::npos) {
      escape(character);
    } else {
      ascii += static_cast<char>(character);
    }
  });
  return ascii;
}

json::array Links(const RequestLine& request) {
  return {json::object{{"href", PercentEncoded(request.portal + request.target)},
                       {"action", request.method}}};
}

json::object Problem(int status, std::string_view title) {
  return {{"type", "https://tools.ietf.org/html/rfc9110#section-15"},
          {"title", title},
          {"status", status},
          {"traceId", kTraceId}};
}

std::string Enveloped(json::value response, std::int64_t count, int status, int status_code,
                      const RequestLine& request) {
  return json::serialize(json::object{{"response", std::move(response)},
                                      {"count", count},
                                      {"links", Links(request)},
                                      {"status", status},
                                      {"statusCode", status_code}});
}

}  // namespace

json::object ApiKeyView(const ApiKey& key, Moment moment, const RequestLine& request,
                        const ViewOptions& options, const Rules& rules) {
  const bool is_creation = moment == Moment::kCreation;
  const auto shown = [&](std::optional<Time> time) {
    return time && !is_creation ? Kept(*time, options.database) : time;
  };
  const std::string name = is_creation ? key.name : Kept(key.name, options.database);
  const std::string postfix = key.secret.substr(key.secret.size() - 4);
  json::object view{{"id", key.id},
                    {"name", rules.encodes_names ? HtmlEncoded(name) : name},
                    {"key", is_creation ? key.secret : "sk-***" + postfix},
                    {"keyPostfix", postfix}};
  if (key.permissions) {
    view["permissions"] = json::array(key.permissions->begin(), key.permissions->end());
  }
  AddDateTime(view, "lastUsed", shown(key.last_used), options);
  AddDateTime(view, "createOn", shown(key.created_on), options);
  view["createBy"] = EmployeeView(*key.created_by, request, rules);
  AddDateTime(view, "expiresAt", shown(key.expires_at), options);
  view["isActive"] = key.is_active;
  return view;
}

std::string ToJson(Envelope envelope, const RequestLine& request, const ViewOptions& options) {
  const std::string text = Enveloped(std::move(envelope.response), envelope.count, 0, 200, request);
  return options.ascii_json ? AsciiJson(text) : text;
}

std::string ErrorJson(const PortalException& exception) {
  json::object error{{"message", exception.message()},
                     {"type", nullptr},
                     {"stack", nullptr},
                     {"hresult", exception.hresult()}};
  if (exception.type()) {
    error["type"] = *exception.type();
    error["stack"] =
        "   at ASC.People.Api.ApiKeysController.Invoke() in "
        "/app/src/web/ASC.People/Api/ApiKeysController.cs:line 42";
  }
  return json::serialize(
      json::object{{"error", std::move(error)}, {"status", 1}, {"statusCode", exception.status()}});
}

std::string ValidationJson(const ValidationErrors& errors, const RequestLine& request,
                           const Rules& rules) {
  json::object members;
  for (const auto& [member, messages] : errors) {
    members[member] = json::array(messages.begin(), messages.end());
  }
  json::object response{{"type", "https://tools.ietf.org/html/rfc9110#section-15.5.1"},
                        {"title", "One or more validation errors occurred."},
                        {"status", 400},
                        {"errors", std::move(members)},
                        {"traceId", kTraceId}};
  return rules.validation_looks_successful ? Enveloped(std::move(response), 1, 0, 200, request)
                                           : Enveloped(std::move(response), 1, 1, 400, request);
}

std::string ProblemJson(int status, std::string_view title) {
  return json::serialize(Problem(status, title));
}

std::string EnvelopedProblemJson(int status, std::string_view title, const RequestLine& request) {
  return Enveloped(Problem(status, title), 1, 0, 200, request);
}

}  // namespace docspace::emulator
