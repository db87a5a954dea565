// Walks the table of endpoints: what holds for every route is tested for every route, so adding a route adds
// these tests. Nothing here names an endpoint.
#include "api/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <memory>

#include "app/application.h"
#include "http/openapi.h"
#include "http/problem.h"
#include "http/server.h"
#include "support/api.h"
#include "support/connection.h"
#include "support/expect.h"
#include "support/json_schema.h"
#include "support/running_server.h"

namespace latchkey::e2e {
namespace {

namespace json = boost::json;
using base::ErrorCode;
using http::RouteInfo;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Lets everything through, or nothing.
class Gate final : public http::Admission {
 public:
  std::atomic<bool> closed{false};
  std::optional<std::chrono::seconds> admit(http::Bucket, std::string_view,
                                            std::chrono::steady_clock::time_point) override {
    if (closed) return std::chrono::seconds(7);
    return std::nullopt;
  }
};

config::Settings cheap_settings(const Installation& installation) {
  config::Settings settings = config::default_settings();
  settings.data.path = installation.data();
  settings.database.url.text = installation.postgres_url();
  settings.password.argon2_memory.bytes = 65536;
  settings.password.argon2_iterations = 1;
  return settings;
}

std::shared_ptr<const http::RawContent> content(std::string body) {
  return std::make_shared<const http::RawContent>(http::RawContent{.body = std::move(body)});
}

// The whole API on a database of its own, served on a socket of this process.
class Table {
 public:
  Table() {
    api::add_environment(router_, "/auth/v1", app_->live());
    api::add_root(router_, app_->live(),
                  {.openapi = [this] { return content(document()); },
                   .metrics =
                       [] {
                         return std::make_shared<const http::RawContent>(http::RawContent{
                             .body = "up 1\n", .content_type = "text/plain; version=0.0.4; charset=utf-8"});
                       }});
    server_.start();
    account_ = Api(server_.port()).signed_up("ada@example.com");  // whom the examples name
  }
  ~Table() {
    server_.stop(std::chrono::seconds(10));
    lanes_.stop();
  }

  std::vector<const RouteInfo*> routes() const { return router_.routes(); }
  const RouteInfo& route(std::string_view operation_id) const {
    const auto all = routes();
    return **std::ranges::find_if(all,
                                  [&](const RouteInfo* each) { return each->operation_id == operation_id; });
  }
  std::string document() const {
    return http::openapi_document(
        routes(), {.title = "Latchkey", .version = "1", .description = "", .server_url = "/"});
  }
  Api api() const { return Api(server_.port(), ""); }
  Session fresh_session() const { return Api(server_.port()).logged_in("ada@example.com"); }
  Gate& gate() { return gate_; }

 private:
  std::unique_ptr<base::Logger> log_ = base::make_null_logger();
  Installation installation_;
  std::unique_ptr<app::Application> app_ =
      app::open_application(cheap_settings(installation_), *log_).value();
  http::Lanes lanes_{{.store_is_embedded = app_->live().store().is_embedded()}};
  Gate gate_;
  http::Router router_;
  http::Runtime runtime_{.lanes = lanes_, .clock = app_->clock(), .logger = *log_, .admission = &gate_};
  http::Server server_{{.port = 0}, router_, runtime_, app_->random()};
  Session account_;
};

Table& table() {
  static Table the_table;
  return the_table;
}

std::vector<std::string> operation_ids() {
  std::vector<std::string> ids;
  for (const RouteInfo* route : table().routes()) ids.emplace_back(route->operation_id);
  return ids;
}

class EveryRoute : public ::testing::TestWithParam<std::string> {
 protected:
  EveryRoute() {
    if (route.access != http::Access::anyone) good.authorization = "Bearer " + session.access_token;
    for (const http::FieldInfo& field : fields) fill(field);
    if (route.has_body()) good.body = json::serialize(body);
  }

  // Puts what only a running server knows into the example.
  void fill(const http::FieldInfo& field) {
    const auto declares = [&](ErrorCode code) {
      return std::ranges::find(route.errors, code) != route.errors.end();
    };
    if (field.name == "refresh_token") body["refresh_token"] = json::string(session.refresh_token);
    if (field.name == "email" && route.access == http::Access::anyone &&
        declares(ErrorCode::user_already_exists)) {
      body["email"] = json::string(new_email());
    }
    const std::string example(field.options.example);
    if (field.name == "id" && field.options.in == http::In::path && !example.empty()) {
      target.replace(target.find(example), example.size(), session.session_id);
    }
  }

  Answer send(const Sent& sent) const { return send(sent, target); }
  Answer send(const Sent& sent, const std::string& to) const {
    Answer answer = table().api().call(http::to_string(route.method), to, sent);
    check(answer);
    return answer;
  }
  Answer send_body(std::string text) const {
    Sent sent = good;
    sent.body = std::move(text);
    return send(sent);
  }

  // Whatever was asked: the answer is one that the route declares, of the form it declares.
  void check(const Answer& answer) const {
    SCOPED_TRACE(answer.summary());
    if (answer.status >= 400) {
      const auto code = base::find_error_code(answer.code());
      ASSERT_TRUE(code);
      expect_error(answer, answer.code());
      EXPECT_THAT(route.errors, Contains(*code)) << "a code that the route does not declare";
      EXPECT_THAT(schema_problems(answer.json, json::parse(http::problem_schema()), nullptr), IsEmpty());
      return;
    }
    EXPECT_EQ(answer.status, route.success);
    expect_common_headers(answer);
    if (route.response != nullptr) {
      EXPECT_EQ(answer.header("content-type"), "application/json; charset=utf-8");
      const json::value schema = json::parse(http::json_schema(route.response(), http::SchemaUse::response));
      EXPECT_THAT(schema_problems(answer.json, schema, nullptr), IsEmpty());
    } else if (route.raw_response) {
      EXPECT_THAT(answer.header("content-type"), HasSubstr(std::string(route.content_type)));
      EXPECT_NE(answer.body, "");
    } else {
      EXPECT_EQ(answer.body, "");
    }
  }

  const RouteInfo& route = table().route(GetParam());
  const std::vector<http::FieldInfo> fields = route.request().fields;
  const Session session = table().fresh_session();
  std::string target = route.example_target();
  json::object body = route.has_body() ? json::parse(route.example_body()).as_object() : json::object();
  Sent good;  // a request that succeeds
};

TEST_P(EveryRoute, SucceedsAsItsSchemaSays) { EXPECT_EQ(send(good).status, route.success); }

TEST_P(EveryRoute, NeedsTheCredentialsOfItsAccess) {
  Sent anonymous = good;
  anonymous.authorization.reset();
  if (route.access == http::Access::anyone) {
    EXPECT_EQ(send(anonymous).status, route.success);
    return;
  }
  EXPECT_EQ(send(anonymous).code(), "no_authorization");
  for (const auto& [header, code] :
       std::vector<std::pair<std::string, std::string>>{{"Bearer null", "bearer_unset"},
                                                        {"Bearer [token]", "bearer_placeholder"},
                                                        {"Bearer x", "bad_jwt"},
                                                        {"Bearer " + session.refresh_token, "bad_jwt"},
                                                        {session.access_token, "bearer_prefix_missing"},
                                                        {"Basic YWRhOng=", "bearer_prefix_missing"}}) {
    anonymous.authorization = header;
    EXPECT_EQ(send(anonymous).code(), code) << header;
  }
  const std::string base = "/auth/v1/logout?scope=local";
  ASSERT_EQ(table().api().send("POST", base, session).status, 204);
  EXPECT_EQ(send(good).code(), "session_not_found");
}

TEST_P(EveryRoute, RefusesBodiesThatAreNoObject) {
  if (!route.has_body()) return;
  for (const char* text : {"{\"a\":", "{a}", "{\"a\":\"b\"c\"}", "{}x"}) {
    EXPECT_EQ(send_body(text).code(), "bad_json") << text;
  }
  for (const char* text : {"[]", "null", "7", "true"})
    EXPECT_EQ(send_body(text).code(), "validation_failed") << text;
}

TEST_P(EveryRoute, NamesEveryFieldOfTheWrongType) {
  for (const http::FieldInfo& field : fields) {
    if (field.options.in != http::In::body) continue;
    const bool is_text =
        field.type.kind == http::TypeKind::text || field.type.kind == http::TypeKind::enumeration;
    json::object wrong = body;
    wrong[field.name] = is_text ? json::value(5) : json::value("no such thing");
    const Answer answer = send_body(json::serialize(wrong));
    EXPECT_EQ(answer.code(), "validation_failed") << field.name;
    EXPECT_FALSE(answer.text("fields." + std::string(field.name)).empty()) << field.name;
  }
}

TEST_P(EveryRoute, NamesEveryFieldThatIsMissing) {
  for (const http::FieldInfo& field : fields) {
    if (field.options.in != http::In::body || field.optional) continue;
    json::object without = body;
    without.erase(field.name);
    json::object null = body;
    null[field.name] = nullptr;
    for (const json::object& each : {without, null}) {
      const Answer answer = send_body(json::serialize(each));
      EXPECT_EQ(answer.code(), "validation_failed") << field.name;
      EXPECT_FALSE(answer.text("fields." + std::string(field.name)).empty()) << field.name;
    }
  }
}

TEST_P(EveryRoute, NamesEveryQueryFieldThatIsNoneOfItsWords) {
  for (const http::FieldInfo& field : fields) {
    if (field.options.in != http::In::query || field.type.kind != http::TypeKind::enumeration) continue;
    const std::string to =
        target + (target.find('?') == std::string::npos ? "?" : "&") + std::string(field.name) + "=nonsense";
    const Answer answer = send(good, to);
    EXPECT_EQ(answer.code(), "validation_failed");
    EXPECT_FALSE(answer.text("fields." + std::string(field.name)).empty());
  }
}

TEST_P(EveryRoute, RefusesTooLarge) {
  Connection connection(table().api().port());
  connection.send(std::string(http::to_string(route.method)) + " " + target +
                  " HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n");
  const auto answer = connection.read_answer();
  ASSERT_TRUE(answer);
  expect_error(*answer, "body_too_large");
}

TEST_P(EveryRoute, IsLimited) {
  table().gate().closed = true;
  const Answer answer = send(good);
  table().gate().closed = false;
  if (route.bucket == http::kUnlimited) {
    EXPECT_EQ(answer.status, route.success);
  } else {
    EXPECT_EQ(answer.code(), "over_request_rate_limit");
    EXPECT_EQ(answer.header("retry-after"), "7");
  }
}

TEST_P(EveryRoute, AnswersOtherMethodsAsHttpSays) {
  std::vector<std::string> there;
  for (const RouteInfo* each : table().routes()) {
    if (each->path == route.path) there.emplace_back(http::to_string(each->method));
  }
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "BREW"}) {
    if (std::ranges::find(there, method) != there.end()) continue;
    const Answer answer = table().api().call(method, target, good);
    expect_error(answer, "method_not_allowed");
    EXPECT_THAT(answer.header("allow"), HasSubstr(std::string(http::to_string(route.method))));
  }
  EXPECT_EQ(table().api().call("OPTIONS", target, {}).status, 204);
  if (route.method == http::Method::get) {
    const Answer head = table().api().call("HEAD", target, good);
    EXPECT_EQ(head.status, route.success);
    EXPECT_EQ(head.body, "");
  }
}

TEST_P(EveryRoute, StandsInTheDocument) {
  const json::value document = json::parse(table().document());
  std::string method(http::to_string(route.method));
  std::ranges::transform(method, method.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const json::value& operation = document.at("paths").at(route.path).at(method);
  EXPECT_FALSE(operation.at("summary").as_string().empty());
  EXPECT_THAT(std::string(operation.at("operationId").as_string()),
              HasSubstr(std::string(route.operation_id)));
  EXPECT_TRUE(operation.at("responses").as_object().contains(std::to_string(route.success)));
  for (const ErrorCode code : route.errors) {
    EXPECT_TRUE(
        operation.at("responses").as_object().contains(std::to_string(base::error_info(code).status)));
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryRoute, ::testing::ValuesIn(operation_ids()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace latchkey::e2e
