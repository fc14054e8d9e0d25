// Conversion between Protobuf messages and the buffers that gRPC carries.
#ifndef SERVER_RPC_MESSAGE_BUFFER_H_
#define SERVER_RPC_MESSAGE_BUFFER_H_

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstddef>

namespace docspace::gateway {

// Parses `bytes`, which it consumes. Returns false if they are not a message of this type.
template <class Message>
bool ParseFrom(grpc::ByteBuffer& bytes, Message& message) {
  return grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok();
}

// Returns `message` in the form that gRPC sends.
template <class Message>
grpc::ByteBuffer ToByteBuffer(const Message& message) {
  grpc::ByteBuffer bytes;
  bool is_own = false;
  // Serialisation fails only for messages of 2 GiB, and then the buffer is not valid.
  static_cast<void>(grpc::SerializationTraits<Message>::Serialize(message, &bytes, &is_own));
  return bytes;
}

// Returns a message that is already in that form: the `size` bytes at `bytes`, which gRPC frees by
// `free`, with the same arguments, when it has sent them.
inline grpc::ByteBuffer ToByteBuffer(void* bytes, std::size_t size,
                                     void (*free)(void*, std::size_t)) {
  const grpc::Slice slice(bytes, size, free);
  return {&slice, 1};
}

}  // namespace docspace::gateway

#endif  // SERVER_RPC_MESSAGE_BUFFER_H_
