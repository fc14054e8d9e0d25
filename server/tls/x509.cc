#include "server/tls/x509.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <utility>

namespace docspace::gateway {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

}  // namespace

std::vector<X509Certificate> ReadX509Chain(std::string_view pem) {
  std::vector<X509Certificate> chain;
  if (pem.size() > std::numeric_limits<int>::max()) return chain;
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (bio) {
    X509Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    chain.push_back(std::move(certificate));
  }
  // For OpenSSL the end of the text is an error, which must not appear in a later call.
  ERR_clear_error();
  return chain;
}

std::string NameOf(const X509_NAME* name) {
  constexpr std::size_t kLongest = 256;
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_mem()));
  // These flags escape control characters, and write other characters than ASCII as `\xx`.
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return "";
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  if (size <= 0) return "";
  return {text, std::min(static_cast<std::size_t>(size), kLongest)};
}

std::optional<std::chrono::system_clock::time_point> InstantOf(const ASN1_TIME* time) {
  // The year 9999, which RFC 5280 section 4.1.2.5 uses for "no end", is beyond the clock's range.
  using Clock = std::chrono::system_clock;
  constexpr auto kLatest = std::chrono::floor<std::chrono::seconds>(Clock::time_point::max());
  constexpr auto kEarliest = std::chrono::ceil<std::chrono::seconds>(Clock::time_point::min());
  std::tm utc{};
  if (ASN1_TIME_to_tm(time, &utc) != 1) return std::nullopt;
  const std::chrono::sys_seconds instant{std::chrono::seconds(timegm(&utc))};
  return std::clamp(instant, kEarliest, kLatest);
}

}  // namespace docspace::gateway
