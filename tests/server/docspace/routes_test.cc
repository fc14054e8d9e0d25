#include "server/docspace/routes.h"

#include <google/api/annotations.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include <string>

#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

constexpr char kId[] = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

std::string HeaderOf(const http::Request& request, std::string_view name) {
  std::string values;
  for (const auto& header : request.headers) {
    if (header.name == name) values += header.value + ";";
  }
  return values;
}

// Returns the one field that the error names.
std::string RefusedField(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  google::rpc::BadRequest bad_request;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (!payload || !bad_request.ParseFromString(std::string(*payload))) return "";
  EXPECT_EQ(bad_request.field_violations_size(), 1);
  return bad_request.field_violations(0).field();
}

template <class Request>
Request WithKeyId(const std::string& key_id) {
  Request request;
  request.set_key_id(key_id);
  return request;
}

CreateApiKeyRequest Named(const std::string& name) {
  CreateApiKeyRequest request;
  request.set_name(name);
  return request;
}

http::Request EncodeAny(Rpc rpc) {
  switch (rpc) {
    case Rpc::kCreateApiKey:
      return Encode(Named("n")).value();
    case Rpc::kDeleteApiKey:
      return Encode(WithKeyId<DeleteApiKeyRequest>(kId)).value();
    case Rpc::kGetAllPermissions:
      return Encode(GetAllPermissionsRequest()).value();
    case Rpc::kGetApiKey:
      return Encode(GetApiKeyRequest()).value();
    case Rpc::kGetApiKeys:
      return Encode(GetApiKeysRequest()).value();
    case Rpc::kUpdateApiKey:
      return Encode(WithKeyId<UpdateApiKeyRequest>(kId)).value();
  }
  return {};
}

TEST(Routes, AreThoseOfTheProtosAnnotations) {
  const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
      CreateApiKeyRequest::descriptor()->file()->name());
  const auto* service = file->FindServiceByName("ApiKeys");
  ASSERT_NE(service, nullptr);
  ASSERT_EQ(service->method_count(), static_cast<int>(kRoutes.size()));

  for (std::size_t i = 0; i < kRoutes.size(); ++i) {
    const Route& route = kRoutes.at(i);
    SCOPED_TRACE(route.name);
    EXPECT_EQ(static_cast<std::size_t>(route.rpc), i);
    EXPECT_EQ(&RouteOf(route.rpc), &route);
    const auto* method = service->FindMethodByName(std::string(route.name));
    ASSERT_NE(method, nullptr);
    const auto& rule = method->options().GetExtension(google::api::http);

    std::string verb;
    std::string path;
    switch (rule.pattern_case()) {
      case google::api::HttpRule::kGet:
        verb = "GET", path = rule.get();
        break;
      case google::api::HttpRule::kPost:
        verb = "POST", path = rule.post();
        break;
      case google::api::HttpRule::kPut:
        verb = "PUT", path = rule.put();
        break;
      case google::api::HttpRule::kDelete:
        verb = "DELETE", path = rule.delete_();
        break;
      default:
        FAIL() << "no verb";
    }
    EXPECT_EQ(ToString(route.method), verb);
    EXPECT_EQ(route.path, path);
    EXPECT_EQ(route.is_write, verb != "GET");

    const http::Request request = EncodeAny(route.rpc);
    EXPECT_EQ(request.method, route.method);
    EXPECT_EQ(!request.body.empty(), rule.body() == "*");
    EXPECT_EQ(HeaderOf(request, "Accept"), "application/json;");
    EXPECT_EQ(HeaderOf(request, "Content-Type"), rule.body() == "*" ? "application/json;" : "");
    EXPECT_FALSE(request.credential.has_value());
  }
}

TEST(Encode, PutsTheKeyIdIntoThePathAsItIs) {
  for (const std::string id :
       {kId, "3FA85F64-5717-4562-B3FC-2C963F66AFA6", "00000000-0000-0000-0000-000000000000"}) {
    EXPECT_EQ(Encode(WithKeyId<DeleteApiKeyRequest>(id))->target, "/api/2.0/keys/" + id);
    EXPECT_EQ(Encode(WithKeyId<UpdateApiKeyRequest>(id))->target, "/api/2.0/keys/" + id);
  }
}

TEST(Encode, G5RefusesAKeyIdThatIsNotAGuid) {
  const std::string guid(kId);
  for (const std::string& id : {
           std::string(),
           std::string("../permissions"),
           std::string("@self"),
           std::string("permissions"),
           std::string("%2e%2e"),
           std::string("a?b"),
           std::string("a#b"),
           std::string(std::size_t{1} << 20, 'a'),
           "{" + guid + "}",
           "(" + guid + ")",
           guid + "/",
           guid + " ",
           " " + guid,
           guid + "\r\n",
           guid + std::string(1, '\0'),
           guid.substr(1),
           std::string("3fa85f6457174562b3fc2c963f66afa6"),
           std::string("3fa85f64-5717-4562-b3fc-2c963f66afag"),
           std::string("3fa85f64-5717-4562-b3fc_2c963f66afa6"),
           std::string("3fa85f64-5717-4562-b3fc-2c963f66af%6"),
           std::string("3fa85f645-717-4562-b3fc-2c963f66afa6"),
           std::string("３fa85f64-5717-4562-b3fc-2c963f66af"),
       }) {
    SCOPED_TRACE(id.substr(0, 64));
    EXPECT_EQ(RefusedField(Encode(WithKeyId<DeleteApiKeyRequest>(id)).status()), "key_id");
    const auto update = Encode(WithKeyId<UpdateApiKeyRequest>(id));
    EXPECT_EQ(RefusedField(update.status()), "key_id");
    EXPECT_LE(update.status().message().size(), 256U);
  }
}

template <class Request>
class EncodeFields : public testing::Test {};
using RequestsWithFields = testing::Types<GetApiKeyRequest, GetApiKeysRequest>;
TYPED_TEST_SUITE(EncodeFields, RequestsWithFields);

TYPED_TEST(EncodeFields, AddsTheQuery) {
  TypeParam request;
  const std::string path = Encode(request)->target;
  EXPECT_EQ(path.find('?'), std::string::npos);
  request.set_fields("");
  EXPECT_EQ(Encode(request)->target, path);
  request.set_fields("id,createBy.displayName,_x9");
  EXPECT_EQ(Encode(request)->target, path + "?fields=id,createBy.displayName,_x9");
  request.set_fields(std::string(512, 'a'));
  EXPECT_EQ(Encode(request)->target, path + "?fields=" + std::string(512, 'a'));
}

TYPED_TEST(EncodeFields, RefusesAnyOtherCharacter) {
  TypeParam request;
  request.set_fields(std::string(513, 'a'));
  EXPECT_EQ(RefusedField(Encode(request).status()), "fields");
  for (int octet = 0; octet < 256; ++octet) {
    const bool allowed =
        octet < 128 && (std::isalnum(octet) != 0 || octet == '.' || octet == '_' || octet == ',');
    request.set_fields("id" + std::string(1, static_cast<char>(octet)) + "x");
    EXPECT_EQ(Encode(request).ok(), allowed) << octet;
  }
}

TEST(Encode, G6LeavesToThePortalWhatItRefusesItself) {
  std::string astral;
  for (int i = 0; i < 31; ++i) astral += "😀";
  for (const std::string& name :
       {std::string(), std::string("   "), std::string(30, 'n'), std::string(31, 'n'), astral,
        std::string("a\r\nHost: x\x01\x1f\x7f"), std::string("\0", 1), std::string("<b>&amp;\"")}) {
    EXPECT_TRUE(Encode(Named(name)).ok());
  }
  for (const int days : {0, 1, 365, 366, -1, std::numeric_limits<int>::min()}) {
    CreateApiKeyRequest request = Named("n");
    request.set_expires_in_days(days);
    EXPECT_EQ(Encode(request)->body,
              R"({"name":"n","expiresInDays":)" + std::to_string(days) + "}");
  }
}

TEST(RequirePermissions, RefusesACreationThatNamesNone) {
  CreateApiKeyRequest request = Named("n");
  EXPECT_EQ(RefusedField(RequirePermissions(request)), "permissions");
  request.add_permissions("*");
  EXPECT_TRUE(RequirePermissions(request).ok());
  request.set_permissions(0, "files:read");
  EXPECT_TRUE(RequirePermissions(request).ok());
}

TEST(Encode, G6SendsTenThousandPermissionsButNotAMebibyte) {
  CreateApiKeyRequest create = Named("n");
  auto update = WithKeyId<UpdateApiKeyRequest>(kId);
  for (int i = 0; i < 10'000; ++i) {
    create.add_permissions("accounts.self:write");
    update.add_permissions("accounts.self:write");
  }
  EXPECT_GT(Encode(create)->body.size(), 200'000U);
  EXPECT_TRUE(Encode(update).ok());

  create.add_permissions(std::string(std::size_t{1} << 20, 'p'));
  update.add_permissions(std::string(std::size_t{1} << 20, 'p'));
  EXPECT_EQ(RefusedField(Encode(create).status()), "permissions");
  EXPECT_EQ(RefusedField(Encode(update).status()), "permissions");
  EXPECT_EQ(RefusedField(Encode(Named(std::string(std::size_t{1} << 20, 'n'))).status()), "name");
}

}  // namespace
}  // namespace docspace::gateway
