#include "server/docspace/portal_error.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "server/base/utf8.h"

namespace docspace::gateway {
namespace {

using Form = PortalError::Form;

TEST(ReadPortalError, ReadsErrorJson) {
  const PortalError error = ReadPortalError(
      R"({"error":{"message":"Access denied","type":"System.Security.SecurityException",)"
      R"("stack":"   at ASC.Web.Api","hresult":-2146233078},"status":1,"statusCode":403})");
  EXPECT_EQ(error.form, Form::kErrorJson);
  EXPECT_EQ(error.message, "Access denied");
  EXPECT_EQ(error.type, "System.Security.SecurityException");
  EXPECT_TRUE(error.violations.empty());
}

TEST(ReadPortalError, ReadsErrorJsonWithoutTypeAndStack) {
  const PortalError error =
      ReadPortalError(R"({"error":{"message":"Permissions are not valid."},"statusCode":400})");
  EXPECT_EQ(error.form, Form::kErrorJson);
  EXPECT_EQ(error.message, "Permissions are not valid.");
  EXPECT_EQ(error.type, "");
}

TEST(ReadPortalError, ReadsValidationJsonInAndOutsideTheEnvelope) {
  const std::string problem =
      R"({"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1",)"
      R"("title":"One or more validation errors occurred.","status":400,)"
      R"("errors":{"Name":["The Name field is required.","And more"],)"
      R"("ExpiresInDays":["Incorrect number of days. Value must be between 1 and 365"]},)"
      R"("traceId":"00-1"})";
  for (const std::string& body :
       {problem, R"({"response":)" + problem + R"(,"count":1,"status":1,"statusCode":400})"}) {
    const PortalError error = ReadPortalError(body);
    EXPECT_EQ(error.form, Form::kValidationJson);
    EXPECT_EQ(error.message, "The Name field is required.");
    ASSERT_EQ(error.violations.size(), 3U);
    EXPECT_EQ(error.violations[0].field, "name");
    EXPECT_EQ(error.violations[0].description, "The Name field is required.");
    EXPECT_EQ(error.violations[1].field, "name");
    EXPECT_EQ(error.violations[1].description, "And more");
    EXPECT_EQ(error.violations[2].field, "expires_in_days");
  }
}

TEST(ReadPortalError, NamesTheProtosFields) {
  constexpr struct {
    std::string_view member;
    std::string_view description;
    std::string_view field;
  } kCases[] = {
      {"Name", "x", "name"},
      {"name", "x", "name"},
      {"$.name", "x", "name"},
      {"ExpiresInDays", "x", "expires_in_days"},
      {"expiresInDays", "x", "expires_in_days"},
      {"$.expiresInDays", "The JSON value could not be converted", "expires_in_days"},
      {"Permissions", "x", "permissions"},
      {"Permissions[0]", "x", "permissions"},
      {"$.permissions[12]", "x", "permissions"},
      {"IsActive", "x", "is_active"},
      {"keyId", "x", "key_id"},
      {"$", "JSON was missing required properties including: 'name'.", "name"},
      {"$", "missing required properties including: 'isActive', 'name'", "is_active"},
      {"$", "missing required properties including: 'color'", ""},
      {"$", "The JSON is bad near 'name'", ""},
      {"", "A non-empty request body is required.", ""},
      {"inDto", "The inDto field is required.", ""},
      {"Names", "x", ""},
      {"Name.First", "x", "name"},
      // The error of a PUT.
      {"Changed.Name", "x", "name"},
      {"changed.name", "x", "name"},
      {"Changed.Permissions[0]", "x", "permissions"},
      {"Changed.IsActive", "x", "is_active"},
      {"$.Changed.name", "x", "name"},
      {"Changed", "A non-empty request body is required.", ""},
      {"Changed.", "x", ""},
      {"..", "x", ""},
  };
  for (const auto& [member, description, field] : kCases) {
    const std::string body = R"({"response":{"errors":{")" + std::string(member) + R"(":[")" +
                             std::string(description) + R"("]}}})";
    const PortalError error = ReadPortalError(body);
    ASSERT_EQ(error.violations.size(), 1U) << body;
    EXPECT_EQ(error.violations[0].field, field) << body;
    EXPECT_EQ(error.violations[0].description, description);
  }
}

TEST(ReadPortalError, ReadsProblemJson) {
  PortalError error = ReadPortalError(
      R"({"type":"https://tools.ietf.org/x","title":"Not Found","status":404,"traceId":"00-1"})");
  EXPECT_EQ(error.form, Form::kProblemJson);
  EXPECT_EQ(error.message, "Not Found");
  EXPECT_EQ(error.type, "");
  error = ReadPortalError(R"({"detail":"The portal is being restored","title":"Forbidden"})");
  EXPECT_EQ(error.form, Form::kProblemJson);
  EXPECT_EQ(error.message, "The portal is being restored");
}

TEST(ReadPortalError, ReadsPlainTextAndABareJsonString) {
  for (const std::string_view body :
       {"Your IP is not allowed", R"("Your IP is not allowed")", " \r\nYour IP is not allowed\r\n",
        "\xEF\xBB\xBFYour IP is not allowed", R"(  "Your IP\u0020is not allowed"  )"}) {
    const PortalError error = ReadPortalError(body);
    EXPECT_EQ(error.form, Form::kText) << body;
    EXPECT_EQ(error.message, "Your IP is not allowed") << body;
  }
}

TEST(ReadPortalError, R9SaysNothingOfHtml) {
  for (const std::string_view body :
       {"<html><body>502</body></html>", "  \r\n<!DOCTYPE html><title>x</title>",
        "<?xml version='1.0'?>", "Error: <b>bad gateway</b>"}) {
    const PortalError error = ReadPortalError(body);
    EXPECT_EQ(error.form, Form::kHtml) << body;
    EXPECT_EQ(error.message, "") << body;
  }
  EXPECT_EQ(ReadPortalError(R"("<b>no</b>")").message, "");
  EXPECT_EQ(ReadPortalError(R"({"error":{"message":"<p>no</p>"}})").message, "");
  EXPECT_EQ(ReadPortalError(R"({"error":{"message":"1 < 2 > 0"}})").message, "1 < 2 > 0");
}

TEST(ReadPortalError, R11SaysNothingOfWhatItDoesNotKnow) {
  EXPECT_EQ(ReadPortalError("").form, Form::kEmpty);
  EXPECT_EQ(ReadPortalError(" \r\n\t").form, Form::kEmpty);
  EXPECT_EQ(ReadPortalError("\xEF\xBB\xBF").form, Form::kEmpty);
  for (const std::string& body : {
           std::string("{}"),
           std::string("[]"),
           std::string(R"(["x"])"),
           std::string(R"({"x":1)"),
           std::string("\"cut"),
           std::string(R"({"message":"x"})"),
           std::string(R"({"response":true})"),
           std::string(R"({"response":[{"title":"x"}]})"),
           std::string(R"({"errors":["x"]})"),
           std::string(R"({"a":{"message":1},"error":["x"]})"),
           std::string(R"({"x":{"error":{"message":"x"}}})"),
           std::string("\x1F\x8B\x08\x00garbage", 11),
           std::string("text\0text", 9),
           std::string("\xFFtext"),
           std::string(10'000, '['),
           std::string(200'000, '{'),
       }) {
    const PortalError error = ReadPortalError(body);
    EXPECT_EQ(error.form, Form::kUnknown) << body.substr(0, 80);
    EXPECT_EQ(error.message, "") << body.substr(0, 80);
    EXPECT_TRUE(error.violations.empty());
  }
}

TEST(ReadPortalError, R11ReadsWhatComesBeforeACut) {
  const std::string stack(400 * 1024, 's');
  const PortalError error = ReadPortalError(
      R"({"error":{"message":"Access denied","type":"T","stack":")" + stack + R"("}})");
  EXPECT_EQ(error.form, Form::kErrorJson);
  EXPECT_EQ(error.message, "Access denied");
  EXPECT_EQ(error.type, "T");
}

TEST(ReadPortalError, R11BoundsWhatItSays) {
  std::string euros;
  for (int i = 0; i < 22'000; ++i) euros += "€";
  for (const std::string& body : {R"({"error":{"message":")" + euros + R"("}})", euros,
                                  "\"" + euros + "\"", R"({"title":")" + euros + R"("})"}) {
    const std::string message = ReadPortalError(body).message;
    EXPECT_LE(message.size(), 512U);
    EXPECT_GE(message.size(), 510U);
    EXPECT_TRUE(IsValidUtf8(message));
  }
  std::string errors = R"({"errors":{"Name":[)";
  for (int i = 0; i < 1000; ++i) errors += "\"" + euros.substr(0, 900) + "\",";
  const PortalError error = ReadPortalError(errors + R"("x"]}})");
  ASSERT_EQ(error.violations.size(), 16U);
  for (const FieldViolation& violation : error.violations) {
    EXPECT_LE(violation.description.size(), 256U);
    EXPECT_GE(violation.description.size(), 254U);
    EXPECT_TRUE(IsValidUtf8(violation.description));
  }
}

TEST(ReadPortalError, NeverShowsAStack) {
  for (const std::string_view body :
       {R"({"error":{"message":"Boom\r\n   at ASC.Web.Keys.Create in /src/keys.cs:line 7"}})",
        R"({"error":{"message":"Boom   at ASC.Web.Keys.Create"}})",
        R"({"error":{"message":"Boom","stack":"   at ASC.Web.Api"}})",
        "Boom\r\n   at ASC.Web.Keys.Create()\r\n   at System.Threading",
        R"("Boom\n   at ASC.Web.Keys.Create")"}) {
    EXPECT_EQ(ReadPortalError(body).message, "Boom") << body;
  }
  EXPECT_EQ(ReadPortalError(R"({"error":{"stack":"   at ASC.Web.Api"}})").message, "");
}

TEST(ReadPortalError, NeverSaysControlCharactersOrBrokenText) {
  EXPECT_EQ(
      ReadPortalError(R"({"error":{"message":"\u0000a\u001b[31mb\u007fc\u0085d\u00a0"}})").message,
      "a[31mbcd\xC2\xA0");
  EXPECT_EQ(ReadPortalError(R"({"error":{"message":"a\udc00"}})").message, "");
  EXPECT_EQ(ReadPortalError("\x1C   \xC3\xA9t\xC3\xA9\xC3\xA9").message,
            "\xC3\xA9t\xC3\xA9\xC3\xA9");
  EXPECT_EQ(ReadPortalError("\"\\ud800\"").message, "");
}

TEST(ReadPortalError, NeverSaysBidirectionalOrInvisibleCharacters) {
  for (const std::string_view hidden :
       {"\u061c", "\u200b", "\u200d", "\u200e", "\u200f", "\u202a",     "\u202e",    "\u2028",
        "\u2029", "\u2060", "\u2066", "\u2069", "\u206f", "\u00ad",     "\u034f",    "\u115f",
        "\u3164", "\ufe0f", "\ufeff", "\uffa0", "\ufff9", "\U000E0041", "\U000E0100"}) {
    const std::string text = "a" + std::string(hidden) + "b";
    for (const std::string& body :
         {R"({"error":{"message":")" + text + R"("}})", text, "\"" + text + "\"",
          R"({"title":"x","detail":")" + text + R"("})",
          R"({"errors":{"Name":[")" + text + R"("]}})"}) {
      const PortalError error = ReadPortalError(body);
      EXPECT_EQ(error.message, "ab") << body;
      for (const FieldViolation& violation : error.violations) {
        EXPECT_EQ(violation.description, "ab");
      }
    }
    // Such characters do not hide a tag or a stack either.
    EXPECT_EQ(
        ReadPortalError(R"({"error":{"message":"<)" + std::string(hidden) + R"(b>no"}})").message,
        "");
    EXPECT_EQ(ReadPortalError(R"({"error":{"message":"Boom   )" + std::string(hidden) +
                              R"(at ASC.Web"}})")
                  .message,
              "Boom");
  }
  EXPECT_EQ(ReadPortalError("\"naïve 鍵 ключ עברית 🔑\"").message, "naïve 鍵 ключ עברית 🔑");
}

TEST(ReadPortalError, TellsThePortalsOwnErrorJsonFromOthers) {
  const PortalError own = ReadPortalError(
      R"({"error":{"message":"No","type":null,"stack":null,"hresult":0},"status":1,"statusCode":503})");
  EXPECT_TRUE(own.is_portals_own);
  EXPECT_EQ(own.status, 503);
  EXPECT_TRUE(ReadPortalError(R"({"error":{"message":"No","type":"T"}})").is_portals_own);
  for (const std::string_view body :
       {R"({"error":{"message":"No"}})", R"({"error":{"message":null,"type":"T"}})",
        R"({"error":{"code":"x","message":"No"},"statusCode":503})", R"({"error":"No","type":"T"})",
        R"({"title":"No","type":"T","hresult":0,"status":503})", "No", ""}) {
    EXPECT_FALSE(ReadPortalError(body).is_portals_own) << body;
  }
}

TEST(ReadPortalError, ReadsTheStatusOfAProblem) {
  EXPECT_EQ(ReadPortalError(R"({"title":"Forbidden","status":403})").status, 403);
  EXPECT_EQ(ReadPortalError(R"({"response":{"title":"Forbidden","status":403},"status":1})").status,
            1);
  EXPECT_EQ(ReadPortalError(R"({"title":"Forbidden","status":"403"})").status, 0);
  EXPECT_EQ(ReadPortalError(R"({"title":"Forbidden","status":4294967295})").status, 999);
  EXPECT_EQ(ReadPortalError(R"({"title":"Forbidden"})").status, 0);
}

TEST(ReadPortalError, TakesForATypeOnlyATypesName) {
  const auto type = [](const std::string& text) {
    return ReadPortalError(R"({"error":{"type":")" + text + R"("}})").type;
  };
  EXPECT_EQ(type("System.Collections.Generic.List`1+E_0"), "System.Collections.Generic.List`1+E_0");
  EXPECT_EQ(type("see http://10.0.0.5/"), "");
  EXPECT_EQ(type("a\\r\\nb"), "");
  EXPECT_EQ(type(std::string(129, 'T')), "");
}

TEST(ReadPortalError, R12aLivesThroughEveryCutAndReplacedOctet) {
  const std::string golden =
      R"({"error":{"message":"Ключ","type":"T"},"response":{"title":"t","errors":)"
      R"({"$":["missing required properties including: 'name'"]}}})";
  for (std::size_t at = 0; at <= golden.size(); ++at) {
    EXPECT_TRUE(IsValidUtf8(ReadPortalError(golden.substr(0, at)).message));
    for (int octet = 0; octet < 256 && at < golden.size(); ++octet) {
      std::string body = golden;
      body[at] = static_cast<char>(octet);
      const PortalError error = ReadPortalError(body);
      EXPECT_TRUE(IsValidUtf8(error.message)) << at << " " << octet;
    }
  }
}

}  // namespace
}  // namespace docspace::gateway
