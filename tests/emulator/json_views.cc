#include "tests/emulator/json_views.h"

#include <array>
#include <cstdio>
#include <utility>

namespace docspace::emulator {
namespace {

namespace json = boost::json;

constexpr std::string_view kTraceId = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

std::string HtmlEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    switch (c) {
      case '<':
        encoded += "&lt;";
        break;
      case '>':
        encoded += "&gt;";
        break;
      case '&':
        encoded += "&amp;";
        break;
      case '"':
        encoded += "&quot;";
        break;
      case '\'':
        encoded += "&#39;";
        break;
      default:
        encoded += c;
    }
  }
  return encoded;
}

json::object EmployeeView(const User& user) {
  const auto avatar = [](std::string_view size) {
    return "/static/images/default_user_photo_size_" + std::string(size) + ".png";
  };
  return {{"id", user.id},
          {"displayName", HtmlEncoded(user.display_name)},
          {"avatar", avatar("82-82")},
          {"avatarOriginal", avatar("200-200")},
          {"avatarMax", avatar("200-200")},
          {"avatarMedium", avatar("48-48")},
          {"avatarSmall", avatar("32-32")},
          {"profileUrl", "/accounts/people/filter?search=" + user.email},
          {"hasAvatar", false},
          {"isAnonim", false}};
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

// Outside strings JSON is ASCII and has none of these characters, so the whole text can be treated
// as one string.
std::string AsciiJson(const std::string& utf8) {
  std::string ascii;
  const auto escape = [&](unsigned unit) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "\\u%04X", unit);
    ascii += text.data();
  };
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t point = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    for (std::size_t next = 1; next < size; ++next) {
      point = point << 6 | (static_cast<unsigned char>(utf8[i + next]) & 0x3FU);
    }
    i += size;
    if (point >= 0x10000) {
      escape(0xD800 + ((point - 0x10000) >> 10));
      escape(0xDC00 + ((point - 0x10000) & 0x3FF));
    } else if (point >= 0x80 ||
               std::string_view("<>&'+").find(static_cast<char>(point)) != std::string_view::npos) {
      escape(point);
    } else {
      ascii += static_cast<char>(point);
    }
  }
  return ascii;
}

json::array Links(const RequestLine& request) {
  return {json::object{{"href", request.url}, {"action", request.method}}};
}

}  // namespace

json::object ApiKeyView(const ApiKey& key, SecretView secret, const ViewOptions& options) {
  const std::string postfix = key.secret.substr(key.secret.size() - 4);
  json::object view{{"id", key.id},
                    {"name", key.name},
                    {"key", secret == SecretView::kFull ? key.secret : "sk-***" + postfix},
                    {"keyPostfix", postfix}};
  if (key.permissions) {
    view["permissions"] = json::array(key.permissions->begin(), key.permissions->end());
  }
  AddDateTime(view, "lastUsed", key.last_used, options);
  AddDateTime(view, "createOn", key.created_on, options);
  view["createBy"] = EmployeeView(*key.created_by);
  AddDateTime(view, "expiresAt", key.expires_at, options);
  view["isActive"] = key.is_active;
  return view;
}

std::string ToJson(Envelope envelope, const RequestLine& request, const ViewOptions& options) {
  json::object object{{"response", std::move(envelope.response)}, {"count", envelope.count}};
  if (envelope.total) object["total"] = *envelope.total;
  object["links"] = Links(request);
  object["status"] = 0;
  object["statusCode"] = 200;
  const std::string text = json::serialize(object);
  return options.ascii_json ? AsciiJson(text) : text;
}

std::string ErrorJson(const PortalException& exception) {
  return json::serialize(json::object{
      {"error", json::object{{"message", exception.message()},
                             {"type", exception.type()},
                             {"stack",
                              "   at ASC.People.Api.ApiKeysController.Invoke() in "
                              "/app/src/web/ASC.People/Api/ApiKeysController.cs:line 42"},
                             {"hresult", exception.hresult()}}},
      {"status", 1},
      {"statusCode", exception.status()}});
}

std::string ValidationJson(const ValidationErrors& errors, const RequestLine& request) {
  json::object members;
  for (const auto& [member, messages] : errors) {
    members[member] = json::array(messages.begin(), messages.end());
  }
  return json::serialize(json::object{
      {"response", json::object{{"type", "https://tools.ietf.org/html/rfc9110#section-15.5.1"},
                                {"title", "One or more validation errors occurred."},
                                {"status", 400},
                                {"errors", std::move(members)},
                                {"traceId", kTraceId}}},
      {"count", 1},
      {"links", Links(request)},
      {"status", 1},
      {"statusCode", 400}});
}

std::string ProblemJson(int status, std::string_view title) {
  return json::serialize(json::object{{"type", "https://tools.ietf.org/html/rfc9110#section-15"},
                                      {"title", title},
                                      {"status", status},
                                      {"traceId", kTraceId}});
}

}  // namespace docspace::emulator
