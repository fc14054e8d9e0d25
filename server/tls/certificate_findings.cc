#include "server/tls/certificate_findings.h"

#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "server/tls/x509.h"

namespace docspace::gateway {
namespace {

using std::chrono::system_clock;

// As the alert DocSpaceGatewayCertificateExpires has it.
constexpr std::chrono::days kSoon(7);

std::string Utc(system_clock::time_point time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromChrono(time), absl::UTCTimeZone());
}

bool IsFor(X509* certificate, const std::string& name) {
  return X509_check_host(certificate, name.data(), name.size(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                         nullptr) == 1 ||
         X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
}

class Examination {
 public:
  Examination(const CertificateFiles& files, system_clock::time_point now)
      : files_(files), now_(now) {}

  void OfChain(const std::vector<X509Certificate>& chain) {
    for (const X509Certificate& certificate : chain) {
      OfTimes(certificate.get(), certificate == chain.front() ? "" : "an issuer of it ");
    }
    OfOrder(chain);
    if (!chain.empty()) OfNames(chain.front().get());
  }

  void OfRevocation(const RevocationLists& lists) {
    const std::string_view setting = files_.revocation_setting;
    for (const RevocationLists::Period& period : lists.periods()) {
      const std::string which = "has a list of " + period.authority + " that ";
      if (now_ < period.issued) Add(setting, which + "is not valid before " + Utc(period.issued));
      if (!period.next_update) continue;
      const system_clock::time_point end = *period.next_update;
      if (now_ > end) {
        Add(setting, which + "has expired: " + Utc(end) + "; its callers are refused");
      } else if (end - now_ < (end - period.issued) / 4) {
        Add(setting, which + "expires soon: " + Utc(end), false);
      }
    }
    for (const std::string& authority : lists.authorities_without_list()) {
      Add(setting, "has no list of " + authority + "; the callers that it vouches for are refused");
    }
  }

  void OfKey() {
    struct stat file {};
    if (stat(files_.private_key_file.c_str(), &file) != 0) return;
    if ((file.st_mode & S_IROTH) != 0) Add(files_.private_key_setting, "can be read by everyone");
    if ((file.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
      Add(files_.private_key_setting, "can be written by others than its owner");
    }
    if (file.st_uid != 0 && file.st_uid != geteuid()) {
      Add(files_.private_key_setting, "belongs to another user");
    }
  }

  std::vector<CertificateFinding> Take() { return std::move(findings_); }

 private:
  void Add(std::string_view setting, std::string_view what, bool is_wrong = true) {
    std::string text(setting);
    findings_.push_back({is_wrong, text.append(" ").append(what)});
  }

  void OfTimes(const X509* certificate, const std::string& which) {
    const std::string_view setting = files_.certificate_setting;
    const auto from = InstantOf(X509_get0_notBefore(certificate));
    const auto until = InstantOf(X509_get0_notAfter(certificate));
    if (!from || !until) return Add(setting, which + "has malformed times");
    if (now_ < *from) return Add(setting, which + "is not valid before " + Utc(*from));
    if (now_ > *until) return Add(setting, which + "has expired: " + Utc(*until));
    if (*until - now_ < kSoon) Add(setting, which + "expires soon: " + Utc(*until), false);
  }

  // TLS peers may refuse such a chain, although RFC 8446 section 4.4.2 asks them to accept it.
  void OfOrder(const std::vector<X509Certificate>& chain) {
    for (std::size_t i = 1; i < chain.size(); ++i) {
      if (X509_check_issued(chain[i].get(), chain[i - 1].get()) == X509_V_OK) continue;
      return Add(files_.certificate_setting, "has its certificates in the wrong order: number " +
                                                 std::to_string(i) + ", of " +
                                                 NameOf(X509_get_subject_name(chain[i - 1].get())) +
                                                 ", is not issued by the next, of " +
                                                 NameOf(X509_get_subject_name(chain[i].get())));
    }
  }

  void OfNames(X509* certificate) {
    for (const std::string& name : files_.names) {
      if (!IsFor(certificate, name)) Add(files_.certificate_setting, "is not for the name " + name);
    }
    // Callers ignore the common name (RFC 9525 section 2).
    if (files_.is_server && X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) < 0) {
      Add(files_.certificate_setting, "has no subject alternative name: callers refuse it");
    }
  }

  const CertificateFiles& files_;
  const system_clock::time_point now_;
  std::vector<CertificateFinding> findings_;
};

}  // namespace

std::vector<CertificateFinding> ExamineCertificates(const CertificateFiles& files,
                                                    const Certificates& certificates,
                                                    system_clock::time_point now) {
  Examination examination(files, now);
  if (!files.certificate_file.empty()) {
    examination.OfChain(ReadX509Chain(certificates.chain()));
    examination.OfKey();
  }
  if (certificates.revocation_lists()) {
    examination.OfRevocation(*certificates.revocation_lists());
  }
  return examination.Take();
}

}  // namespace docspace::gateway
