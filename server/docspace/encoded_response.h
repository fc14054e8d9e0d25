// The memory of a response as gRPC sends it.
#ifndef SERVER_DOCSPACE_ENCODED_RESPONSE_H_
#define SERVER_DOCSPACE_ENCODED_RESPONSE_H_

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "server/base/erase.h"
#include "server/docspace/secret_text.h"

namespace docspace::gateway {

// EncodedResponse owns a message of type `Response` in Protobuf's wire format. Its bytes are erased
// before they are freed, if they can hold the secret of a created key. Not thread-safe, but one
// thread may fill it and another destroy it.
template <class Response>
class EncodedResponse {
 public:
  // An empty message.
  EncodedResponse() = default;
  // `size` bytes of any content.
  explicit EncodedResponse(std::size_t size) : bytes_(new char[size]), size_(size) {}
  EncodedResponse(EncodedResponse&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  EncodedResponse& operator=(EncodedResponse&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~EncodedResponse() { Free(bytes_, size_); }

  char* data() { return bytes_; }
  std::size_t size() const { return size_; }
  std::string_view bytes() const { return {bytes_, size_}; }

  // Keeps the first `size` bytes; the others must not have been written. At most half of the memory
  // is unused afterwards.
  void Shrink(std::size_t size) {
    if (size >= size_ / 2) {
      size_ = size;
      return;
    }
    EncodedResponse exact(size);
    std::memcpy(exact.bytes_, bytes_, size);
    *this = std::move(exact);
  }

  // Passes the bytes to the caller, who must free them by Free.
  char* Release() {
    size_ = 0;
    return std::exchange(bytes_, nullptr);
  }
  static void Free(void* bytes, std::size_t size) {
    if constexpr (kHoldsSecret<Response>) Erase(bytes, size);
    delete[] static_cast<char*>(bytes);
  }

 private:
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace docspace::gateway

#endif  // SERVER_DOCSPACE_ENCODED_RESPONSE_H_
