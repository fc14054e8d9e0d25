// Checks that the secret of a created key is overwritten before its memory is freed.
//
// The test replaces the operators that free memory and inspects each block.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "docspace/apikeys/v1/api_keys.pb.h"
#include "server/docspace/api_key_json.h"
#include "server/docspace/encoded_response.h"
#include "server/docspace/portal_error.h"
#include "server/http/message.h"
#include "server/http/origin.h"
#include "server/http/request_writer.h"
#include "server/http/response_reader.h"
#include "server/rpc/message_buffer.h"

namespace {

constexpr std::string_view kSecret =
    "sk-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd";

// Whether this thread inspects the blocks that it frees, and how often it has found the secret.
thread_local bool is_watching = false;
thread_local int found = 0;

void Free(void* block) {
  if (is_watching && block != nullptr &&
      memmem(block, malloc_usable_size(block), kSecret.data(), kSecret.size()) != nullptr) {
    ++found;
  }
  std::free(block);
}

void* Allocate(std::size_t size) {
  void* const block = std::malloc(std::max<std::size_t>(size, 1));
  if (block == nullptr) throw std::bad_alloc();
  // Clears data of an earlier owner of the block, which the test must not find.
  std::memset(block, 0, malloc_usable_size(block));
  return block;
}

}  // namespace

void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
void operator delete(void* block) noexcept { Free(block); }
void operator delete[](void* block) noexcept { Free(block); }
void operator delete(void* block, std::size_t) noexcept { Free(block); }
void operator delete[](void* block, std::size_t) noexcept { Free(block); }

namespace docspace::gateway {
namespace {

// Runs `free_memory` and returns how many of the freed blocks contain the secret.
template <class Function>
int SecretsFreedBy(Function free_memory) {
  found = 0;
  is_watching = true;
  free_memory();
  is_watching = false;
  return found;
}

std::string CreatedKey(std::string_view is_active) {
  return R"({"response":{"id":"11111111-2222-3333-4444-555555555555","key":")" +
         std::string(kSecret) + R"(","isActive":)" + std::string(is_active) + "}}";
}

TEST(WipedMemory, FindsASecretThatIsFreed) {
  auto* const text = new std::string(kSecret);
  EXPECT_EQ(SecretsFreedBy([text] { delete text; }), 1);
}

TEST(WipedMemory, AKeyThatWasDecodedBeforeTheErrorIsWiped) {
  std::string body = CreatedKey(R"("yes")");
  EncodedResponse<apikeys::v1::CreateApiKeyResponse> response;
  EXPECT_EQ(SecretsFreedBy([&] { EXPECT_FALSE(FromJson(body, response).ok()); }), 0);
  EXPECT_EQ(response.size(), 0U);
}

TEST(WipedMemory, AKeyInTheBodyOfAnErrorIsWiped) {
  const std::string body = CreatedKey("true");
  EXPECT_EQ(SecretsFreedBy([&body] { ReadPortalError(body); }), 0);
}

TEST(WipedMemory, ADecodedKeyIsWiped) {
  std::string body = CreatedKey("true");
  std::optional<EncodedResponse<apikeys::v1::CreateApiKeyResponse>> response;
  response.emplace();
  ASSERT_TRUE(FromJson(body, *response).ok());
  ASSERT_NE(response->bytes().find(kSecret), std::string_view::npos);
  EXPECT_EQ(SecretsFreedBy([&response] { response.reset(); }), 0);
}

TEST(WipedMemory, AKeyThatMovedToLessMemoryIsWiped) {
  std::string body = CreatedKey("true") + std::string(10'000, ' ');
  // The parser needs room behind the body, for which it would be copied.
  body.reserve(body.size() + http::kBodyPadding);
  EncodedResponse<apikeys::v1::CreateApiKeyResponse> response;
  EXPECT_EQ(SecretsFreedBy([&] { ASSERT_TRUE(FromJson(body, response).ok()); }), 0);
  ASSERT_NE(response.bytes().find(kSecret), std::string_view::npos);
}

TEST(WipedMemory, AKeyThatGrpcHasSentIsWiped) {
  std::string body = CreatedKey("true");
  using Encoded = EncodedResponse<apikeys::v1::CreateApiKeyResponse>;
  Encoded response;
  ASSERT_TRUE(FromJson(body, response).ok());
  const std::size_t size = response.size();
  std::optional<grpc::ByteBuffer> message = ToByteBuffer(response.Release(), size, Encoded::Free);
  EXPECT_EQ(SecretsFreedBy([&message] { message.reset(); }), 0);
}

// Reads a response with this text, in one piece, into `reader`.
void Read(std::optional<http::ResponseReader>& reader, std::string_view text) {
  reader.emplace(http::ResponseLimits());
  while (!text.empty()) {
    const auto room = reader->Buffer();
    const std::size_t size = std::min(room.size(), text.size());
    std::memcpy(room.data(), text.data(), size);
    text.remove_prefix(size);
    reader->Consume(size);
  }
}

TEST(WipedMemory, TheReaderKeepsNoCopyOfABody) {
  const std::string body = CreatedKey("true");
  std::optional<http::ResponseReader> reader;
  Read(reader,
       "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const http::Response response = reader->Take();
  EXPECT_EQ(response.body, body);
  EXPECT_EQ(SecretsFreedBy([&reader] { reader.reset(); }), 0);
}

TEST(WipedMemory, TheReaderKeepsNoCopyOfAChunk) {
  std::optional<http::ResponseReader> reader;
  const std::string body = CreatedKey("true");
  char size[16];
  std::snprintf(size, sizeof size, "%zx", body.size());
  const std::string text = std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") +
                           size + "\r\n" + body + "\r\n0\r\n\r\n";
  int freed = SecretsFreedBy([&] { Read(reader, text); });
  const http::Response response = reader->Take();
  EXPECT_EQ(response.body, body);
  freed += SecretsFreedBy([&reader] { reader.reset(); });
  EXPECT_EQ(freed, 0);
}

TEST(WipedMemory, TheReaderKeepsNoCopyOfABodyThatEndsWithTheConnection) {
  std::optional<http::ResponseReader> reader;
  const std::string body = CreatedKey("true");
  const std::string text = "HTTP/1.1 200 OK\r\n\r\n" + body;
  int freed = SecretsFreedBy([&] {
    Read(reader, text);
    reader->Buffer();
    reader->ConsumeEnd(/*orderly=*/true);
  });
  const http::Response response = reader->Take();
  EXPECT_EQ(response.body, body);
  freed += SecretsFreedBy([&reader] { reader.reset(); });
  EXPECT_EQ(freed, 0);
}

TEST(WipedMemory, AResponseThatIsCutIsWiped) {
  std::optional<http::ResponseReader> reader;
  Read(reader, "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + CreatedKey("true"));
  EXPECT_EQ(SecretsFreedBy([&reader] { reader.reset(); }), 0);
}

TEST(WipedMemory, ARequestWithALongHostHeaderIsWiped) {
  // The portal is named by its address, and its Host header by a setting.
  const http::Origin origin{.host = "10.0.0.1", .port = 80, .host_header = std::string(200, 'a')};
  http::Request request{.method = http::Method::kPost, .target = "/", .body = std::string(50, 'b')};
  request.credential.emplace("Authorization", Secret("Bearer " + std::string(kSecret)));
  EXPECT_EQ(SecretsFreedBy([&] { ASSERT_TRUE(http::WriteRequest(request, origin).has_value()); }),
            0);
}

}  // namespace
}  // namespace docspace::gateway
