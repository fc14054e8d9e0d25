#include "server/caller/caller_certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <memory>

#include "server/tls/x509.h"

namespace docspace::gateway {
namespace {

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string TextOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

// False if the certificate's alternative names are malformed, or given twice.
bool ReadNames(X509* certificate, CallerCertificate& read) {
  constexpr int kAbsent = -1;
  int problem = 0;
  const std::unique_ptr<GENERAL_NAMES, FreeNames> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &problem, nullptr)));
  if (!names) return problem == kAbsent;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) read.uris.push_back(TextOf(name->d.uniformResourceIdentifier));
    if (name->type == GEN_DNS) read.dns_names.push_back(TextOf(name->d.dNSName));
  }
  return true;
}

}  // namespace

std::optional<CallerCertificate> ReadCallerCertificate(std::string_view pem) {
  const std::vector<X509Certificate> chain = ReadX509Chain(pem);
  if (chain.empty()) return std::nullopt;
  X509* certificate = chain.front().get();
  const auto not_before = InstantOf(X509_get0_notBefore(certificate));
  const auto not_after = InstantOf(X509_get0_notAfter(certificate));
  CallerCertificate read;
  const bool has_names = ReadNames(certificate, read);
  ERR_clear_error();
  if (!has_names || !not_before || !not_after) return std::nullopt;
  read.is_authority = X509_check_ca(certificate) != 0;
  read.not_before = *not_before;
  read.not_after = *not_after;
  return read;
}

}  // namespace docspace::gateway
