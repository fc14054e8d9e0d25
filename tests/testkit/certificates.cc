#include "tests/testkit/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace docspace::gateway::testkit {
namespace {

constexpr long kHour = 3600;
constexpr long kDay = 24 * kHour;

void Require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not make a certificate");
}

template <class Write>
std::string Pem(Write write) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  Require(write(out.get()) == 1);
  char* octets = nullptr;
  const long size = BIO_get_mem_data(out.get(), &octets);
  return {octets, static_cast<std::size_t>(size)};
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Returns the name in OpenSSL's notation for subject alternative names.
std::string AlternativeName(const std::string& name) {
  const bool is_address = name.find_first_not_of("0123456789.:") == std::string::npos;
  const bool is_uri = name.find("://") != std::string::npos;
  return (is_address ? "IP:" : is_uri ? "URI:" : "DNS:") + name;
}

// Signs a certificate with the key of `issuer`; self-signed if `issuer` is null.
Certificate Sign(const std::string& name, const std::string& alternative_names, long from,
                 long until, const Certificate* issuer, bool is_authority) {
  Certificate made;
  made.key = {EVP_EC_gen("P-256"), FreeKey()};
  made.certificate = {X509_new(), FreeX509()};
  Require(made.key && made.certificate);
  X509* certificate = made.certificate.get();

  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), until);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const Certificate& signer = issuer != nullptr ? *issuer : made;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  AddExtension(certificate, signer.certificate.get(), NID_basic_constraints,
               is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!alternative_names.empty()) {
    AddExtension(certificate, signer.certificate.get(), NID_subject_alt_name, alternative_names);
  }
  Require(X509_sign(certificate, signer.key.get(), EVP_sha256()) > 0);
  return made;
}

}  // namespace

std::string Certificate::CertificatePem() const {
  return Pem([this](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

std::string Certificate::KeyPem() const {
  return Pem([this](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

CertificateAuthority::CertificateAuthority()
    : root_(Sign("Root of the tests", "", -kDay, 30 * kDay, nullptr, /*is_authority=*/true)),
      file_(root_.CertificatePem()) {}

Certificate CertificateAuthority::Issue(const std::string& host) const {
  return Sign(host, AlternativeName(host), -kHour, 30 * kDay, &root_, /*is_authority=*/false);
}

Certificate CertificateAuthority::IssueFor(const std::string& names, std::chrono::seconds lifetime,
                                           bool is_authority) const {
  return Sign("nobody", names, -kHour, static_cast<long>(lifetime.count()), &root_, is_authority);
}

Certificate CertificateAuthority::IssueExpired(const std::string& host) const {
  return Sign(host, AlternativeName(host), -2 * kHour, -kHour, &root_,
              /*is_authority=*/false);
}

Certificate CertificateAuthority::IssueByCommonName(const std::string& host) const {
  return Sign(host, "", -kHour, 30 * kDay, &root_, /*is_authority=*/false);
}

Certificate CertificateAuthority::IssueIntermediate(const std::string& name) const {
  return Sign(name, "", -kHour, 30 * kDay, &root_, /*is_authority=*/true);
}

Certificate CertificateAuthority::IssueBelow(const Certificate& intermediate,
                                             const std::string& host) {
  return Sign(host, AlternativeName(host), -kHour, 30 * kDay, &intermediate,
              /*is_authority=*/false);
}

std::string CertificateAuthority::RevocationListOf(const Certificate& authority,
                                                   const std::vector<Certificate>& revoked,
                                                   std::chrono::seconds lifetime,
                                                   std::chrono::seconds age) {
  const std::unique_ptr<X509_CRL, void (*)(X509_CRL*)> list(X509_CRL_new(), X509_CRL_free);
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> time(ASN1_TIME_new(), ASN1_TIME_free);
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(authority.certificate.get()));
  X509_gmtime_adj(time.get(), -static_cast<long>(age.count()));
  X509_CRL_set1_lastUpdate(list.get(), time.get());
  for (const Certificate& each : revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(each.certificate.get()));
    X509_REVOKED_set_revocationDate(entry, time.get());
    Require(X509_CRL_add0_revoked(list.get(), entry) == 1);
  }
  X509_gmtime_adj(time.get(), static_cast<long>(lifetime.count()));
  X509_CRL_set1_nextUpdate(list.get(), time.get());
  X509_CRL_sort(list.get());
  Require(X509_CRL_sign(list.get(), authority.key.get(), EVP_sha256()) > 0);
  return testkit::Pem([&list](BIO* out) { return PEM_write_bio_X509_CRL(out, list.get()); });
}

}  // namespace docspace::gateway::testkit
