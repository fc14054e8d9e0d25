#include "server/admin/certificate_expiry.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace docspace::gateway {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* value) const {
    kFree(value);
  }
};

using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

}  // namespace

std::optional<std::chrono::system_clock::time_point> ExpiryOf(const std::string& chain) {
  std::optional<std::chrono::system_clock::time_point> earliest;
  const Bio bio(BIO_new_mem_buf(chain.data(), static_cast<int>(chain.size())));
  while (bio) {
    const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    std::tm utc{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &utc) != 1) continue;
    const auto expiry = std::chrono::system_clock::from_time_t(timegm(&utc));
    if (!earliest || expiry < *earliest) earliest = expiry;
  }
  // The end of the text is an error to OpenSSL, which would show up elsewhere.
  ERR_clear_error();
  return earliest;
}

}  // namespace docspace::gateway
