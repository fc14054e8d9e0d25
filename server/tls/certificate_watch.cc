#include "server/tls/certificate_watch.h"

#include <string>
#include <utility>

#include "server/log/event_log.h"
#include "server/tls/certificate_findings.h"

namespace docspace::gateway {
namespace {

// "--portal-ca-file, --portal-certificate-file"
std::string SettingsOf(const CertificateFiles& files) {
  std::string settings = files.ca_file.empty() && files.system_authorities
                             ? "the authorities that the system trusts"
                             : "";
  for (const auto& [setting, file] :
       {std::pair(files.ca_setting, &files.ca_file),
        std::pair(files.certificate_setting, &files.certificate_file),
        std::pair(files.private_key_setting, &files.private_key_file),
        std::pair(files.revocation_setting, &files.revocation_file)}) {
    if (file->empty()) continue;
    settings.append(settings.empty() ? "" : ", ").append(setting);
  }
  return settings;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CertificateWatch>> CertificateWatch::Start(
    const CertificateFiles& files, std::chrono::steady_clock::duration refresh,
    std::shared_ptr<spdlog::logger> logger) {
  absl::StatusOr<Certificates> first = Certificates::Read(files);
  if (!first.ok()) return first.status();
  return std::unique_ptr<CertificateWatch>(
      new CertificateWatch(files, refresh, std::move(logger), *std::move(first)));
}

CertificateWatch::CertificateWatch(CertificateFiles files,
                                   std::chrono::steady_clock::duration refresh,
                                   std::shared_ptr<spdlog::logger> logger, Certificates first)
    : files_(std::move(files)),
      logger_(std::move(logger)),
      newest_(std::make_shared<const Certificates>(std::move(first))) {
  if (files_.empty()) return;
  Examine(*newest_);
  thread_.emplace(refresh, [this] { Refresh(); });
}

std::shared_ptr<const Certificates> CertificateWatch::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

void CertificateWatch::Reload() {
  if (thread_) thread_->RunNow();
}

void CertificateWatch::Refresh() {
  absl::StatusOr<Certificates> read = Certificates::Read(files_);
  if (!read.ok()) {
    std::string complaint(read.status().message());
    if (complaint == complaint_) return;
    complaint_ = std::move(complaint);
    LogWarning(*logger_, "certificates_rejected",
               complaint_ + "; the previous certificates stay in use");
    return;
  }
  complaint_.clear();
  // Something may have expired meanwhile.
  if (*read == *newest()) return Examine(*newest());
  auto newer = std::make_shared<const Certificates>(*std::move(read));
  {
    const std::lock_guard lock(mutex_);
    newest_ = std::move(newer);
  }
  LogEvent(*logger_, "certificates_loaded", "new connections use " + SettingsOf(files_));
  findings_.clear();
  Examine(*this->newest());
}

void CertificateWatch::Examine(const Certificates& certificates) {
  std::set<std::string> found;
  for (const CertificateFinding& finding :
       ExamineCertificates(files_, certificates, std::chrono::system_clock::now())) {
    found.insert(finding.what);
    if (!findings_.contains(finding.what)) {
      LogWarning(*logger_, "certificates_doubtful", finding.what);
    }
  }
  findings_ = std::move(found);
}

}  // namespace docspace::gateway
