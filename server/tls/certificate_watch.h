// Watches for certificates that are replaced on disk while the gateway runs.
#ifndef SERVER_TLS_CERTIFICATE_WATCH_H_
#define SERVER_TLS_CERTIFICATE_WATCH_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/repeating_thread.h"
#include "server/tls/certificates.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// CertificateWatch reads the files again at each interval, on a thread of its own. If all of them
// are valid they replace the certificates in use; otherwise the previous ones stay in use. Without
// any files it reads nothing. Thread-safe.
class CertificateWatch {
 public:
  // Reads the files for the first time, and returns a running watch. Returns INVALID_ARGUMENT, with
  // the name of the setting, if a file cannot be used.
  //
  // Each replacement is an event `certificates_loaded` in the log. Files that cannot be used are an
  // event `certificates_rejected`, logged once for each reason. Each finding of
  // ExamineCertificates is an event `certificates_doubtful`, logged once for each set of files.
  static absl::StatusOr<std::unique_ptr<CertificateWatch>> Start(
      const CertificateFiles& files, std::chrono::steady_clock::duration refresh,
      std::shared_ptr<spdlog::logger> logger);

  CertificateWatch(const CertificateWatch&) = delete;
  CertificateWatch& operator=(const CertificateWatch&) = delete;

  // Returns the certificates in use, never null.
  std::shared_ptr<const Certificates> newest() const;

  // Makes the thread read the files again now. Does not block.
  void Reload();

 private:
  CertificateWatch(CertificateFiles files, std::chrono::steady_clock::duration refresh,
                   std::shared_ptr<spdlog::logger> logger, Certificates first);

  void Refresh();
  void Examine(const Certificates& certificates);

  const CertificateFiles files_;
  const std::shared_ptr<spdlog::logger> logger_;
  // The last logged reason why the files cannot be used; empty when they can.
  std::string complaint_;
  // What was wrong at the last examination.
  std::set<std::string> findings_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Certificates> newest_;

  // None if there are no files. The last member, so that it ends before the others are destroyed.
  std::optional<RepeatingThread> thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_TLS_CERTIFICATE_WATCH_H_
