#include "tests/testkit/untyped_call.h"

#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <vector>

namespace docspace::gateway::testkit {
namespace {

constexpr std::chrono::seconds kPatience{60};

grpc::ByteBuffer ToBuffer(const std::string& octets) {
  const grpc::Slice slice(octets);
  return {&slice, 1};
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string octets;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return octets;
  for (const grpc::Slice& slice : slices) {
    octets.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return octets;
}

}  // namespace

CallResponse<std::string> CallUntyped(const std::shared_ptr<grpc::Channel>& channel,
                                      const std::string& method, const std::string& request,
                                      const std::multimap<std::string, std::string>& metadata) {
  grpc::ClientContext context;
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareUnaryCall(&context, method, ToBuffer(request), &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  CallResponse<std::string> answer;
  static_cast<CallResult&>(answer) = CallResultOf(status, context);
  answer.response = ToString(response);
  return answer;
}

UntypedStream::UntypedStream(const std::shared_ptr<grpc::Channel>& channel,
                             const std::string& method,
                             const std::multimap<std::string, std::string>& metadata)
    : stub_(channel) {
  for (const auto& [name, value] : metadata) context_.AddMetadata(name, value);
  context_.set_deadline(std::chrono::system_clock::now() + kPatience);
  stream_ = stub_.PrepareCall(&context_, method, &queue_);
  stream_->StartCall(nullptr);
  Await();
}

UntypedStream::~UntypedStream() {
  context_.TryCancel();
  grpc::Status status;
  stream_->Finish(&status, nullptr);
  Await();
}

bool UntypedStream::Write(const std::string& request) {
  stream_->Write(ToBuffer(request), nullptr);
  return Await();
}

std::optional<std::string> UntypedStream::Read() {
  grpc::ByteBuffer response;
  stream_->Read(&response, nullptr);
  if (!Await()) return std::nullopt;
  return ToString(response);
}

bool UntypedStream::Await() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

}  // namespace docspace::gateway::testkit
