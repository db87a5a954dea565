#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <stdexcept>

#include "base/infra_error.h"
#include "base/testing/fakes.h"
#include "http/openapi.h"
#include "http/testing_types.h"

namespace latchkey::http {
namespace {

namespace json = boost::json;
using base::ErrorCode;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Everything;
using ::testing::HasSubstr;
using testing::Inner;
using ::testing::Not;

struct Person {
  static constexpr Access kAccess = Access::user;
  std::string name;
  const std::string& limit_subject() const { return name; }
};

constexpr Bucket kBucket{"calls"};

constexpr Endpoint<Anyone, NoInput, RawBody> kKeys{.method = Method::get,
                                                   .path = "/keys",
                                                   .operation_id = "keys",
                                                   .summary = "Keys",
                                                   .access = Access::anyone,
                                                   .bucket = kUnlimited,
                                                   .cost = Cost::memory,
                                                   .errors = Errors::none()};
constexpr Endpoint<Person, Everything, Everything> kPut{.method = Method::put,
                                                        .path = "/things/{id}",
                                                        .operation_id = "put_thing",
                                                        .summary = "Put",
                                                        .access = Access::user,
                                                        .bucket = kBucket,
                                                        .cost = Cost::storage,
                                                        .errors = {ErrorCode::same_password}};
constexpr Endpoint<Anyone, Inner, Inner> kRed{
    .method = Method::post,
    .path = "/paint",
    .operation_id = "paint_red",
    .summary = "Red",
    .access = Access::anyone,
    .bucket = kBucket,
    .cost = Cost::hash,
    .errors = Errors::none(),
    .selector = {In::query, "colour", "red"},
    .limit_subject = [](const Inner& inner) { return std::optional(inner.name); }};
constexpr Endpoint<Anyone, Inner, NoContent> kGreen{.method = Method::post,
                                                    .path = "/paint",
                                                    .operation_id = "paint_green",
                                                    .summary = "Green",
                                                    .access = Access::anyone,
                                                    .bucket = kBucket,
                                                    .cost = Cost::memory,
                                                    .errors = Errors::none(),
                                                    .selector = {In::query, "colour", "green"}};
constexpr Endpoint<Anyone, Inner, Inner> kIn{.method = Method::post,
                                             .path = "/session",
                                             .operation_id = "session_in",
                                             .summary = "In",
                                             .access = Access::anyone,
                                             .bucket = kBucket,
                                             .cost = Cost::memory,
                                             .errors = {ErrorCode::invalid_credentials},
                                             .selector = {In::body, "action", "in"}};
constexpr Endpoint<Anyone, NoInput, NoContent> kOut{.method = Method::post,
                                                    .path = "/session",
                                                    .operation_id = "session_out",
                                                    .summary = "Out",
                                                    .access = Access::anyone,
                                                    .bucket = kBucket,
                                                    .cost = Cost::memory,
                                                    .errors = Errors::none(),
                                                    .selector = {In::body, "action", "out"}};

class TestExchange final : public Exchange {
 public:
  void finish() override { ++finished; }
  void finish_after(Task last) override {
    last();
    ++finished;
  }
  int finished = 0;
};

// Refuses the keys it was told to; remembers all it was asked.
class FakeAdmission final : public Admission {
 public:
  std::optional<std::chrono::seconds> admit(Bucket bucket, std::string_view key,
                                            std::chrono::steady_clock::time_point) override {
    asked.push_back(std::string(bucket.name) + ":" + std::string(key));
    if (!refused.empty() && key == refused) return std::chrono::seconds(7);
    return std::nullopt;
  }
  std::string refused;
  std::vector<std::string> asked;
};

class FullLanes final : public Executor {
 public:
  bool submit(Lane, Task) override { return false; }
  bool store_is_embedded() const override { return true; }
};

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    auto authentication = std::make_shared<Authentication<Person>>();
    authentication->precheck = [](const Call& call) -> std::optional<base::Error> {
      if (call.authorization.empty()) return base::Error{.code = ErrorCode::no_authorization};
      return std::nullopt;
    };
    authentication->authenticate = [](const Call& call) -> base::Result<Person> {
      if (call.authorization != "Bearer ada") return base::fail(ErrorCode::bad_jwt, "secret detail");
      return Person{"ada"};
    };
    authentication->errors = {ErrorCode::no_authorization, ErrorCode::bad_jwt};
    auto content =
        std::make_shared<RawContent>(RawContent{.body = "{}", .cache_control = "public, max-age=60"});
    router_.add("/v1", kKeys, [content](const Anyone&, const NoInput&, const Call&) -> base::Result<RawBody> {
      return RawBody{content};
    });
    router_.add(
        "/v1", kPut,
        [](const Person& person, const Everything& thing, const Call&) -> base::Result<Everything> {
          if (thing.text == "throw") throw std::runtime_error("secret detail");
          if (thing.text == "disk") throw base::InfraError(ErrorCode::storage_unavailable, "secret detail");
          if (thing.text == "same") return base::fail(ErrorCode::same_password, "secret detail");
          Everything answer = thing;
          answer.maybe = person.name + thing.id;
          return answer;
        },
        authentication);
    const auto echo = [](const Anyone&, const Inner& inner, const Call&) -> base::Result<Inner> {
      return inner;
    };
    router_.add("/v1", kRed, echo);
    router_.add("/v1", kGreen, [](const Anyone&, const Inner&, const Call&) -> base::Result<NoContent> {
      return NoContent{};
    });
    router_.add("/v1", kIn, echo);
    router_.add("/v1", kOut, [](const Anyone&, const NoInput&, const Call&) -> base::Result<NoContent> {
      return NoContent{};
    });
  }

  struct Answer {
    Response response;
    json::value body;
    std::string detail;
    std::string code() const { return std::string(body.at("code").get_string()); }
  };
  Answer call(Method method, std::string_view target, std::string body = {},
              std::vector<HeaderView> headers = {}) {
    TestExchange exchange;
    exchange.request.method = method;
    EXPECT_TRUE(exchange.request.set_target(target));
    exchange.request.body = std::move(body);
    exchange.request.headers = std::move(headers);
    exchange.request_id = "r-1";
    router_.dispatch(exchange,
                     {.lanes = *lanes_, .clock = clock_, .logger = *logger_, .admission = &admission_});
    EXPECT_EQ(exchange.finished, 1);
    Answer answer{.response = exchange.response, .body = {}, .detail = exchange.error_detail};
    if (!answer.response.body_text().empty())
      answer.body = json::parse(std::string(answer.response.body_text()));
    return answer;
  }
  Answer put(std::string_view text, const char* authorization = "Bearer ada") {
    std::string body = example_json(type_info<Everything>());
    body.replace(body.find("hello"), 5, text);
    std::vector<HeaderView> headers;
    if (authorization != nullptr) headers.push_back({"authorization", authorization});
    return call(Method::put, "/v1/things/7", body, headers);
  }

  base::testing::FakeClock clock_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
  InlineLanes inline_;
  FullLanes full_;
  Executor* lanes_ = &inline_;
  FakeAdmission admission_;
  Router router_;
};

TEST_F(RouterTest, AnswersARawBodyAsItIs) {
  const Answer answer = call(Method::get, "/v1/keys");
  EXPECT_EQ(answer.response.status, 200);
  EXPECT_EQ(answer.response.body_text(), "{}");
  EXPECT_EQ(answer.response.cache_control(), "public, max-age=60");
  EXPECT_EQ(call(Method::head, "//v1/keys/").response.status, 200);
  EXPECT_TRUE(admission_.asked.empty());
}

TEST_F(RouterTest, NotFoundAndMethodNotAllowed) {
  EXPECT_EQ(call(Method::get, "/v1/nothing").code(), "not_found");
  EXPECT_EQ(call(Method::get, "/v1/things").code(), "not_found");
  EXPECT_EQ(call(Method::get, "/v1/%6beys").code(), "not_found");
  const Answer answer = call(Method::del, "/v1/keys");
  EXPECT_EQ(answer.response.status, 405);
  EXPECT_THAT(answer.response.headers,
              Contains(std::pair<std::string_view, std::string>("Allow", "GET, HEAD, OPTIONS")));
}

TEST_F(RouterTest, DecodesAuthenticatesAndEncodes) {
  const Answer answer = put("hello");
  EXPECT_EQ(answer.response.status, 200);
  EXPECT_EQ(answer.body.at("maybe"), "ada7");
  EXPECT_THAT(admission_.asked, ElementsAre(HasSubstr("calls:a"), "calls:uada"));
}

TEST_F(RouterTest, CredentialsAreAskedForBeforeTheBodyIsRead) {
  EXPECT_EQ(call(Method::put, "/v1/things/7", "{broken").code(), "no_authorization");
  EXPECT_EQ(call(Method::put, "/v1/things/7", "{broken", {{"Authorization", "Bearer x"}}).code(), "bad_json");
  EXPECT_EQ(put("hello", "Bearer x").code(), "bad_jwt");
  EXPECT_EQ(call(Method::put, "/v1/things/7", "{}", {{"Authorization", "a"}, {"authorization", "b"}}).code(),
            "bad_request");
}

TEST_F(RouterTest, ErrorsCarryTheContractAndNeverTheDetail) {
  for (const auto& [text, status, code] : {std::tuple{"same", 422, "same_password"},
                                           {"throw", 500, "internal_error"},
                                           {"disk", 503, "storage_unavailable"}}) {
    const Answer answer = put(text);
    EXPECT_EQ(answer.response.status, status);
    EXPECT_EQ(answer.code(), code);
    EXPECT_EQ(answer.body.at("error_code"), code);
    EXPECT_EQ(answer.body.at("message"), answer.body.at("msg"));
    EXPECT_EQ(answer.body.at("request_id"), "r-1");
    EXPECT_THAT(answer.response.body, Not(HasSubstr("secret detail")));
    EXPECT_EQ(answer.detail, "secret detail");
    EXPECT_EQ(answer.response.headers.empty(), status != 503);
  }
  const Answer invalid = call(Method::post, "/v1/paint?colour=red", R"({"name":5})");
  EXPECT_EQ(invalid.body.at("fields").at("name"), "must be a text");
}

TEST_F(RouterTest, ADeferredHandlerAnswersWhenItsReplyIsCalled) {
  constexpr Endpoint<Anyone, Inner, Inner> kLater{.method = Method::post,
                                                  .path = "/later",
                                                  .operation_id = "later",
                                                  .summary = "Later",
                                                  .access = Access::anyone,
                                                  .bucket = kUnlimited,
                                                  .cost = Cost::one_write,
                                                  .errors = {ErrorCode::same_password}};
  Reply<Inner> kept;
  Router router;
  router.add_deferred(
      "", kLater,
      [&](const Anyone&, const Inner& inner, const Call&, Reply<Inner> reply) -> base::Result<void> {
        if (inner.name == "no") return base::fail(ErrorCode::same_password);
        if (inner.name == "err") throw std::runtime_error("secret detail");
        kept = std::move(reply);
        return {};
      });
  const Runtime runtime{.lanes = full_, .clock = clock_, .logger = *logger_, .admission = &admission_};
  const auto begin = [&](TestExchange& exchange, std::string_view name) {
    exchange.request.method = Method::post;
    EXPECT_TRUE(exchange.request.set_target("/later"));
    exchange.request.body = R"({"name":")" + std::string(name) + R"("})";
    router.dispatch(exchange, runtime);
  };
  // Refused before there was anything to wait for.
  for (const auto& [name, code] : {std::pair("no", "same_password"), {"err", "internal_error"}}) {
    TestExchange exchange;
    begin(exchange, name);
    EXPECT_EQ(exchange.finished, 1);
    EXPECT_THAT(exchange.response.body, HasSubstr(code));
  }
  const auto answered = [&](auto result) {
    TestExchange exchange;
    begin(exchange, "x");
    EXPECT_EQ(exchange.finished, 0);
    kept(std::move(result));
    EXPECT_EQ(exchange.finished, 1);
    return exchange.response;
  };
  EXPECT_EQ(answered([] { return base::Result<Inner>(Inner{.name = "y"}); }).status, 200);
  EXPECT_THAT(answered([]() -> base::Result<Inner> { return base::fail(ErrorCode::same_password); }).body,
              HasSubstr("same_password"));
  EXPECT_EQ(answered([]() -> base::Result<Inner> {
              throw base::InfraError(ErrorCode::storage_unavailable, "secret detail");
            }).status,
            503);
}

// A store elsewhere: nothing may be submitted to a lane for an endpoint that only needs to know who calls.
class DistantStore final : public Executor {
 public:
  bool submit(Lane, Task) override { return false; }
  bool store_is_embedded() const override { return false; }
};

TEST_F(RouterTest, WaitsForThePrincipalWithoutAThread) {
  static constexpr Endpoint<Person, NoInput, Inner> kWho{.method = Method::get,
                                                         .path = "/who",
                                                         .operation_id = "who",
                                                         .summary = "Who",
                                                         .access = Access::user,
                                                         .bucket = kBucket,
                                                         .cost = Cost::principal,
                                                         .errors = Errors::none()};
  Reply<Person> kept;
  auto authentication = std::make_shared<Authentication<Person>>();
  authentication->authenticate = [](const Call&) -> base::Result<Person> {
    ADD_FAILURE() << "would wait";
    return base::fail(ErrorCode::bad_jwt);
  };
  authentication->authenticate_later = [&](const Call& call, Reply<Person> reply) -> base::Result<void> {
    if (call.authorization.empty()) return base::fail(ErrorCode::no_authorization);
    kept = std::move(reply);
    return {};
  };
  Router router;
  router.add(
      "", kWho,
      [](const Person& person, const NoInput&, const Call&) -> base::Result<Inner> {
        if (person.name == "err") throw std::runtime_error("secret detail");
        return Inner{.name = person.name};
      },
      authentication);
  DistantStore distant;
  const Runtime runtime{.lanes = distant, .clock = clock_, .logger = *logger_, .admission = &admission_};
  const auto begin = [&](TestExchange& exchange, std::vector<HeaderView> headers) {
    exchange.request.method = Method::get;
    EXPECT_TRUE(exchange.request.set_target("/who"));
    exchange.request.headers = std::move(headers);
    router.dispatch(exchange, runtime);
  };
  TestExchange nobody;
  begin(nobody, {});
  EXPECT_EQ(nobody.finished, 1);
  EXPECT_EQ(nobody.response.status, 401);
  const auto answered = [&](auto result) {
    TestExchange exchange;
    begin(exchange, {{"authorization", "Bearer x"}});
    EXPECT_EQ(exchange.finished, 0);
    kept(std::move(result));
    EXPECT_EQ(exchange.finished, 1);
    return exchange.response;
  };
  const auto is = [](const char* name) {
    return [name] { return base::Result<Person>(Person{.name = name}); };
  };
  EXPECT_EQ(answered(is("ada")).body, R"({"name":"ada"})");
  EXPECT_EQ(answered(is("err")).status, 500);
  EXPECT_EQ(
      answered([]() -> base::Result<Person> { return base::fail(ErrorCode::session_not_found); }).status,
      401);
  EXPECT_EQ(answered([]() -> base::Result<Person> {
              throw base::InfraError(ErrorCode::storage_unavailable, "secret detail");
            }).status,
            503);
  // The limit of the account, once it is known.
  admission_.refused = "uada";
  EXPECT_EQ(answered(is("ada")).status, 429);
  EXPECT_EQ(answered(is("bob")).status, 200);
}

TEST_F(RouterTest, SelectsByQuery) {
  EXPECT_EQ(call(Method::post, "/v1/paint?colour=red", R"({"name":"x"})").body.at("name"), "x");
  EXPECT_EQ(call(Method::post, "/v1/paint?colour=green", R"({"name":"x"})").response.status, 204);
  const Answer answer = call(Method::post, "/v1/paint?colour=blue", R"({"name":"x"})");
  EXPECT_EQ(answer.code(), "validation_failed");
  EXPECT_EQ(answer.body.at("fields").at("colour"), "must be one of: red, green");
}

TEST_F(RouterTest, SelectsByBody) {
  EXPECT_EQ(call(Method::post, "/v1/session", R"({"action":"in","name":"x"})").body.at("name"), "x");
  EXPECT_EQ(call(Method::post, "/v1/session", "action=out").response.status, 204);
  EXPECT_EQ(call(Method::post, "/v1/session", R"({"action":7})").body.at("fields").at("action"),
            "must be one of: in, out");
  EXPECT_EQ(call(Method::post, "/v1/session").code(), "validation_failed");
  EXPECT_EQ(call(Method::post, "/v1/session", "{").code(), "bad_json");
}

TEST_F(RouterTest, LimitsTheAddressAndTheAccount) {
  admission_.refused = "ubob";
  const Answer answer = call(Method::post, "/v1/paint?colour=red", R"({"name":"bob"})");
  EXPECT_EQ(answer.response.status, 429);
  EXPECT_THAT(answer.response.headers,
              Contains(std::pair<std::string_view, std::string>("Retry-After", "7")));
  admission_.refused = ClientAddress().limit_key();
  EXPECT_EQ(call(Method::put, "/v1/things/7", "{broken").code(), "over_request_rate_limit");
}

TEST_F(RouterTest, AFullLaneIsOverloadedAndInPlaceWorkGoesOn) {
  lanes_ = &full_;
  const Answer answer = put("hello");
  EXPECT_EQ(answer.code(), "overloaded");
  EXPECT_FALSE(answer.response.headers.empty());
  EXPECT_EQ(call(Method::get, "/v1/keys").response.status, 200);
}

TEST_F(RouterTest, RefusesMistakesInTheTable) {
  const auto handler = [](const Anyone&, const NoInput&, const Call&) -> base::Result<RawBody> {
    return RawBody{};
  };
  EXPECT_THROW(router_.add("/v1", kKeys, handler), std::logic_error);
  Endpoint<Anyone, NoInput, RawBody> other = kKeys;
  other.operation_id = "other";
  EXPECT_THROW(router_.add("/v1", other, handler), std::logic_error);
  other.path = "/with/{field}";
  EXPECT_THROW(router_.add("/v1", other, handler), std::logic_error);
}

TEST_F(RouterTest, RoutesKnowTheirErrorsAndExamples) {
  const RouteInfo& info = *router_.routes()[1];
  EXPECT_EQ(info.path, "/v1/things/{id}");
  EXPECT_EQ(info.example_target(), "/v1/things/7?page=2");
  EXPECT_EQ(call(Method::put, info.example_target(), info.example_body(), {{"authorization", "Bearer ada"}})
                .response.status,
            200);
  for (const ErrorCode code :
       {ErrorCode::bad_json, ErrorCode::validation_failed, ErrorCode::same_password,
        ErrorCode::over_request_rate_limit, ErrorCode::bad_jwt, ErrorCode::overloaded}) {
    EXPECT_THAT(info.errors, Contains(code));
  }
  EXPECT_THAT(router_.routes()[0]->errors, Not(Contains(ErrorCode::over_request_rate_limit)));
  EXPECT_EQ(router_.routes()[4]->example_body(), R"({"action":"in","name":"abc"})");
}

TEST_F(RouterTest, TheOpenApiDocumentComesFromTheTable) {
  const auto routes = router_.routes();
  const json::value document = json::parse(openapi_document(routes, {.title = "T", .version = "1"}));
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  const json::value& put = document.at_pointer("/paths/~1v1~1things~1{id}/put");
  EXPECT_EQ(put.at("operationId"), "put_thing");
  EXPECT_EQ(put.at_pointer("/parameters/0/in"), "path");
  EXPECT_EQ(put.at_pointer("/parameters/1/schema/minimum"), 1);
  EXPECT_EQ(put.at_pointer("/requestBody/required"), true);
  EXPECT_EQ(put.at_pointer("/security/0").as_object().begin()->key(), "bearer");
  EXPECT_EQ(put.at_pointer("/responses/429/headers/Retry-After/required"), true);
  EXPECT_THAT(std::string(put.at_pointer("/responses/401/description").get_string()), HasSubstr("bad_jwt"));
  for (const char* status : {"200", "400", "401", "413", "414", "422", "429", "431", "500", "503"}) {
    EXPECT_TRUE(put.at("responses").as_object().contains(status)) << status;
  }
  const json::value& paint = document.at_pointer("/paths/~1v1~1paint/post");
  EXPECT_EQ(paint.at("operationId"), "paint_red_or_paint_green");
  EXPECT_EQ(json::serialize(paint.at_pointer("/parameters/0/schema/enum")), R"(["red","green"])");
  EXPECT_TRUE(paint.at("responses").as_object().contains("204"));
  const json::value& session = document.at_pointer("/paths/~1v1~1session/post");
  EXPECT_EQ(session.at_pointer("/requestBody/content/application~1json/schema/anyOf").as_array().size(), 2U);
  EXPECT_EQ(document.at_pointer("/components/examples/invalid_credentials/value/code"),
            "invalid_credentials");
}

}  // namespace
}  // namespace latchkey::http
