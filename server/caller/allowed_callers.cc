#include "server/caller/allowed_callers.h"

#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "server/caller/caller_certificate.h"
#include "server/caller/caller_name.h"
#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

// The most verdicts that are kept. A certificate has 1 to 2 KB in PEM, and an authority must have
// signed it, so they take 4 MB at most in practice.
constexpr std::size_t kMaxVerdicts = 2048;

// The time after which a certificate is checked for revocation again.
constexpr std::chrono::seconds kCheckAgain(10);

absl::Status NotAllowed(const std::string& why) {
  return MakeError(absl::StatusCode::kPermissionDenied, why,
                   {.reason = ErrorReason::kCallerNotAllowed});
}

}  // namespace

absl::Status AllowedCallers::Authorize(const grpc::AuthContext& caller, Time now) const {
  if (everyone()) return absl::OkStatus();
  const auto shown = caller.IsPeerAuthenticated()
                         ? caller.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME)
                         : std::vector<grpc::string_ref>();
  if (shown.empty()) {
    return names_.empty()
               ? absl::OkStatus()
               : NotAllowed("the caller shows no certificate, and not everyone may call");
  }
  const Verdict verdict = VerdictOn({shown.front().data(), shown.front().size()}, now);
  if (now < verdict.not_before || now > verdict.not_after) {
    return NotAllowed("the certificate shown to the gateway has expired, or is not valid yet");
  }
  if (!verdict.problem.empty()) {
    return NotAllowed("the certificate shown to the gateway " + verdict.problem);
  }
  if (!verdict.has_allowed_name) {
    return NotAllowed("the certificate shown to the gateway bears no name that may call");
  }
  return absl::OkStatus();
}

AllowedCallers::Verdict AllowedCallers::VerdictOn(std::string_view pem, Time now) const {
  const std::shared_ptr<const RevocationLists> lists =
      certificates_ ? certificates_()->revocation_lists() : nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto known = verdicts_.find(absl::string_view(pem.data(), pem.size()));
    if (known != verdicts_.end()) {
      const Verdict& verdict = known->second;
      const bool is_recent = now >= verdict.checked_at && now < verdict.checked_at + kCheckAgain;
      if (verdict.lists == lists && (lists == nullptr || is_recent)) return verdict;
    }
  }
  Verdict verdict = Read(pem);
  if (lists != nullptr) {
    verdict.problem = lists->ProblemOf(pem, now);
    verdict.lists = lists;
    verdict.checked_at = now;
  }
  const std::lock_guard lock(mutex_);
  if (verdicts_.size() >= kMaxVerdicts) verdicts_.clear();
  verdicts_.insert_or_assign(std::string(pem), verdict);
  return verdict;
}

AllowedCallers::Verdict AllowedCallers::Read(std::string_view pem) const {
  const std::optional<CallerCertificate> certificate = ReadCallerCertificate(pem);
  if (!certificate) return {};
  const bool uri_counts = certificate->uris.size() == 1 && !certificate->is_authority;
  const auto is_in_certificate = [&](const CallerName& name) {
    return (uri_counts && name.MatchesUri(certificate->uris.front())) ||
           std::ranges::any_of(certificate->dns_names, [&name](const std::string& dns_name) {
             return name.MatchesDnsName(dns_name);
           });
  };
  return {.has_allowed_name =
              names_.empty() || std::ranges::any_of(names_,
                                                    [&](const std::string& name) {
                                                      return is_in_certificate(CallerName(name));
                                                    }),
          .not_before = certificate->not_before,
          .not_after = certificate->not_after};
}

}  // namespace docspace::gateway
