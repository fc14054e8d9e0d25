// The memory of a response that is decoded from the portal's JSON.
#ifndef SERVER_DOCSPACE_DECODED_RESPONSE_H_
#define SERVER_DOCSPACE_DECODED_RESPONSE_H_

#include <google/protobuf/arena.h>

#include <array>
#include <cstddef>

#include "server/docspace/secret_text.h"

namespace docspace::gateway {

// DecodedResponse owns a response and all messages and strings in it. They share an arena, because
// the allocation of each of a key's 40 parts takes longer than decoding it. The first block of the
// arena is part of the object and holds a key. The destructor erases the secret of a created key.
// Not thread-safe, but one thread may fill it and another destroy it.
template <class Response>
class DecodedResponse {
 public:
  DecodedResponse() = default;
  DecodedResponse(const DecodedResponse&) = delete;
  DecodedResponse& operator=(const DecodedResponse&) = delete;
  ~DecodedResponse() { WipeSecretsOf(response_); }

  Response& operator*() { return response_; }

 private:
  alignas(std::max_align_t) std::array<char, std::size_t{3} * 1024> first_block_;
  google::protobuf::Arena arena_{first_block_.data(), first_block_.size()};
  Response& response_ = *google::protobuf::Arena::CreateMessage<Response>(&arena_);
};

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_DECODED_RESPONSE_H_
