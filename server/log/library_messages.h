// The messages that gRPC, Protobuf and Abseil write, which their releases offer in different ways.
#ifndef SERVER_LOG_LIBRARY_MESSAGES_H_
#define SERVER_LOG_LIBRARY_MESSAGES_H_

#include <cstddef>
#include <string_view>

#include "server/log/log_level.h"

namespace docspace::gateway {

enum class Library : std::size_t { kGrpc, kProtobuf, kAbseil };

struct LibraryMessage {
  Library library;
  LogLevel level;
  // The place in the library's source.
  std::string_view file;
  int line;
  // Empty if it is not known.
  std::string_view text;
  // Whether the library ends the process after the message.
  bool is_fatal;
};

// Makes the libraries pass each message to `take` instead of printing it, for the whole process and
// until the next call. Messages that are only information do not come, unless gRPC's variable
// GRPC_VERBOSITY asks for them. `take` is called on any thread, and must not write a message
// itself.
void TakeLibraryMessages(void (*take)(const LibraryMessage& message) noexcept);

}  // namespace docspace::gateway

#endif  // SERVER_LOG_LIBRARY_MESSAGES_H_
