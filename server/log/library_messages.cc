#include "server/log/library_messages.h"

#include <grpcpp/version_info.h>

#include <atomic>
#include <string>

#include "absl/base/config.h"
#include "absl/base/internal/raw_logging.h"
#include "server/base/ascii.h"

// gRPC 1.66 gave up its own log for Abseil's, and Protobuf 22 did. Debian has old releases of both
// or new ones of both.
#if GRPC_CPP_VERSION_MAJOR > 1 || GRPC_CPP_VERSION_MINOR >= 66
#define DOCSPACE_LIBRARIES_LOG_BY_ABSEIL
#include "absl/log/globals.h"
#include "absl/log/initialize.h"
#include "absl/log/log_entry.h"
#include "absl/log/log_sink.h"
#include "absl/log/log_sink_registry.h"
#else
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#endif

namespace docspace::gateway {
namespace {

// Abseil 20240722 has another name for it than 20220623.
#if ABSL_LTS_RELEASE_VERSION >= 20240722
namespace raw_log = absl::raw_log_internal;
#else
namespace raw_log = absl::raw_logging_internal;
#endif

std::atomic<void (*)(const LibraryMessage&) noexcept> the_taker = nullptr;

void Pass(const LibraryMessage& message) { the_taker.load()(message); }

#ifdef DOCSPACE_LIBRARIES_LOG_BY_ABSEIL

// Abseil's log does not say whose message it is, so the path of the source decides.
Library LibraryOf(std::string_view file) {
  if (file.find("google/protobuf/") != std::string_view::npos) return Library::kProtobuf;
  if (file.find("absl/") != std::string_view::npos) return Library::kAbseil;
  return Library::kGrpc;
}

class Sink final : public absl::LogSink {
 public:
  void Send(const absl::LogEntry& entry) override {
    // A message that ends the process comes a second time, with a stack trace.
    if (!entry.stacktrace().empty()) return;
    const bool is_fatal = entry.log_severity() == absl::LogSeverity::kFatal;
    const bool is_remark = entry.log_severity() == absl::LogSeverity::kInfo;
    const std::string_view file = FromAbsl(entry.source_filename());
    const std::string_view text = FromAbsl(entry.text_message());
    // Of gRPC's remarks only this one is for operators: gRPC 1.51 reports it as an error.
    if (is_remark && !text.starts_with("Handshake failed with error")) return;
    Pass({.library = LibraryOf(file),
          .level = is_fatal ? spdlog::level::err : spdlog::level::warn,
          .file = file,
          .line = entry.source_line(),
          .text = text,
          .is_fatal = is_fatal});
  }
};

// The sink is never destroyed, because libraries may write until the very end of the process.
void TakeLoggedMessages() {
  [[maybe_unused]] static const bool once = [] {
    absl::SetMinLogLevel(absl::LogSeverityAtLeast::kInfo);
    absl::SetStderrThreshold(absl::LogSeverityAtLeast::kInfinity);
    absl::InitializeLog();
    absl::AddLogSink(new Sink);
    return true;
  }();
}

#else

void TakeOfGrpc(gpr_log_func_args* entry) {
  const std::string_view text = entry->message;
  Pass({.library = Library::kGrpc,
        .level = entry->severity == GPR_LOG_SEVERITY_ERROR  ? spdlog::level::warn
                 : entry->severity == GPR_LOG_SEVERITY_INFO ? spdlog::level::info
                                                            : spdlog::level::debug,
        .file = entry->file,
        .line = entry->line,
        .text = text,
        .is_fatal = text.starts_with("assertion failed")});
}

void TakeOfProtobuf(google::protobuf::LogLevel severity, const char* file, int line,
                    const std::string& text) {
  const bool is_fatal = severity == google::protobuf::LOGLEVEL_FATAL;
  Pass({.library = Library::kProtobuf,
        .level = is_fatal                                      ? spdlog::level::err
                 : severity == google::protobuf::LOGLEVEL_INFO ? spdlog::level::info
                                                               : spdlog::level::warn,
        .file = file,
        .line = line,
        .text = text,
        .is_fatal = is_fatal});
}

void TakeLoggedMessages() {
  gpr_set_log_function(&TakeOfGrpc);
  google::protobuf::SetLogHandler(&TakeOfProtobuf);
}

#endif

// Returns false, so that Abseil does not print the message itself. This function may neither
// allocate nor lock if Abseil may hold a lock of its own, which is the case when the process ends:
// then it returns true, and Abseil prints the message.
bool TakeRawOfAbseil(absl::LogSeverity severity, const char* file, int line, char** /*prefix*/,
                     int* /*size*/) {
  if (severity == absl::LogSeverity::kFatal) return true;
  Pass({.library = Library::kAbseil,
        .level = severity == absl::LogSeverity::kInfo ? spdlog::level::info : spdlog::level::warn,
        .file = file,
        .line = line,
        .text = {},
        .is_fatal = false});
  return false;
}

}  // namespace

void TakeLibraryMessages(void (*take)(const LibraryMessage& message) noexcept) {
  the_taker = take;
  TakeLoggedMessages();
  raw_log::RegisterLogFilterAndPrefixHook(&TakeRawOfAbseil);
}

}  // namespace docspace::gateway
