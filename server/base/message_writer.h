// Writes a Protobuf message, with messages in it, without message objects.
#ifndef SERVER_BASE_MESSAGE_WRITER_H_
#define SERVER_BASE_MESSAGE_WRITER_H_

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace docspace::gateway {

// MessageWriter appends fields, in the wire format, to memory that must outlive it. A field's
// number must be below 16, so that its tag is one byte. Throws std::length_error, and writes
// nothing, if a field does not fit.
class MessageWriter {
 public:
  // Writes into the `size` bytes at `memory`.
  MessageWriter(char* memory, std::size_t size)
      : begin_(reinterpret_cast<std::uint8_t*>(memory)), at_(begin_), end_(begin_ + size) {}
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  // Returns the number of bytes that have been written.
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

  // Appends a field of type string, which must be UTF-8, or bytes.
  void Text(int field, std::string_view value) {
    Need(kMaxTag + kMaxLength);
    std::uint8_t* const text = Output::WriteVarint32ToArray(
        static_cast<std::uint32_t>(value.size()), Tag(field, Wire::WIRETYPE_LENGTH_DELIMITED));
    if (value.size() > static_cast<std::size_t>(end_ - text)) Fail();
    std::memcpy(text, value.data(), value.size());
    at_ = text + value.size();
  }

  // Appends a field of type bool, int32 or int64, also if the value is the default.
  void Integer(int field, std::int64_t value) {
    Need(kMaxTag + kMaxInteger);
    at_ = Output::WriteVarint64ToArray(static_cast<std::uint64_t>(value),
                                       Tag(field, Wire::WIRETYPE_VARINT));
  }

  // Begins a field whose value is a message. The fields that follow belong to it, until Close is
  // called with what this returns. Messages close in the reverse of the order in which they open.
  std::uint8_t* Open(int field) {
    Need(kMaxTag + 1);
    at_ = Tag(field, Wire::WIRETYPE_LENGTH_DELIMITED) + 1;
    return at_;
  }
  void Close(std::uint8_t* content) {
    const auto size = static_cast<std::uint32_t>(at_ - content);
    // Open has left one byte for the length.
    if (size < 0x80) {
      content[-1] = static_cast<std::uint8_t>(size);
      return;
    }
    const std::size_t more = Output::VarintSize32(size) - 1;
    Need(more);
    std::memmove(content + more, content, size);
    at_ += more;
    static_cast<void>(Output::WriteVarint32ToArray(size, content - 1));
  }

 private:
  using Output = google::protobuf::io::CodedOutputStream;
  using Wire = google::protobuf::internal::WireFormatLite;

  static constexpr std::size_t kMaxTag = 1;
  static constexpr std::size_t kMaxLength = 5;
  static constexpr std::size_t kMaxInteger = 10;

  [[noreturn]] static void Fail() {
    throw std::length_error("the message is longer than its memory");
  }

  void Need(std::size_t bytes) const {
    if (bytes > static_cast<std::size_t>(end_ - at_)) Fail();
  }

  // Writes the tag of a field, and returns where its value begins.
  std::uint8_t* Tag(int field, Wire::WireType type) {
    *at_ = static_cast<std::uint8_t>(Wire::MakeTag(field, type));
    return at_ + 1;
  }

  std::uint8_t* const begin_;
  std::uint8_t* at_;
  std::uint8_t* const end_;
};

}  // namespace docspace::gateway

#endif  // SERVER_BASE_MESSAGE_WRITER_H_
