#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <functional>
#include <thread>

#include "base/testing/fakes.h"

namespace latchkey::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Accepts one connection and lets `talk` do with it what it likes; errors end it.
class Peer {
 public:
  explicit Peer(std::function<void(tcp::socket&)> talk)
      : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), thread_([this, talk] {
          boost::system::error_code error;
          tcp::socket socket = acceptor_.accept(error);
          if (!error) talk(socket);
        }) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { thread_.join(); }
  ClientTarget target() const {
    ClientTarget target;
    target.port = acceptor_.local_endpoint().port();
    return target;
  }

 private:
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

std::string read_header(tcp::socket& socket) {
  std::string text;
  boost::system::error_code error;
  asio::read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", error);
  return text;
}

// Answers the request with these bytes and closes.
std::function<void(tcp::socket&)> saying(std::string bytes) {
  return [bytes = std::move(bytes)](tcp::socket& socket) {
    read_header(socket);
    boost::system::error_code error;
    asio::write(socket, asio::buffer(bytes), error);
  };
}

// Answers with these bytes, and then with `more` for as long as anybody listens.
std::function<void(tcp::socket&)> saying_without_end(std::string bytes, std::string more) {
  return [bytes = std::move(bytes), more = std::move(more)](tcp::socket& socket) {
    read_header(socket);
    boost::system::error_code error;
    asio::write(socket, asio::buffer(bytes), error);
    while (!error) asio::write(socket, asio::buffer(more), error);
  };
}

// Answers with these bytes and keeps the line open until the other side hangs up.
std::function<void(tcp::socket&)> saying_and_waiting(std::string bytes) {
  return [bytes = std::move(bytes)](tcp::socket& socket) {
    read_header(socket);
    boost::system::error_code error;
    asio::write(socket, asio::buffer(bytes), error);
    char one = 0;
    socket.read_some(asio::buffer(&one, 1), error);
  };
}

ClientResult<ClientResponse> ask(const ClientTarget& target, CallLimits limits = {},
                                 ClientRequest request = {}) {
  auto client = Client::open(target, limits);
  if (!client) return std::unexpected(client.error());
  return client->exchange(request);
}

TEST(Client, GivesStatusHeadersAndBody) {
  Peer peer(saying("HTTP/1.1 401 No\r\nX-One: a\r\nX-Two: b\r\nContent-Length: 2\r\n\r\nhi"));
  const auto answer = ask(peer.target());
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 401);
  EXPECT_EQ(answer->body, "hi");
  EXPECT_EQ(answer->find_header("x-two"), "b");
  EXPECT_THAT(answer->incomplete, IsEmpty());
}

TEST(Client, SendsHeadersInTheOrderGiven) {
  std::string seen;
  {
    Peer peer([&](tcp::socket& socket) {
      seen = read_header(socket);
      asio::write(socket, asio::buffer(std::string("HTTP/1.1 204 Fine\r\n\r\n")));
    });
    ASSERT_TRUE(ask(peer.target(), {}, {.method = "POST", .headers = {{"Z", "1"}, {"A", "2"}}, .body = "x"}));
  }
  EXPECT_THAT(seen, HasSubstr("\r\nZ: 1\r\nA: 2\r\nContent-Length: 1\r\n\r\n"));
}

TEST(Client, PassesOverInterimAnswers) {
  Peer peer(
      saying("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nhi"));
  const auto answer = ask(peer.target());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hi");
}

TEST(Client, TakesABodyThatLastsUntilTheOtherSideCloses) {
  Peer peer(saying("HTTP/1.1 200 Fine\r\n\r\nhello"));
  const auto answer = ask(peer.target());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_THAT(answer->incomplete, IsEmpty());
}

TEST(Client, KeepsWhatCameOfABodyThatBreaksOff) {
  Peer peer(saying("HTTP/1.1 200 Fine\r\nContent-Length: 100\r\n\r\nhello"));
  const auto answer = ask(peer.target());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_FALSE(answer->incomplete.empty());
}

TEST(Client, BoundsABodyWithoutEnd) {
  Peer peer(saying_without_end("HTTP/1.1 200 Fine\r\n\r\n", std::string(64 * 1024, 'x')));
  const auto answer = ask(peer.target(), {.max_body_size = 100'000});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_LE(answer->body.size(), 100'000U);
  EXPECT_FALSE(answer->incomplete.empty());
}

TEST(Client, BoundsABodyThatSaysItIsTooLarge) {
  Peer peer(saying("HTTP/1.1 200 Fine\r\nX: y\r\nContent-Length: 99999999999\r\n\r\nabc"));
  const auto answer = ask(peer.target());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->find_header("x"), "y");
  EXPECT_FALSE(answer->incomplete.empty());
}

TEST(Client, BoundsAHeaderWithoutEnd) {
  Peer peer(saying_without_end("HTTP/1.1 200 Fine\r\nX: ", std::string(4096, 'x')));
  const auto answer = ask(peer.target());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ClientFailure::Kind::too_large);
}

TEST(Client, BoundsHeadersWithoutEnd) {
  Peer peer(saying_without_end("HTTP/1.1 200 Fine\r\n", "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n"));
  const auto answer = ask(peer.target());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ClientFailure::Kind::too_large);
}

TEST(Client, BoundsChunkExtensionsWithoutEnd) {
  Peer peer(saying_without_end("HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n5;a=",
                               std::string(4096, 'x')));
  const auto answer = ask(peer.target());
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->incomplete.empty());
}

TEST(Client, BoundsInterimAnswersWithoutEnd) {
  Peer peer(saying_without_end("", "HTTP/1.1 100 Continue\r\n\r\n"));
  const auto answer = ask(peer.target());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ClientFailure::Kind::malformed);
}

TEST(Client, SaysThatChunksAreBroken) {
  Peer peer(saying("HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));
  const auto answer = ask(peer.target());
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->incomplete.empty());
}

TEST(Client, SaysThatTheAnswerIsNoHttp) {
  Peer peer(saying("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
  const auto answer = ask(peer.target());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().stage, ClientFailure::Stage::receive);
  EXPECT_EQ(answer.error().kind, ClientFailure::Kind::malformed);
}

TEST(Client, SaysThatTheOtherSideHungUp) {
  Peer peer(saying(""));
  const auto answer = ask(peer.target());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ClientFailure::Kind::closed);
}

TEST(Client, WaitsNoLongerThanTheDeadline) {
  Peer peer(saying_and_waiting(""));
  const auto answer = ask(peer.target(), {.timeout = milliseconds(50)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().stage, ClientFailure::Stage::receive);
  EXPECT_EQ(answer.error().kind, ClientFailure::Kind::timed_out);
}

TEST(Client, KeepsWhatCameBeforeTheDeadline) {
  Peer peer(saying_and_waiting("HTTP/1.1 200 Fine\r\nContent-Length: 10\r\n\r\nabc"));
  const auto answer = ask(peer.target(), {.timeout = milliseconds(200)});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "abc");
  EXPECT_FALSE(answer->incomplete.empty());
}

TEST(Client, SaysThatNobodyListens) {
  ClientTarget target;
  {
    asio::io_context context;
    tcp::acceptor free(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    target.port = free.local_endpoint().port();
  }
  const auto answer = ask(target);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().stage, ClientFailure::Stage::connect);
  EXPECT_EQ(answer.error().kind, ClientFailure::Kind::refused);
}

TEST(Client, ConnectsToTheAddressAndNamesTheHost) {
  std::string seen;
  {
    Peer peer([&](tcp::socket& socket) {
      seen = read_header(socket);
      asio::write(socket, asio::buffer(std::string("HTTP/1.1 204 Fine\r\n\r\n")));
    });
    ClientTarget target = peer.target();
    target.host = "login.example";
    target.address = "127.0.0.1";
    ASSERT_TRUE(ask(target));
  }
  EXPECT_THAT(seen, HasSubstr("\r\nHost: login.example:"));
}

TEST(ResolveHost, TakesNumericAddressesAsTheyAre) {
  const auto v4 = resolve_host("192.168.1.7", milliseconds(1));
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->at(0).text, "192.168.1.7");
  EXPECT_EQ(v4->at(0).kind, AddressKind::private_network);
  const auto v6 = resolve_host("::1", milliseconds(1));
  ASSERT_TRUE(v6);
  EXPECT_TRUE(v6->at(0).is_v6);
  EXPECT_EQ(v6->at(0).kind, AddressKind::loopback);
}

TEST(ResolveHost, FindsTheLocalName) {
  const auto found = resolve_host("localhost", std::chrono::seconds(10));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->at(0).kind, AddressKind::loopback);
}

TEST(ResolveHost, SaysThatANameDoesNotExist) {
  const auto found = resolve_host("does-not-exist.invalid", std::chrono::seconds(30));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().stage, ClientFailure::Stage::resolve);
}

TEST(ClassifyAddress, KnowsTheRanges) {
  EXPECT_EQ(classify_address("127.255.0.1"), AddressKind::loopback);
  EXPECT_EQ(classify_address("10.0.2.2"), AddressKind::private_network);
  EXPECT_EQ(classify_address("172.16.0.1"), AddressKind::private_network);
  EXPECT_EQ(classify_address("172.32.0.1"), AddressKind::public_internet);
  EXPECT_EQ(classify_address("192.168.255.255"), AddressKind::private_network);
  EXPECT_EQ(classify_address("192.169.0.1"), AddressKind::public_internet);
  EXPECT_EQ(classify_address("169.254.169.254"), AddressKind::link_local);
  EXPECT_EQ(classify_address("100.64.0.1"), AddressKind::shared);
  EXPECT_EQ(classify_address("0.0.0.0"), AddressKind::reserved);
  EXPECT_EQ(classify_address("8.8.8.8"), AddressKind::public_internet);
  EXPECT_EQ(classify_address("::ffff:10.1.2.3"), AddressKind::private_network);
  EXPECT_EQ(classify_address("fd00::1"), AddressKind::private_network);
  EXPECT_EQ(classify_address("fe80::1"), AddressKind::link_local);
  EXPECT_EQ(classify_address("2a00:1450::1"), AddressKind::public_internet);
  EXPECT_EQ(classify_address("example.com"), std::nullopt);
}

// A certificate of its own signing for `name`, valid from `from` to `to` seconds from now, as PEM with its
// key.
struct SelfSigned {
  std::string certificate;
  std::string key;
};

std::string pem_of(const std::function<void(BIO*)>& write) {
  BIO* const memory = BIO_new(BIO_s_mem());
  write(memory);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

SelfSigned make_self_signed(const std::string& name, long from, long to) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), to);
  X509_set_pubkey(certificate, key);
  X509_NAME* const subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  const std::string names = "DNS:" + name + ",IP:127.0.0.9";
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate, key, EVP_sha256());
  SelfSigned made{pem_of([&](BIO* out) { PEM_write_bio_X509(out, certificate); }), pem_of([&](BIO* out) {
                    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
                  })};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

// Speaks TLS with that certificate and answers one request with 200.
std::function<void(tcp::socket&)> speaking_tls(const SelfSigned& identity) {
  return [identity](tcp::socket& socket) {
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate_chain(asio::buffer(identity.certificate));
    context.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
    asio::ssl::stream<tcp::socket&> stream(socket, context);
    boost::system::error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    if (error) return;
    std::string text;
    asio::read_until(stream, asio::dynamic_buffer(text), "\r\n\r\n", error);
    asio::write(stream, asio::buffer(std::string("HTTP/1.1 200 Fine\r\n\r\nhello")), error);
  };
}

TEST(ClientTls, ReportsWhatIsWrongWithACertificateAndGoesOn) {
  Peer peer(speaking_tls(make_self_signed("other.example", -7200, 3600)));
  ClientTarget target = peer.target();
  target.tls = true;
  target.reports_trust = true;
  auto client = Client::open(target, {});
  ASSERT_TRUE(client) << client.error().text;
  const auto tls = client->peer_tls();
  ASSERT_TRUE(tls);
  EXPECT_FALSE(tls->is_trusted);
  EXPECT_THAT(tls->chain_problem, HasSubstr("self"));
  EXPECT_TRUE(tls->is_self_signed);
  EXPECT_FALSE(tls->matches_name);
  EXPECT_EQ(tls->protocol, "TLSv1.3");
  EXPECT_THAT(tls->names, ElementsAre("other.example", "127.0.0.9"));
  EXPECT_EQ(tls->subject, "CN=other.example");
  EXPECT_EQ(tls->issuer, "CN=other.example");
  EXPECT_EQ(tls->chain_length, 1U);
  EXPECT_EQ(tls->not_after - tls->not_before, std::chrono::seconds(10'800));
  const auto answer = client->exchange({});
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->body, "hello");
  EXPECT_THAT(answer->incomplete, IsEmpty());
}

TEST(ClientTls, TrustsTheAuthorityThatItIsGiven) {
  const SelfSigned identity = make_self_signed("login.example", -3600, 3600);
  const base::testing::TemporaryFolder folder;
  const std::string file = (folder.path() / "ca.pem").string();
  std::ofstream(file) << identity.certificate;
  Peer peer(speaking_tls(identity));
  ClientTarget target = peer.target();
  target.host = "login.example";
  target.address = "127.0.0.1";
  target.tls = true;
  target.reports_trust = true;
  target.trusted_certificate = file;
  auto client = Client::open(target, {});
  ASSERT_TRUE(client) << client.error().text;
  const auto tls = client->peer_tls();
  ASSERT_TRUE(tls);
  EXPECT_TRUE(tls->is_trusted) << tls->chain_problem;
  EXPECT_TRUE(tls->matches_name);
  EXPECT_TRUE(client->exchange({}));
}

TEST(ClientTls, SaysThatACertificateIsOver) {
  const SelfSigned identity = make_self_signed("login.example", -7200, -3600);
  const base::testing::TemporaryFolder folder;
  const std::string file = (folder.path() / "ca.pem").string();
  std::ofstream(file) << identity.certificate;
  Peer peer(speaking_tls(identity));
  ClientTarget target = peer.target();
  target.tls = true;
  target.reports_trust = true;
  target.trusted_certificate = file;
  auto client = Client::open(target, {});
  ASSERT_TRUE(client);
  EXPECT_THAT(client->peer_tls()->chain_problem, HasSubstr("expired"));
  EXPECT_TRUE(client->exchange({}));
}

TEST(ClientTls, RefusesAnotherAuthorityWhenItIsNotOnlyToReport) {
  const SelfSigned trusted = make_self_signed("login.example", -3600, 3600);
  const base::testing::TemporaryFolder folder;
  const std::string file = (folder.path() / "ca.pem").string();
  std::ofstream(file) << trusted.certificate;
  Peer peer(speaking_tls(make_self_signed("login.example", -3600, 3600)));
  ClientTarget target = peer.target();
  target.tls = true;
  target.trusted_certificate = file;
  const auto client = Client::open(target, {});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().stage, ClientFailure::Stage::handshake);
  EXPECT_EQ(client.error().kind, ClientFailure::Kind::tls);
}

TEST(ClientTls, SaysThatTheOtherSideSpeaksNoTls) {
  Peer peer([](tcp::socket& socket) {
    boost::system::error_code error;
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 400 Bad Request\r\n\r\n")), error);
    char one = 0;
    socket.read_some(asio::buffer(&one, 1), error);
  });
  ClientTarget target = peer.target();
  target.tls = true;
  target.reports_trust = true;
  const auto client = Client::open(target, {});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().stage, ClientFailure::Stage::handshake);
  EXPECT_EQ(client.error().kind, ClientFailure::Kind::tls);
}

}  // namespace
}  // namespace latchkey::http
