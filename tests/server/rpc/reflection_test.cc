#include "server/rpc/reflection.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "docspace/apikeys/v1/api_keys.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace docspace::gateway {
namespace {

using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

constexpr const char* kService = "docspace.apikeys.v1.ApiKeys";
constexpr const char* kFile = "docspace/apikeys/v1/api_keys.proto";
// google.api.http.
constexpr const char* kOptions = "google.protobuf.MethodOptions";
constexpr int kHttp = 72295728;
constexpr int kNotFound = 5;

class ReflectionTest : public ::testing::Test {
 protected:
  ServerReflectionResponse Symbol(const std::string& name) const {
    ServerReflectionRequest request;
    request.set_file_containing_symbol(name);
    return reflection_.Answer(request);
  }

  static std::vector<std::string> FilesOf(const ServerReflectionResponse& response) {
    std::vector<std::string> names;
    for (const std::string& octets : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(octets));
      names.push_back(file.name());
    }
    return names;
  }

  const apikeys::v1::GetApiKeyRequest linked_;
  const Reflection reflection_{{kService}};
};

TEST_F(ReflectionTest, AnswersEachSymbolWithItsFileAndAllThatItNeeds) {
  for (const std::string name :
       {"docspace.apikeys.v1.ApiKeys", "docspace.apikeys.v1.ApiKeys.CreateApiKey",
        "docspace.apikeys.v1.CreateApiKeyRequest",
        "docspace.apikeys.v1.CreateApiKeyRequest.name"}) {
    const auto files = FilesOf(Symbol(name));
    ASSERT_FALSE(files.empty()) << name;
    EXPECT_EQ(files.front(), kFile);
    EXPECT_THAT(files, IsSupersetOf({"google/api/annotations.proto", "google/api/http.proto",
                                     "google/protobuf/timestamp.proto"}));
  }
  EXPECT_EQ(FilesOf(Symbol("google.api.http")).front(), "google/api/annotations.proto");
  EXPECT_EQ(FilesOf(Symbol("google.protobuf.Timestamp")),
            std::vector<std::string>{"google/protobuf/timestamp.proto"});
}

TEST_F(ReflectionTest, AnswersFilesExtensionsAndServices) {
  ServerReflectionRequest request;
  request.set_file_by_filename(kFile);
  EXPECT_EQ(FilesOf(reflection_.Answer(request)).front(), kFile);
  request.mutable_file_containing_extension()->set_containing_type(kOptions);
  request.mutable_file_containing_extension()->set_extension_number(kHttp);
  EXPECT_EQ(FilesOf(reflection_.Answer(request)).front(), "google/api/annotations.proto");
  request.set_all_extension_numbers_of_type(kOptions);
  EXPECT_THAT(reflection_.Answer(request).all_extension_numbers_response().extension_number(),
              ElementsAre(kHttp));
  request.set_list_services("*");
  const auto listed = reflection_.Answer(request);
  ASSERT_EQ(listed.list_services_response().service_size(), 1);
  EXPECT_EQ(listed.list_services_response().service(0).name(), kService);
  EXPECT_EQ(listed.original_request().list_services(), "*");
}

TEST_F(ReflectionTest, G19_UnknownNamesAreNotFoundHoweverLongTheyAre) {
  // Protobuf's own lookup takes 17 s for a name of this length.
  std::string dots = "a";
  while (dots.size() < std::size_t{256} * 1024) dots += ".a";
  for (const std::string& name : {std::string(), std::string("."), std::string("unknown"),
                                  std::string(kService) + ".", std::string(257, 'n'), dots}) {
    ServerReflectionRequest request;
    std::vector<ServerReflectionResponse> answers = {Symbol(name)};
    request.set_file_by_filename(name);
    answers.push_back(reflection_.Answer(request));
    request.set_all_extension_numbers_of_type(name);
    answers.push_back(reflection_.Answer(request));
    request.mutable_file_containing_extension()->set_containing_type(name);
    answers.push_back(reflection_.Answer(request));
    for (const auto& answer : answers) {
      EXPECT_EQ(answer.error_response().error_code(), kNotFound);
      EXPECT_LE(answer.error_response().error_message().size(), 300U);
    }
  }
}

// The service answers both versions with the messages of v1alpha.
TEST(ReflectionVersionsTest, HaveTheSameMessages) {
  const auto messages_of = [](const google::protobuf::Descriptor* message) {
    google::protobuf::FileDescriptorProto file;
    message->file()->CopyTo(&file);
    std::string text;
    for (const auto& each : file.message_type()) text += each.DebugString();
    return absl::StrReplaceAll(text, {{"v1alpha", "v1"}});
  };
  const std::string v1 = messages_of(grpc::reflection::v1::ServerReflectionRequest::descriptor());
  EXPECT_THAT(v1, HasSubstr("all_extension_numbers_of_type"));
  EXPECT_EQ(v1, messages_of(ServerReflectionRequest::descriptor()));
}

TEST_F(ReflectionTest, NothingAskedForIsAnError) {
  EXPECT_THAT(reflection_.Answer({}).error_response().error_message(), HasSubstr("nothing"));
}

}  // namespace
}  // namespace docspace::gateway
