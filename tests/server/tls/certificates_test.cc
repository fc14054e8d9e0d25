#include "server/tls/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "tests/testkit/certificates.h"
#include "tests/testkit/temporary_file.h"

namespace docspace::gateway {
namespace {

namespace ssl = boost::asio::ssl;
using ::testing::HasSubstr;
using ::testing::Not;
using testkit::Certificate;
using testkit::CertificateAuthority;
using testkit::TemporaryFile;

// Certificate files with the given content.
class Files {
 public:
  Files(const std::string& authorities, const std::string& chain, const std::string& key)
      : authorities_(authorities), chain_(chain), key_(key) {}

  CertificateFiles paths() const {
    return {.ca_setting = "--ca",
            .certificate_setting = "--chain",
            .private_key_setting = "--key",
            .ca_file = authorities_.path(),
            .certificate_file = chain_.path(),
            .private_key_file = key_.path()};
  }

 private:
  TemporaryFile authorities_;
  TemporaryFile chain_;
  TemporaryFile key_;
};

std::string Complaint(const CertificateFiles& files) {
  const auto read = Certificates::Read(files);
  EXPECT_TRUE(read.ok() || read.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(read.status().message());
}

std::string Complaint(const std::string& authorities, const std::string& chain,
                      const std::string& key) {
  return Complaint(Files(authorities, chain, key).paths());
}

std::string Encrypted(EVP_PKEY* key) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(out.get(), key, EVP_aes_256_cbc(), "password", 8, nullptr,
                                          nullptr),
            1);
  char* octets = nullptr;
  const long size = BIO_get_mem_data(out.get(), &octets);
  return {octets, static_cast<std::size_t>(size)};
}

class CertificatesTest : public ::testing::Test {
 protected:
  const CertificateAuthority authority_;
  const Certificate ours_ = authority_.Issue("localhost");
  const Certificate other_ = authority_.Issue("localhost");
};

TEST_F(CertificatesTest, HoldsWhatIsInTheFiles) {
  const std::string chain = ours_.CertificatePem() + authority_.Pem();
  const Files files(authority_.Pem() + other_.CertificatePem(), chain, ours_.KeyPem());
  const auto read = Certificates::Read(files.paths());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->authorities(), authority_.Pem() + other_.CertificatePem());
  EXPECT_EQ(read->chain(), chain);
  EXPECT_EQ(read->private_key().Reveal(), ours_.KeyPem());
}

TEST_F(CertificatesTest, ReadsOnlyTheFilesThereAre) {
  const auto none = Certificates::Read({});
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, Certificates());
  CertificateFiles trust_only;
  trust_only.ca_file = authority_.file();
  const auto read = Certificates::Read(trust_only);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->authorities(), authority_.Pem());
  EXPECT_EQ(read->chain(), "");
}

TEST_F(CertificatesTest, ComparesByContent) {
  const Files files(authority_.Pem(), ours_.CertificatePem(), ours_.KeyPem());
  const Files same(authority_.Pem(), ours_.CertificatePem(), ours_.KeyPem());
  const Files others(authority_.Pem(), other_.CertificatePem(), other_.KeyPem());
  EXPECT_EQ(*Certificates::Read(files.paths()), *Certificates::Read(same.paths()));
  EXPECT_FALSE(*Certificates::Read(files.paths()) == *Certificates::Read(others.paths()));
}

TEST_F(CertificatesTest, NamesTheSettingWhoseFileCannotBeUsed) {
  const std::string ca = authority_.Pem();
  const std::string chain = ours_.CertificatePem();
  const std::string key = ours_.KeyPem();
  EXPECT_EQ(Complaint(ca, chain, key), "");
  for (const std::string& rubbish :
       {std::string(), std::string("rubbish"), key, chain.substr(0, chain.size() / 2),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + chain,
        std::string(2 * 1024 * 1024, '\n') + chain}) {
    EXPECT_THAT(Complaint(rubbish, chain, key), HasSubstr("--ca names")) << rubbish;
    EXPECT_THAT(Complaint(ca, rubbish, key), HasSubstr("--chain names")) << rubbish;
  }
  for (const std::string& rubbish :
       {std::string(), std::string("rubbish"), chain, key.substr(0, key.size() / 2)}) {
    EXPECT_THAT(Complaint(ca, chain, rubbish), HasSubstr("--key names")) << rubbish;
  }
  EXPECT_THAT(
      Complaint(ca + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", chain, key),
      HasSubstr("--ca names"));
}

TEST_F(CertificatesTest, RefusesTheKeyOfAnotherCertificate) {
  EXPECT_EQ(Complaint(authority_.Pem(), ours_.CertificatePem(), other_.KeyPem()),
            "--key does not go with --chain, whose first certificate is of CN=localhost");
  const std::shared_ptr<EVP_PKEY> rsa(EVP_RSA_gen(2048), EVP_PKEY_free);
  EXPECT_EQ(Complaint(authority_.Pem(), ours_.CertificatePem(), Certificate{nullptr, rsa}.KeyPem()),
            "--key does not go with --chain, whose first certificate is of CN=localhost");
}

TEST_F(CertificatesTest, SaysThatAChainIsInTheWrongOrder) {
  const Certificate intermediate = authority_.IssueIntermediate("Second");
  const Certificate leaf = CertificateAuthority::IssueBelow(intermediate, "gateway.example");
  EXPECT_EQ(Complaint(authority_.Pem(), leaf.CertificatePem() + intermediate.CertificatePem(),
                      leaf.KeyPem()),
            "");
  EXPECT_EQ(Complaint(authority_.Pem(), intermediate.CertificatePem() + leaf.CertificatePem(),
                      leaf.KeyPem()),
            "--chain has its certificates in the wrong order: the gateway's own must be the first, "
            "but it is number 2, of CN=gateway.example, and the first is of CN=Second");
}

TEST_F(CertificatesTest, ReadsRevocationLists) {
  const TemporaryFile lists(authority_.RevocationList({}));
  CertificateFiles files;
  files.ca_file = authority_.file();
  files.revocation_setting = "--crl";
  files.revocation_file = lists.path();
  const auto read = Certificates::Read(files);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_NE(read->revocation_lists(), nullptr);
  EXPECT_EQ(read->revocation_lists()->periods().at(0).authority, "CN=Root of the tests");
  EXPECT_EQ(*read, *Certificates::Read(files));
  const TemporaryFile others(authority_.RevocationList({other_}));
  files.revocation_file = others.path();
  EXPECT_FALSE(*read == *Certificates::Read(files));
  files.revocation_file = authority_.file();
  EXPECT_EQ(Complaint(files), "--crl names a file without a revocation list in PEM");
  files.revocation_file = "/nowhere";
  EXPECT_THAT(Complaint(files), HasSubstr("--crl names a file that cannot be read"));
}

TEST_F(CertificatesTest, AsksNobodyForThePasswordOfAKey) {
  EXPECT_THAT(Complaint(authority_.Pem(), ours_.CertificatePem(), Encrypted(ours_.key.get())),
              HasSubstr("without a password"));
}

TEST_F(CertificatesTest, NamesTheSettingWhoseFileIsNotThere) {
  const Files files(authority_.Pem(), ours_.CertificatePem(), ours_.KeyPem());
  CertificateFiles paths = files.paths();
  paths.ca_file = "/nowhere/planted";
  EXPECT_THAT(Complaint(paths), HasSubstr("--ca names a file that cannot be read"));
  EXPECT_THAT(Complaint(paths), Not(HasSubstr("planted")));
  paths = files.paths();
  paths.certificate_file = "/";
  EXPECT_THAT(Complaint(paths), HasSubstr("--chain names a file that cannot be read"));
  paths = files.paths();
  paths.private_key_file = "/nowhere";
  EXPECT_THAT(Complaint(paths), HasSubstr("--key names a file that cannot be read"));
}

TEST_F(CertificatesTest, AreUsedByAContext) {
  const Files files(authority_.Pem(), ours_.CertificatePem(), ours_.KeyPem());
  ssl::context context(ssl::context::tls);
  Certificates::Read(files.paths())->Use(context);
  EXPECT_EQ(X509_cmp(SSL_CTX_get0_certificate(context.native_handle()), ours_.certificate.get()),
            0);
  EXPECT_EQ(SSL_CTX_check_private_key(context.native_handle()), 1);
  const X509_STORE* trusted = SSL_CTX_get_cert_store(context.native_handle());
  EXPECT_EQ(sk_X509_OBJECT_num(X509_STORE_get0_objects(const_cast<X509_STORE*>(trusted))), 1);
}

TEST_F(CertificatesTest, S11_TheSystemsAuthoritiesAreReadBeforeAnyHandshake) {
  const testkit::TemporaryFile bundle(authority_.Pem());
  setenv(X509_get_default_cert_file_env(), bundle.path().c_str(), 1);
  setenv(X509_get_default_cert_dir_env(), "/nowhere", 1);
  const CertificateFiles files{.system_authorities = true};
  EXPECT_FALSE(files.empty());
  const Certificates read = Certificates::Read(files).value();
  EXPECT_EQ(read, Certificates::Read(files).value());
  EXPECT_THAT(read.authorities(), HasSubstr(authority_.Pem()));
  ssl::context first(ssl::context::tls);
  ssl::context second(ssl::context::tls);
  read.Use(first);
  read.Use(second);
  X509_STORE* const trusted = SSL_CTX_get_cert_store(first.native_handle());
  EXPECT_EQ(trusted, SSL_CTX_get_cert_store(second.native_handle()));
  EXPECT_EQ(sk_X509_OBJECT_num(X509_STORE_get0_objects(trusted)), 1);

  // The gateway leaves a file that OpenSSL cannot parse to OpenSSL.
  setenv(X509_get_default_cert_file_env(), files.ca_file.c_str(), 1);
  EXPECT_EQ(Certificates::Read(files).value().authorities(), "");
  unsetenv(X509_get_default_cert_file_env());
  unsetenv(X509_get_default_cert_dir_env());
}

}  // namespace
}  // namespace docspace::gateway
