// The server over real sockets on free ports. Time limits are short where a test waits for one to end.
#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <boost/json.hpp>
#include <future>
#include <mutex>

#include "base/infra_error.h"
#include "base/testing/fakes.h"
#include "http/client.h"
#include "http/testing_types.h"

namespace latchkey::http {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::Inner;
using ::testing::StartsWith;

constexpr auto kPatience = 20s;  // nothing here takes that long unless it is broken
constexpr Bucket kBucket{"calls"};

constexpr Endpoint<Anyone, NoInput, RawBody> kKeys{.method = Method::get,
                                                   .path = "/keys",
                                                   .operation_id = "keys",
                                                   .summary = "Keys",
                                                   .access = Access::anyone,
                                                   .bucket = kUnlimited,
                                                   .cost = Cost::memory,
                                                   .errors = Errors::none()};
constexpr Endpoint<Anyone, Inner, Inner> kEcho{.method = Method::post,
                                               .path = "/echo",
                                               .operation_id = "echo",
                                               .summary = "Echo",
                                               .access = Access::anyone,
                                               .bucket = kBucket,
                                               .cost = Cost::memory,
                                               .errors = Errors::none()};
constexpr Endpoint<Anyone, Inner, Inner> kSlow{.method = Method::post,
                                               .path = "/slow",
                                               .operation_id = "slow",
                                               .summary = "On a lane",
                                               .access = Access::anyone,
                                               .bucket = kBucket,
                                               .cost = Cost::storage,
                                               .errors = Errors::none()};

class Recorder final : public RequestObserver {
 public:
  void on_answer(const Observation& observation) override {
    const std::lock_guard lock(mutex_);
    seen_.push_back(std::string(observation.operation_id) + " " + std::to_string(observation.status));
  }
  std::vector<std::string> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> seen_;
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    auto content = std::make_shared<RawContent>(
        RawContent{.body = R"({"keys":[]})", .cache_control = "public, max-age=60"});
    router_.add("/v1", kKeys, [content](const Anyone&, const NoInput&, const Call&) -> base::Result<RawBody> {
      return RawBody{content};
    });
    router_.add("/v1", kEcho,
                [](const Anyone&, const Inner& in, const Call&) -> base::Result<Inner> { return in; });
    router_.add("/v1", kSlow, [this](const Anyone&, const Inner& in, const Call&) -> base::Result<Inner> {
      if (slow_) slow_();
      return in;
    });
  }
  ~ServerTest() override {
    if (server_) server_->stop(kPatience);
    lanes_.stop();
  }

  void start(ServerSettings settings = {}) {
    settings.port = 0;
    if (settings.io_threads == 0) settings.io_threads = 2;
    server_ = std::make_unique<Server>(std::move(settings), router_,
                                       Runtime{.lanes = lanes_, .clock = clock_, .logger = *logger_}, random_,
                                       &recorder_);
    server_->start();
  }
  ClientTarget target() const { return {.port = server_->port()}; }
  Client connect() { return std::move(Client::connect(target(), kPatience).value()); }
  ClientResponse call(const ClientRequest& request) {
    return call_once(target(), request, kPatience).value();
  }
  // What comes back to these bytes until the server closes.
  std::string exchange(std::string_view bytes) {
    Client client = connect();
    EXPECT_TRUE(client.send_raw(bytes));
    return client.receive_until_closed().value_or("(still open)");
  }

  base::SystemClock clock_;
  base::SystemRandom random_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
  Lanes lanes_{{.storage_threads = 4, .hash_threads = 1}};
  Recorder recorder_;
  Router router_;
  std::function<void()> slow_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersOverOneConnectionAgainAndAgain) {
  start();
  Client client = connect();
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const auto keys = client.call({.target = "/v1/keys"});
    ASSERT_TRUE(keys) << keys.error().detail;
    EXPECT_EQ(keys->status, 200);
    EXPECT_EQ(keys->body, R"({"keys":[]})");
    EXPECT_EQ(keys->find_header("cache-control"), "public, max-age=60");
    EXPECT_EQ(keys->find_header("content-type"), "application/json; charset=utf-8");
    EXPECT_TRUE(keys->find_header("date"));
    ids.insert(std::string(keys->find_header("x-request-id").value_or("")));
    const auto slow = client.call({.method = "POST", .target = "/v1/slow", .body = R"({"name":"abc"})"});
    ASSERT_TRUE(slow);
    EXPECT_EQ(slow->body, R"({"name":"abc"})");
    EXPECT_EQ(slow->find_header("cache-control"), "no-store");
  }
  EXPECT_EQ(ids.size(), 3U);
  EXPECT_THAT(server_->url(), StartsWith("http://127.0.0.1:"));
}

TEST_F(ServerTest, HeadHasTheLengthAndNoBody) {
  start();
  Client client = connect();
  const auto head = client.call({.method = "HEAD", .target = "/v1/keys"});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->find_header("content-length"), "11");
  EXPECT_EQ(client.call({.target = "/v1/keys"})->status, 200);
}

// Files long and short, as a mount sends them.
const std::string kLong(3'000'000, 'x');
std::shared_ptr<const FileSet> files() {
  return std::make_shared<const FileSet>(std::vector<File>{{.path = "/index.html",
                                                            .content_type = "text/html",
                                                            .cache_control = "no-cache",
                                                            .etag = "e",
                                                            .identity = "short",
                                                            .gzip = "shorter"},
                                                           {.path = "/long.txt",
                                                            .content_type = "text/plain",
                                                            .cache_control = "no-cache",
                                                            .identity = kLong}},
                                         "/index.html", "");
}

TEST_F(ServerTest, SendsFilesOfEveryLength) {
  router_.mount({.name = "app", .prefix = "/app", .files = files(), .is_front_page = true});
  start();
  Client client = connect();
  for (int i = 0; i < 2; ++i) {
    const auto brief = client.call({.target = "/app/home", .headers = {{"Accept-Encoding", "gzip"}}});
    ASSERT_TRUE(brief) << brief.error().detail;
    EXPECT_EQ(brief->body, "shorter");
    EXPECT_EQ(brief->find_header("content-encoding"), "gzip");
    EXPECT_EQ(brief->find_header("etag"), "\"e-gz\"");
    EXPECT_EQ(brief->find_header("vary"), "Accept-Encoding");
    EXPECT_EQ(brief->find_header("x-content-type-options"), "nosniff");
    EXPECT_EQ(client.call({.target = "/app/long.txt"})->body, kLong);
    const auto head = client.call({.method = "HEAD", .target = "/app/long.txt"});
    EXPECT_EQ(head->find_header("content-length"), "3000000");
    const auto same = client.call({.target = "/app", .headers = {{"If-None-Match", "\"e\""}}});
    EXPECT_EQ(same->status, 304);
    EXPECT_EQ(same->find_header("etag"), "\"e\"");
    EXPECT_EQ(same->find_header("cache-control"), "no-cache");
    EXPECT_FALSE(same->find_header("content-length"));
    EXPECT_FALSE(same->find_header("content-type"));
    const auto root = client.call({.target = "/"});
    EXPECT_EQ(root->status, 302);
    EXPECT_EQ(root->find_header("location"), "/app");
  }
  EXPECT_THAT(recorder_.seen(), Contains("app 200").Times(6));
  EXPECT_THAT(recorder_.seen(), Contains("app 304").Times(2));
}

// Each answer whole and behind the one before, although the client reads none before it has asked for all.
TEST_F(ServerTest, PipelinedFilesDoNotMix) {
  router_.mount({.name = "app", .prefix = "/app", .files = files()});
  start();
  Client client = connect();
  std::string requests;
  for (int i = 0; i < 5; ++i) {
    requests += "GET /app/long.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /app HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  ASSERT_TRUE(client.send_raw(requests));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.receive().value().body, kLong);
    EXPECT_EQ(client.receive().value().body, "short");
  }
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  const auto post = [](std::string_view path, std::string_view name) {
    const std::string body = R"({"name":")" + std::string(name) + "\"}";
    return "POST /v1/" + std::string(path) +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  Client client = connect();
  std::string all;
  for (int i = 0; i < 100; ++i) all += post(i % 2 == 0 ? "slow" : "echo", std::to_string(i));
  ASSERT_TRUE(client.send_raw(all));
  for (int i = 0; i < 100; ++i) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer) << i << answer.error().detail;
    EXPECT_EQ(answer->body, R"({"name":")" + std::to_string(i) + "\"}");
  }
}

TEST_F(ServerTest, Http10ClosesUnlessAskedNotTo) {
  start();
  const std::string once = exchange("GET /v1/keys HTTP/1.0\r\n\r\n");
  EXPECT_THAT(once, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(once, HasSubstr("Connection: close\r\n"));
  Client client = connect();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send_raw("GET /v1/keys HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_EQ(client.receive()->find_header("connection"), "keep-alive");
  }
  EXPECT_THAT(exchange("GET /v1/keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              EndsWith(R"({"keys":[]})"));
}

TEST_F(ServerTest, ExpectContinue) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send_raw(
      "POST /v1/echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 12\r\n\r\n"));
  EXPECT_EQ(client.receive()->status, 100);
  ASSERT_TRUE(client.send_raw(R"({"name":"a"})"));
  EXPECT_EQ(client.receive()->body, R"({"name":"a"})");
}

TEST_F(ServerTest, ChunkedBodies) {
  start();
  Client client = connect();
  ASSERT_TRUE(client.send_raw(
      "POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"nam\r\n"));
  ASSERT_TRUE(client.send_raw("7\r\ne\":\"a\"}\r\n0\r\n\r\n"));
  EXPECT_EQ(client.receive()->body, R"({"name":"a"})");
}

TEST_F(ServerTest, TooLargeIsAnsweredAtOnce) {
  start({.max_header_bytes = 1000, .max_uri_bytes = 100, .max_body_bytes = 100});
  // The body never comes: the answer does not wait for it.
  const std::string head = "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
  Client client = connect();
  ASSERT_TRUE(client.send_raw(head));
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->find_header("connection"), "close");
  EXPECT_EQ(boost::json::parse(answer->body).at("code"), "body_too_large");
  // A client that sends the body all the same still gets to read the answer.
  Client stubborn = connect();
  ASSERT_TRUE(stubborn.send_raw(head));
  (void)stubborn.send_raw(std::string(500'000, 'a'));
  EXPECT_EQ(stubborn.receive()->status, 413);

  EXPECT_THAT(exchange("GET /" + std::string(200, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"),
              StartsWith("HTTP/1.1 414 "));
  EXPECT_THAT(exchange("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(2000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(exchange("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerTest, CorsOnEveryAnswer) {
  start({.max_header_bytes = 1000,
         .max_uri_bytes = 100,
         .max_body_bytes = 100,
         .cors = CorsPolicy::parse(std::vector<std::string>{"https://app.example"}).value()});
  const std::string origin = "Host: x\r\nOrigin: https://app.example\r\n";
  const std::string close = "Connection: close\r\n\r\n";
  for (const auto& [request, status] : std::vector<std::pair<std::string, std::string>>{
           {"GET /v1/keys HTTP/1.1\r\n" + origin + close, "200"},
           {"GET /nothing HTTP/1.1\r\n" + origin + close, "404"},
           {"DELETE /v1/keys HTTP/1.1\r\n" + origin + close, "405"},
           {"POST /v1/echo HTTP/1.1\r\n" + origin + close, "400"},
           {"POST /v1/echo HTTP/1.1\r\n" + origin + "Content-Length: 101\r\n\r\n", "413"},
           {"GET /v1/keys HTTP/1.1\r\n" + origin + "A: " + std::string(2000, 'a') + "\r\n\r\n", "431"},
           {"OPTIONS /nothing/at/all HTTP/1.1\r\n" + origin + close, "204"},
           {"OPTIONS * HTTP/1.1\r\n" + origin + close, "204"}}) {
    const std::string answer = exchange(request);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + status)) << request;
    EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Origin: https://app.example\r\n")) << request;
    EXPECT_THAT(answer, HasSubstr("Vary: Origin\r\n")) << request;
    EXPECT_THAT(answer, HasSubstr("X-Request-Id: ")) << request;
  }
}

TEST_F(ServerTest, PreflightNeedsNoRoute) {
  start();
  const ClientResponse answer =
      call({.method = "OPTIONS",
            .target = "/v1/echo",
            .headers = {{"Origin", "https://a.example"},
                        {"Access-Control-Request-Method", "POST"},
                        {"Access-Control-Request-Headers", "x-one,authorization"}}});
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.find_header("access-control-allow-origin"), "*");
  EXPECT_EQ(answer.find_header("access-control-allow-headers"), "x-one,authorization");
  EXPECT_EQ(answer.find_header("access-control-max-age"), "7200");
  EXPECT_EQ(answer.find_header("content-length"), std::nullopt);
}

TEST_F(ServerTest, SlowLorisIsCut) {
  start({.header_timeout = 50ms, .body_timeout = 50ms, .write_timeout = 50ms, .idle_timeout = 50ms});
  EXPECT_THAT(exchange("GET /v1/keys HT"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(exchange("POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"na"),
              StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(exchange(""), "");
  EXPECT_EQ(exchange("GET /v1/keys HTTP/1.1\r\nHost: x\r\n\r\n").find("HTTP/1.1 200"), 0U);
  // A byte now and then does not help.
  Client client = connect();
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < kPatience && client.send_raw("G")) {
    if (server_->connections() == 0) break;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kPatience);
}

TEST_F(ServerTest, AClientThatDoesNotReadIsCut) {
  start({.write_timeout = 50ms});
  Client client = connect();
  // Far more answers than socket buffers hold, and nobody reads them.
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "GET /v1/keys HTTP/1.1\r\nHost: x\r\n\r\n";
  for (int i = 0; i < 100; ++i) {
    if (!client.send_raw(many)) break;
  }
  // The client's own sending ended because the server closed, or the server closes while we wait for it.
  EXPECT_TRUE(client.receive_until_closed());
}

TEST_F(ServerTest, TooManyConnectionsAreRefused) {
  start({.max_connections = 2});
  Client first = connect();
  Client second = connect();
  ASSERT_TRUE(first.call({.target = "/v1/keys"}));
  ASSERT_TRUE(second.call({.target = "/v1/keys"}));
  Client third = connect();
  const auto refused = third.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_TRUE(refused->find_header("retry-after"));
  EXPECT_EQ(refused->find_header("access-control-allow-origin"), "*");
  EXPECT_EQ(first.call({.target = "/v1/keys"})->status, 200);
}

TEST_F(ServerTest, StopFinishesWhatIsInWork) {
  std::promise<void> entered;
  std::promise<void> release;
  slow_ = [&] {
    entered.set_value();
    release.get_future().wait();
  };
  start({.io_threads = 1});  // so that whoever sees the idle one closed knows that the busy one was told
  Client idle = connect();
  ASSERT_TRUE(idle.call({.target = "/v1/keys"}));
  Client busy = connect();
  ASSERT_TRUE(
      busy.send_raw("POST /v1/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"name\":\"a\"}"));
  entered.get_future().wait();
  auto stopping = std::async(std::launch::async, [&] { server_->stop(kPatience); });
  EXPECT_EQ(idle.receive_until_closed(), "");
  release.set_value();
  const auto answer = busy.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->find_header("connection"), "close");
  busy.end_sending();
  stopping.get();
  EXPECT_EQ(server_->connections(), 0U);
  EXPECT_FALSE(Client::connect(target(), kPatience));
}

TEST_F(ServerTest, StopCutsWhatIsNotDoneAtTheDeadline) {
  std::promise<void> entered;
  std::promise<void> release;
  slow_ = [&] {
    entered.set_value();
    release.get_future().wait();
  };
  start();
  Client busy = connect();
  ASSERT_TRUE(
      busy.send_raw("POST /v1/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"name\":\"a\"}"));
  entered.get_future().wait();
  server_->stop(1ms);
  release.set_value();
  lanes_.stop();
  server_.reset();
  EXPECT_EQ(busy.receive_until_closed(), "");
}

TEST_F(ServerTest, TheObserverSeesEveryAnswer) {
  start();
  call({.target = "/v1/keys"});
  call({.target = "/nothing"});
  exchange("nonsense\r\n\r\n");
  call({.method = "POST", .target = "/v1/echo", .body = "{"});
  EXPECT_THAT(recorder_.seen(), ElementsAre("keys 200", "none 404", "none 400", "echo 400"));
}

TEST_F(ServerTest, ATakenPortIsAClearError) {
  start();
  try {
    const Server second({.port = server_->port()}, router_,
                        Runtime{.lanes = lanes_, .clock = clock_, .logger = *logger_}, random_);
    FAIL() << "two servers on one port";
  } catch (const base::InfraError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("cannot listen on 127.0.0.1 port " + std::to_string(server_->port())));
  }
}

TEST_F(ServerTest, ManyClientsAtOnce) {
  start();
  std::vector<std::future<int>> clients;
  for (int c = 0; c < 8; ++c) {
    clients.push_back(std::async(std::launch::async, [this] {
      int good = 0;
      Client client = connect();
      for (int i = 0; i < 200; ++i) {
        const auto answer =
            i % 2 == 0 ? client.call({.method = "POST", .target = "/v1/slow", .body = R"({"name":"a"})"})
                       : client.call({.target = "/v1/keys"});
        if (answer && answer->status == 200) ++good;
      }
      return good;
    }));
  }
  for (auto& client : clients) EXPECT_EQ(client.get(), 200);
}

// A key and a certificate for it that it signed itself, as files.
void write_certificate(const TlsFiles& files) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                             -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const auto write = [](const std::filesystem::path& path, auto&& put) {
    const std::unique_ptr<FILE, decltype(&fclose)> file(fopen(path.c_str(), "w"), fclose);
    ASSERT_TRUE(file);
    put(file.get());
  };
  write(files.private_key,
        [&](FILE* file) { PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  write(files.certificate, [&](FILE* file) { PEM_write_X509(file, certificate.get()); });
}

class TlsTest : public ServerTest {
 protected:
  TlsTest() { write_certificate(files_); }
  ~TlsTest() override = default;
  ClientTarget tls_target() const {
    return {.port = server_->port(), .tls = true, .trusted_certificate = files_.certificate.string()};
  }
  base::testing::TemporaryFolder folder_;
  TlsFiles files_{folder_.path() / "cert.pem", folder_.path() / "key.pem"};
};

TEST_F(TlsTest, AnswersAndPipelines) {
  start({.tls = files_});
  EXPECT_THAT(server_->url(), StartsWith("https://"));
  auto client = Client::connect(tls_target(), kPatience);
  ASSERT_TRUE(client) << client.error().detail;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client->call({.target = "/v1/keys"})->status, 200);
  EXPECT_EQ(client->call({.method = "POST", .target = "/v1/slow", .body = R"({"name":"a"})"})->body,
            R"({"name":"a"})");
  const std::string request = "GET /v1/keys HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_TRUE(client->send_raw(request + request + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const std::string rest = client->receive_until_closed().value();
  EXPECT_THAT(rest, HasSubstr("HTTP/1.1 404 Not Found"));
  // Plain HTTP on this port gets nothing.
  EXPECT_THAT(exchange("GET / HTTP/1.1\r\n\r\n"), ::testing::Not(HasSubstr("HTTP/1.1 200")));
}

TEST_F(TlsTest, SendsFilesOfEveryLength) {
  router_.mount({.name = "app", .prefix = "/app", .files = files()});
  start({.tls = files_});
  auto client = Client::connect(tls_target(), kPatience);
  ASSERT_TRUE(client) << client.error().detail;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(client->call({.target = "/app/long.txt"})->body, kLong);
    EXPECT_EQ(client->call({.target = "/app"})->body, "short");
  }
}

TEST_F(TlsTest, ANewCertificateIsUsedForNewConnectionsOnly) {
  start({.tls = files_});
  auto old = Client::connect({.port = server_->port(), .tls = true}, kPatience);
  ASSERT_TRUE(old);
  const std::string before = old->peer_fingerprint();

  write_certificate({files_.certificate, folder_.path() / "other.pem"});
  EXPECT_FALSE(server_->reload_tls());  // the key is not the certificate's
  EXPECT_EQ(Client::connect({.port = server_->port(), .tls = true}, kPatience)->peer_fingerprint(), before);

  write_certificate(files_);
  ASSERT_TRUE(server_->reload_tls());
  auto fresh = Client::connect(tls_target(), kPatience);
  ASSERT_TRUE(fresh) << fresh.error().detail;
  EXPECT_NE(fresh->peer_fingerprint(), before);
  EXPECT_EQ(fresh->call({.target = "/v1/keys"})->status, 200);
  EXPECT_EQ(old->call({.target = "/v1/keys"})->status, 200);
}

TEST_F(TlsTest, UnreadableFilesAreAClearError) {
  EXPECT_THROW(start({.tls = TlsFiles{folder_.path() / "none.pem", files_.private_key}}), base::InfraError);
}

TEST_F(TlsTest, ASlowHandshakeIsCut) {
  start({.header_timeout = 50ms, .tls = files_});
  EXPECT_EQ(exchange(""), "");
}

}  // namespace
}  // namespace latchkey::http
