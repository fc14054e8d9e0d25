// Certificates that are replaced on disk while the gateway runs.
#ifndef SERVER_TLS_CERTIFICATE_WATCH_H_
#define SERVER_TLS_CERTIFICATE_WATCH_H_

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "absl/status/statusor.h"
#include "server/tls/certificates.h"

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// The files, if there are any, are read again on an interval, by a thread of its own: whole and
// sound, they replace what was read before; else that stays, whatever is wrong with them.
// Thread-safe.
class CertificateWatch {
 public:
  // Reads them for the first time. INVALID_ARGUMENT names the setting whose file cannot be used.
  //
  // Each replacement is an event `certificates_loaded` in the log; files that cannot be used are
  // `certificates_rejected`, once for each reason. What ExamineCertificates finds, then and at the
  // start, are events `certificates_doubtful`.
  static absl::StatusOr<std::unique_ptr<CertificateWatch>> Start(
      const CertificateFiles& files, std::chrono::steady_clock::duration refresh,
      std::shared_ptr<spdlog::logger> logger);

  CertificateWatch(const CertificateWatch&) = delete;
  CertificateWatch& operator=(const CertificateWatch&) = delete;

  std::shared_ptr<const Certificates> newest() const;

  // Has the files read again now, by the thread: returns at once.
  void Reload();

 private:
  CertificateWatch(CertificateFiles files, std::chrono::steady_clock::duration refresh,
                   std::shared_ptr<spdlog::logger> logger, Certificates first);

  void Run(const std::stop_token& stop);
  void Refresh();
  void Examine(const Certificates& certificates) const;

  const CertificateFiles files_;
  const std::chrono::steady_clock::duration refresh_;
  const std::shared_ptr<spdlog::logger> logger_;
  // What was logged of files that cannot be used, until they can.
  std::string complaint_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Certificates> newest_;
  bool reload_ = false;
  std::condition_variable_any asked_;

  // Ends first.
  std::jthread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_TLS_CERTIFICATE_WATCH_H_
