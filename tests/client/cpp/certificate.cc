#include "tests/client/cpp/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace docspace::apikeys {
namespace {

template <auto Free>
struct Freeing {
  template <typename T>
  void operator()(T* owned) const {
    Free(owned);
  }
};

void Require(bool done) {
  if (!done) throw std::runtime_error("the certificate cannot be made");
}

template <typename Write>
std::string Pem(const Write& write) {
  const std::unique_ptr<BIO, Freeing<BIO_free>> memory(BIO_new(BIO_s_mem()));
  Require(write(memory.get()) == 1);
  std::string pem(BIO_ctrl_pending(memory.get()), '\0');
  Require(BIO_read(memory.get(), pem.data(), static_cast<int>(pem.size())) ==
          static_cast<int>(pem.size()));
  return pem;
}

}  // namespace

Certificate MakeCertificate(const std::string& subject_alternative_name) {
  const std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Freeing<X509_free>> certificate(X509_new());
  X509* x509 = certificate.get();
  Require(key != nullptr && x509 != nullptr);
  const std::string name = "a test's own";
  X509_NAME* subject = X509_get_subject_name(x509);
  Require(X509_set_version(x509, X509_VERSION_3) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) == 1 &&
          X509_gmtime_adj(X509_getm_notBefore(x509), -60) != nullptr &&
          X509_gmtime_adj(X509_getm_notAfter(x509), 3600) != nullptr &&
          X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(name.data()),
                                     static_cast<int>(name.size()), -1, 0) == 1 &&
          X509_set_issuer_name(x509, subject) == 1 && X509_set_pubkey(x509, key.get()) == 1);
  const std::unique_ptr<X509_EXTENSION, Freeing<X509_EXTENSION_free>> names(X509V3_EXT_conf_nid(
      nullptr, nullptr, NID_subject_alt_name, subject_alternative_name.c_str()));
  Require(names != nullptr && X509_add_ext(x509, names.get(), -1) == 1 &&
          X509_sign(x509, key.get(), EVP_sha256()) > 0);
  return {
      .certificate_pem = Pem([x509](BIO* out) { return PEM_write_bio_X509(out, x509); }),
      .private_key_pem = Pem([&key](BIO* out) {
        return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
      }),
  };
}

std::shared_ptr<grpc::ServerCredentials> ServerTls(const Certificate& certificate,
                                                   const std::string& client_ca_pem) {
  grpc::SslServerCredentialsOptions options(
      client_ca_pem.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                            : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = client_ca_pem;
  options.pem_key_cert_pairs.push_back({certificate.private_key_pem, certificate.certificate_pem});
  return grpc::SslServerCredentials(options);
}

}  // namespace docspace::apikeys
