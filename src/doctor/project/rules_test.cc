// The project doctor on small projects: clean ones, and one that is wrong in one place for each rule.
#include "doctor/project/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "doctor/project/analyse.h"
#include "doctor/project/testing/clean_app.h"

namespace latchkey::doctor {
namespace {

using namespace testing;  // of the clean app
using ::testing::HasSubstr;

// The rules that hold, but for those in `expected`.
std::string fired(const Report& report, std::string_view expected) {
  std::string text;
  for (const Finding& finding : report.findings) {
    if (finding.verdict == Verdict::pass || finding.verdict == Verdict::skipped || finding.id == expected)
      continue;
    text.append(text.empty() ? "" : ", ").append(finding.id);
  }
  return text;
}

const Finding& finding_of(const Report& report, std::string_view id) {
  for (const Finding& finding : report.findings) {
    if (finding.id == id) return finding;
  }
  throw std::runtime_error("no finding " + std::string(id));
}

class Clean : public ::testing::TestWithParam<Generation> {};

TEST_P(Clean, fires_nothing) {
  const Analysis analysis = analyse_project(CleanApp(GetParam()).tree());
  EXPECT_EQ(analysis.project.kind, flutterflow::Project::Kind::custom_auth);
  EXPECT_THAT(analysis.report.problems, ::testing::IsEmpty());
  for (const Finding& finding : analysis.report.findings) {
    EXPECT_EQ(finding.verdict, Verdict::pass)
        << finding.id << ": " << finding.evidence
        << (finding.places.empty() ? "" : " " + finding.places[0].file + " " + finding.places[0].expression);
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, Clean,
                         ::testing::Values(Generation::y2023, Generation::y2024, Generation::y2025,
                                           Generation::y2026));

TEST(Rules, each_project_check_has_one) {
  std::map<std::string, int> count;
  for (const Rule& rule : all_rules()) ++count[std::string(rule.id)];
  for (const CheckInfo& check : all_checks()) {
    if (check.about != About::project || check.id == "not_flutterflow" || check.id == "not_custom_auth")
      continue;
    EXPECT_EQ(count[std::string(check.id)], 1) << check.id;
    count.erase(std::string(check.id));
  }
  for (const auto& [id, times] : count) ADD_FAILURE() << id << " is in no catalogue, " << times;
}

// --- one thing wrong

struct Wrong {
  std::string id;    // fires
  std::string also;  // what fires with it, of necessity; ids after ", "
  std::function<void(CleanApp&)> make;
  std::string file;
  std::string at;  // stands in the line of its first place
};

constexpr std::string_view kToken =
    "authenticationToken: AuthGroup.loginCall.token(\n                    (_model.apiResult?.jsonBody ?? "
    "''),\n                  ),";
constexpr std::string_view kRefresh =
    "refreshToken: AuthGroup.loginCall.refreshToken(\n                    (_model.apiResult?.jsonBody ?? "
    "''),\n                  ),";
constexpr std::string_view kExpiry =
    "tokenExpiration: dateTimeFromSecondsSinceEpoch(AuthGroup.loginCall.expiresAt(\n                    "
    "(_model.apiResult?.jsonBody ?? ''),\n                  )),";
constexpr std::string_view kUid =
    "authUid: AuthGroup.loginCall.uid(\n                    (_model.apiResult?.jsonBody ?? ''),\n            "
    "      ),";
constexpr std::string_view kCheck = "if ((_model.apiResult?.succeeded ?? true)) {";
constexpr std::string_view kSnackBar =
    "ScaffoldMessenger.of(context).showSnackBar(\n                  SnackBar(content: Text('This did not "
    "work.')),\n                );";
constexpr std::string_view kGo =
    "context.goNamedAuth(HomeWidget.routeName, context.mounted, ignoreRedirect: true);";

// In both forms, since rules about all logins hold only when none of them is right.
void both(CleanApp& app, std::string_view from, std::string_view to) {
  std::string sign_up(from);
  std::string sign_up_to(to);
  for (std::string* text : {&sign_up, &sign_up_to}) {
    for (std::size_t at = 0; (at = text->find("loginCall", at)) != std::string::npos;)
      text->replace(at, 9, "signUpCall");
  }
  app.replace(kLogin, from, to).replace(kSignUp, sign_up, sign_up_to);
}

std::string json_field(std::string_view path) {
  return "getJsonField(\n                    (_model.apiResult?.jsonBody ?? ''),\n                    "
         "r\'\'\'" +
         std::string(path) + "\'\'\',\n                  )";
}

void replace_all(CleanApp& app, std::string_view path, std::string_view from, std::string_view to) {
  std::string text = app.tree().find(path)->text;
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size(), ++count) {
    text.replace(at, from.size(), to);
  }
  if (count == 0) throw std::runtime_error("not in " + std::string(path) + ": " + std::string(from));
  app.set(path, text);
}

void replace_first(CleanApp& app, std::string_view path, std::string_view from, std::string_view to) {
  std::string text = app.tree().find(path)->text;
  text.replace(text.find(from), from.size(), to);
  app.set(path, text);
}

// One more button on a page, which does this.
void add_button(CleanApp& app, std::string_view path, std::string_view actions) {
  app.replace(path, "        children: [\n",
              "        children: [\n          FFButtonWidget(\n            onPressed: () async {\n" +
                  std::string(actions) + "            },\n            text: 'More',\n          ),\n");
}

std::string without_comma(std::string_view argument) {
  return std::string(argument.substr(0, argument.size() - 1));
}
std::string line(std::string_view argument) { return "                  " + std::string(argument) + "\n"; }

constexpr std::string_view kNavBar = R"(
class NavBarPage extends StatefulWidget {
  NavBarPage({Key? key, this.initialPage}) : super(key: key);
  final String? initialPage;
  @override
  _NavBarPageState createState() => _NavBarPageState();
}

class _NavBarPageState extends State<NavBarPage> {
  String _currentPageName = 'Home';
  @override
  Widget build(BuildContext context) {
    final tabs = {
      'Home': HomeWidget(),
      'SignUp': SignUpWidget(),
    };
    return Scaffold(body: tabs[_currentPageName]);
  }
}
)";

constexpr std::string_view kOpenSignIn = R"(              GoRouter.of(context).prepareAuthEvent();
              await authManager.signIn(
                authenticationToken: _model.emailTextController.text,
                refreshToken: _model.passwordTextController.text,
                tokenExpiration: DateTime.tryParse(_model.emailTextController.text),
                authUid: _model.emailTextController.text,
              );
              context.goNamedAuth(HomeWidget.routeName, context.mounted, ignoreRedirect: true);
)";

constexpr std::string_view kLoginOnly = R"(              _model.apiResult = await AuthGroup.loginCall.call(
                email: _model.emailTextController.text,
                password: _model.passwordTextController.text,
              );
              context.pushNamed(HomeWidget.routeName);
)";

constexpr std::string_view kCloudCall = R"(    final response = await makeCloudCall(
      _kPrivateApiFunctionName,
      {
        'callName': 'LoginCall',
        'variables': {
          'email': email,
          'password': password,
        },
      },
    );
    return ApiCallResponse.fromCloudCallResponse(response);
)";

constexpr std::string_view kCarelessInterceptor = R"(import 'api_manager.dart';
import 'api_calls.dart';
import '/auth/custom_auth/auth_util.dart';

class RefreshInterceptor extends FFApiInterceptor {
  @override
  Future<ApiCallResponse> onResponse({
    required ApiCallResponse response,
    required Future<ApiCallResponse> Function() retryFn,
  }) async {
    if (response.statusCode == 401) {
      await AuthGroup.refreshCall.call(refreshToken: currentAuthRefreshToken);
      return retryFn();
    }
    return response;
  }
}
)";

const std::vector<Wrong>& wrongs() {
  static const std::string calls(kCalls), login(kLogin), sign_up(kSignUp), home(kHome), nav(kNav),
      manager(kManager);
  static const std::vector<Wrong> all = {
      {"persist_off", "",
       [](CleanApp& app) {
         app.replace("lib/main.dart", "  await authManager.initialize();\n", "");
         app.replace(kManager, "  Future initialize() async {", "  Future begin() async {");
       },
       manager, "class CustomAuthManager"},
      {"entry_equals_logged_in", "logged_in_page_signs_in",
       [](CleanApp& app) { replace_all(app, kNav, "loggedIn ? HomeWidget()", "loggedIn ? LoginWidget()"); },
       nav, "LoginWidget() : LoginWidget(),\n        ),"},
      {"auth_pages_not_set", "",
       [](CleanApp& app) { replace_all(app, kNav, "? HomeWidget()", "? GoneWidget()"); }, nav,
       "GoneWidget() : LoginWidget(),\n        ),"},
      {"http_cleartext", "",
       [](CleanApp& app) {
         app.replace(kCalls, "'https://api.small.example'", "'http://api.small.example'");
       },
       calls, "'http://api.small.example'"},
      {"dev_host", "",
       [](CleanApp& app) { app.replace(kCalls, "'https://api.small.example'", "'http://10.0.2.2:8000'"); },
       calls, "10.0.2.2"},
      {"sign_in_without_call", "", [](CleanApp& app) { add_button(app, kLogin, kOpenSignIn); }, login,
       "await authManager.signIn(\n                authenticationToken: _model.email"},
      {"login_call_without_sign_in", "", [](CleanApp& app) { add_button(app, kLogin, kLoginOnly); }, login,
       "AuthGroup.loginCall.call("},
      {"login_without_token", "sign_in_fields_differ",
       [](CleanApp& app) { app.replace(kLogin, line(kToken), ""); }, login, "authManager.signIn("},
      {"token_null_text", "",
       [](CleanApp& app) {
         app.replace(kLogin, kToken, "authenticationToken: " + json_field("$.access_token") + ".toString(),");
       },
       login, "authenticationToken: getJsonField("},
      {"token_empty_text", "",
       [](CleanApp& app) { app.replace(kLogin, kToken, without_comma(kToken) + " ?? '',"); }, login,
       "authenticationToken: AuthGroup"},
      {"token_literal", "",
       [](CleanApp& app) { app.replace(kLogin, kToken, "authenticationToken: 'logged-in',"); }, login,
       "'logged-in'"},
      {"login_self_reference", "",
       [](CleanApp& app) { app.replace(kLogin, kRefresh, "refreshToken: currentAuthRefreshToken,"); }, login,
       "currentAuthRefreshToken"},
      {"no_refresh_token", "", [](CleanApp& app) { both(app, line(kRefresh), ""); }, login,
       "authManager.signIn("},
      {"refresh_equals_access", "",
       [](CleanApp& app) { app.replace(kLogin, kRefresh, "refreshToken" + std::string(kToken.substr(19))); },
       login, "refreshToken: AuthGroup.loginCall.token("},
      {"no_refresh_call", "",
       [](CleanApp& app) {
         app.replace(kHome, "AuthGroup.refreshCall.call(", "AuthGroup.profileCall.call(");
         app.replace(kHome, "refreshToken: currentAuthRefreshToken", "token: currentAuthenticationToken");
       },
       calls, "class AuthGroup"},
      {"sign_in_fields_differ", "",
       [](CleanApp& app) {
         app.replace(kSignUp,
                     "                  authUid: AuthGroup.signUpCall.uid(\n                    "
                     "(_model.apiResult?.jsonBody ?? ''),\n                  ),\n",
                     "");
       },
       sign_up, "authManager.signIn("},
      {"no_expiry", "", [](CleanApp& app) { both(app, line(kExpiry), ""); }, login, "authManager.signIn("},
      {"expiry_suspect", "",
       [](CleanApp& app) {
         app.replace(kLogin, kExpiry, "tokenExpiration: getCurrentTimestamp.add(Duration(days: 7)),");
       },
       login, "Duration(days: 7)"},
      {"no_uid", "", [](CleanApp& app) { both(app, line(kUid), ""); }, login, "authManager.signIn("},
      {"uid_null_text", "",
       [](CleanApp& app) {
         app.replace(kLogin, kUid, "authUid: " + json_field("$.user.id") + ".toString(),");
       },
       login, "authUid: getJsonField("},
      {"non_null_assert", "",
       [](CleanApp& app) { app.replace(kLogin, kToken, without_comma(kToken) + "!,"); }, login,
       "authenticationToken: AuthGroup"},
      {"update_wipes_session", "",
       [](CleanApp& app) {
         app.replace(kHome,
                     "                  authUid: AuthGroup.refreshCall.uid(\n                    "
                     "(_model.apiResult?.jsonBody ?? ''),\n                  ),\n",
                     "");
       },
       home, "authManager.updateAuthUserData("},
      {"update_used_as_sign_in", "",
       [](CleanApp& app) {
         app.replace(kSignUp, "await authManager.signIn(", "authManager.updateAuthUserData(");
       },
       sign_up, "authManager.updateAuthUserData("},
      {"user_struct_datetime", "",
       [](CleanApp& app) {
         app.replace(kUserStruct, "data['name'] as String?", "data['name'] as DateTime?");
       },
       std::string(kUserStruct), "as DateTime?"},
      {"no_protected_pages", "",
       [](CleanApp& app) { app.replace(kNav, "          requireAuth: true,\n", ""); }, nav, "routes: ["},
      {"public_page_protected", "missing_sign_up",
       [](CleanApp& app) {
         app.replace(kNav, "path: SignUpWidget.routePath,",
                     "path: SignUpWidget.routePath,\n          requireAuth: true,");
       },
       login, "context.pushNamed("},
      {"guard_bypassed", "",
       [](CleanApp& app) {
         replace_all(app, kNav, "? HomeWidget()", "? NavBarPage()");
         app.replace(
             kNav, "(context, params) => SignUpWidget()",
             "(context, params) => params.isEmpty ? NavBarPage(initialPage: 'SignUp') : SignUpWidget()");
         app.set("lib/main.dart", app.tree().find("lib/main.dart")->text + std::string(kNavBar));
       },
       nav, "FFRoute(\n          name: HomeWidget.routeName"},
      {"logged_in_page_signs_in", "",
       [](CleanApp& app) { replace_all(app, kNav, "? HomeWidget()", "? SignUpWidget()"); }, sign_up,
       "authManager.signIn("},
      {"no_navigation_after_login", "",
       [](CleanApp& app) { app.replace(kLogin, kGo, "Navigator.pop(context);"); }, login,
       "authManager.signIn("},
      {"missing_prepare_auth_event", "",
       [](CleanApp& app) {
         app.replace(kLogin, "                GoRouter.of(context).prepareAuthEvent();\n", "");
       },
       login, "authManager.signIn("},
      {"stuck_relogin_risk", "", [](CleanApp& app) { app.replace(kLogin, ", ignoreRedirect: true", ""); },
       login, "authManager.signIn("},
      {"missing_sign_up", "",
       [](CleanApp& app) {
         app.remove(kSignUp).remove("lib/pages/sign_up/sign_up_model.dart");
         app.replace(
             kNav,
             "        FFRoute(\n          name: SignUpWidget.routeName,\n          path: "
             "SignUpWidget.routePath,\n          builder: (context, params) => SignUpWidget(),\n        ),\n",
             "");
         app.replace(kLogin, "context.pushNamed(SignUpWidget.routeName);", "");
       },
       calls, "class AuthGroup"},
      {"body_unescaped", "",
       [](CleanApp& app) { replace_first(app, kCalls, "${escapeStringForJson(password)}", "${password}"); },
       calls, "${password}"},
      {"login_body_constant", "",
       [](CleanApp& app) {
         app.replace(kLogin, "email: _model.emailTextController.text,", "email: 'demo@small.example',");
         app.replace(kLogin, "                password: _model.passwordTextController.text,\n", "");
       },
       login, "AuthGroup.loginCall.call("},
      {"password_in_url", "",
       [](CleanApp& app) {
         app.replace(kCalls, "'${baseUrl}/login'", "'${baseUrl}/login?password=${password}'");
       },
       calls, "?password="},
      {"auth_call_cached", "",
       [](CleanApp& app) { replace_first(app, kCalls, "cache: false", "cache: true"); }, calls,
       "class LoginCall"},
      {"auth_body_not_returned", "",
       [](CleanApp& app) { replace_first(app, kCalls, "returnBody: true", "returnBody: false"); }, calls,
       "class LoginCall"},
      {"bearer_without_scheme", "",
       [](CleanApp& app) { replace_all(app, kCalls, "'Bearer ${token}'", "'${token}'"); }, calls,
       "'Authorization': '${token}'"},
      {"no_bearer", "",
       [](CleanApp& app) { replace_all(app, kCalls, "        'Authorization': 'Bearer ${token}',\n", ""); },
       calls, "class AuthGroup"},
      {"bearer_not_passed", "",
       [](CleanApp& app) {
         app.replace(kHome,
                     "AuthGroup.profileCall.call(\n        token: currentAuthenticationToken,\n      )",
                     "AuthGroup.profileCall.call()");
       },
       home, "AuthGroup.profileCall.call("},
      {"success_not_checked", "",
       [](CleanApp& app) { app.replace(kLogin, kCheck, "if (_model.emailTextController.text != '') {"); },
       login, "authManager.signIn("},
      {"no_failure_feedback", "", [](CleanApp& app) { app.replace(kLogin, kSnackBar, "setState(() {});"); },
       login, "AuthGroup.loginCall.call("},
      {"answer_read_before_check", "non_null_assert",
       [](CleanApp& app) {
         app.replace(kLogin, kCheck,
                     "FFAppState().token = " + json_field("$.access_token") + "!;\n              " +
                         std::string(kCheck));
       },
       login, "FFAppState().token = getJsonField("},
      {"mapping_disagrees", "",
       [](CleanApp& app) {
         app.replace(kLogin, kToken,
                     "authenticationToken: " + json_field("$.data.access_token") + "?.toString(),");
       },
       login, "authenticationToken: getJsonField("},
      {"private_call_firebase", "",
       [](CleanApp& app) {
         const std::string text = app.tree().find(kCalls)->text;
         const std::size_t at = text.find("    return ApiManager.instance.makeApiCall(");
         const std::size_t end = text.find("    );\n", at);
         replace_first(app, kCalls, text.substr(at, end - at + 7), kCloudCall);
       },
       calls, "class LoginCall"},
      {"hardcoded_secret", "",
       [](CleanApp& app) {
         app.replace(kHome, "late HomeModel _model;",
                     "late HomeModel _model;\n  final key = 'sk_live_0123456789abcdefABCDEF';");
       },
       home, "sk_live_"},
      {"password_stored", "",
       [](CleanApp& app) {
         app.replace(kLogin, "GoRouter.of(context).prepareAuthEvent();",
                     "FFAppState().password = _model.passwordTextController.text;\n                "
                     "GoRouter.of(context).prepareAuthEvent();");
       },
       login, "FFAppState().password"},
      {"token_logged", "",
       [](CleanApp& app) {
         app.replace(kHome, "GoRouter.of(context).prepareAuthEvent(true);",
                     "print(currentAuthenticationToken);\n              "
                     "GoRouter.of(context).prepareAuthEvent(true);");
       },
       home, "print("},
      {"no_sign_out", "",
       [](CleanApp& app) { app.replace(kHome, "              await authManager.signOut();\n", ""); }, manager,
       "class CustomAuthManager"},
      {"logout_local_only", "",
       [](CleanApp& app) {
         app.replace(kHome,
                     "await AuthGroup.logoutCall.call(\n                token: currentAuthenticationToken,\n "
                     "             );",
                     "");
       },
       home, "authManager.signOut()"},
  };
  return all;
}

class OneThing : public ::testing::TestWithParam<Wrong> {};

TEST_P(OneThing, fires_its_rule_where_it_stands) {
  const Wrong& wrong = GetParam();
  CleanApp app;
  wrong.make(app);
  const Analysis analysis = analyse_project(app.tree());
  EXPECT_EQ(fired(analysis.report, wrong.also), wrong.id);
  const Finding& finding = finding_of(analysis.report, wrong.id);
  EXPECT_EQ(finding.verdict, find_check(wrong.id)->severity);
  ASSERT_FALSE(finding.places.empty());
  EXPECT_EQ(finding.places[0].file, wrong.file);
  EXPECT_EQ(finding.places[0].line, app.line_of(wrong.file, wrong.at)) << finding.places[0].expression;
  EXPECT_FALSE(finding.places[0].expression.empty());
}

INSTANTIATE_TEST_SUITE_P(Rules, OneThing, ::testing::ValuesIn(wrongs()),
                         [](const auto& tested) { return tested.param.id; });

// --- more ways to be wrong, as they were met in public projects

struct AlsoWrong {
  std::string name;
  std::string id;
  std::function<void(CleanApp&)> make;
};

const std::vector<AlsoWrong>& also_wrong() {
  static const std::vector<AlsoWrong> all = {
      {"to_string_on_a_getter", "token_null_text",
       [](CleanApp& app) { app.replace(kLogin, kToken, without_comma(kToken) + "\n.toString(),"); }},
      {"uid_to_string_on_a_getter", "uid_null_text",
       [](CleanApp& app) { app.replace(kLogin, kUid, without_comma(kUid) + ".toString().toString(),"); }},
      {"token_without_its_first_letter_as_a_default", "hardcoded_secret",
       [](CleanApp& app) {
         replace_first(app, kCalls, "String? token = ''",
                       "String? token =\n        "
                       "'yJhbGciOiJIUzI1NiJ9.eyJpZCI6MjF9.F1c8nRWcHRqiHQjxtTwlXTVImWmicIysfDQsSZfM'");
       }},
      {"password_as_a_default", "hardcoded_secret",
       [](CleanApp& app) {
         replace_first(app, kCalls, "String? password = ''", "String? password = 'M0reStarts9'");
       }},
      {"password_as_a_parameter_of_a_page", "password_in_url",
       [](CleanApp& app) {
         app.replace(kSignUp, kGo,
                     "context.goNamedAuth(HomeWidget.routeName, context.mounted, ignoreRedirect: true, "
                     "queryParameters: {'password': serializeParam(_model.passwordTextController.text, "
                     "ParamType.String)}.withoutNulls);");
       }},
      {"getter_of_that_name_reads_something_else", "mapping_disagrees",
       [](CleanApp& app) {
         app.replace(kLogin, kToken, "authenticationToken: " + json_field("$.data.token") + ",");
       }},
      {"date_in_a_data_type_inside", "user_struct_datetime",
       [](CleanApp& app) {
         const std::string text = app.tree().find(kUserStruct)->text;
         std::string inside = text;
         for (std::size_t at = 0; (at = inside.find("UserStruct", at)) != std::string::npos;)
           inside.replace(at, 10, "RankStruct");
         inside.replace(inside.find("data['name'] as String?"), 23, "data['since'] as DateTime?");
         app.set("lib/backend/schema/structs/rank_struct.dart", inside);
         app.replace(kUserStruct, "data['name'] as String?",
                     "data['name'] as String?,\n        rank: RankStruct.maybeFromMap(data['rank'])");
         app.replace(kUserStruct, "String? _name;",
                     "String? _name;\n  RankStruct? _rank;\n  RankStruct get rank => _rank ?? RankStruct();");
       }},
      {"interceptor_that_no_call_lists", "no_bearer",
       [](CleanApp& app) {
         replace_all(app, kCalls, "'Authorization': 'Bearer ${token}',", "");
         app.set(
             "lib/custom_code/actions/auth_interceptor.dart",
             "class AuthInterceptor extends FFApiInterceptor {\n  Future onRequest({options}) async {\n    "
             "options.headers['Authorization'] = 'Token $currentAuthenticationToken';\n  }\n}\n");
         app.replace(kHome, "late HomeModel _model;",
                     "late HomeModel _model;\n  onRequest() => {'token': currentAuthenticationToken};");
       }},
  };
  return all;
}

class MetInPublic : public ::testing::TestWithParam<AlsoWrong> {};

TEST_P(MetInPublic, fires) {
  CleanApp app;
  GetParam().make(app);
  const Analysis analysis = analyse_project(app.tree());
  EXPECT_THAT(analysis.report.problems, ::testing::IsEmpty());
  EXPECT_EQ(fired(analysis.report, ""), GetParam().id);
}

INSTANTIATE_TEST_SUITE_P(Rules, MetInPublic, ::testing::ValuesIn(also_wrong()),
                         [](const auto& tested) { return tested.param.name; });

TEST(Rules, interceptor_that_refreshes_with_code_of_its_own) {
  CleanApp app(Generation::y2026);
  app.set(
      "lib/backend/api_requests/interceptors.dart",
      "import 'package:http/http.dart' as http;\nclass RefreshInterceptor extends FFApiInterceptor {\n"
      "  Future onRequest({options}) async {\n    final answer = await "
      "http.post(Uri.parse('https://api.small.example/v1/refresh-token'));\n    return options;\n  }\n}\n");
  const std::string home = app.tree().find(kHome)->text;
  const std::size_t at = home.find("_model.apiResult = await AuthGroup.refreshCall.call(");
  app.set(kHome,
          home.substr(0, at) +
              "_model.apiResult = await AuthGroup.profileCall.call(\n token: currentAuthenticationToken," +
              home.substr(home.find("refreshToken: currentAuthRefreshToken,", at) + 38));
  EXPECT_EQ(finding_of(analyse_project(app.tree()).report, "no_refresh_call").verdict, Verdict::pass);
}

TEST(Rules, sign_in_never_called_skips_the_rules_about_it) {
  CleanApp app;
  replace_all(app, kLogin, "authManager.signIn(", "ownSignIn(");
  replace_all(app, kSignUp, "authManager.signIn(", "ownSignIn(");
  const Analysis analysis = analyse_project(app.tree());
  EXPECT_EQ(finding_of(analysis.report, "sign_in_never_called").verdict, Verdict::fail);
  for (const Rule& rule : all_rules()) {
    if (rule.needs != Needs::sign_in) continue;
    EXPECT_EQ(finding_of(analysis.report, rule.id).verdict, Verdict::skipped) << rule.id;
  }
}

TEST(Rules, interceptor_without_a_guard) {
  CleanApp app(Generation::y2026);
  app.set("lib/backend/api_requests/interceptors.dart", kCarelessInterceptor);
  EXPECT_EQ(fired(analyse_project(app.tree()).report, ""), "interceptor_no_single_flight");
}

TEST(Rules, definitions_that_are_not_in_the_export_are_not_judged) {
  CleanApp app;
  app.remove(kCalls);
  const Analysis analysis = analyse_project(app.tree());
  for (const Rule& rule : all_rules()) {
    if (rule.needs != Needs::definitions) continue;
    EXPECT_EQ(finding_of(analysis.report, rule.id).verdict, Verdict::skipped) << rule.id;
  }
}

TEST(Rules, no_export_is_one_finding) {
  flutterflow::SourceTree tree;
  tree.files.push_back({.path = "lib/main.dart", .text = "void main() {}\n"});
  const Analysis analysis = analyse_project(tree);
  ASSERT_EQ(analysis.report.findings.size(), 1U);
  EXPECT_EQ(analysis.report.findings[0].id, "not_flutterflow");
  EXPECT_EQ(analysis.report.findings[0].verdict, Verdict::fail);
}

TEST(Rules, another_kind_of_authentication_is_one_note) {
  CleanApp app;
  app.remove(kManager).remove("lib/auth/custom_auth/auth_util.dart");
  app.set("lib/auth/firebase_auth/auth_util.dart", "final authManager = FirebaseAuthManager();\n");
  const Analysis analysis = analyse_project(app.tree());
  ASSERT_EQ(analysis.report.findings.size(), 1U);
  EXPECT_EQ(analysis.report.findings[0].id, "not_custom_auth");
  EXPECT_EQ(analysis.report.findings[0].verdict, Verdict::note);
  EXPECT_THAT(analysis.report.findings[0].evidence, HasSubstr("firebase"));
}

// --- near misses: what looks like it and is none

struct NearMiss {
  std::string name;
  std::function<void(CleanApp&)> make;
  std::string silent;  // the rule that must not fire
};

const std::vector<NearMiss>& near_misses() {
  static const std::vector<NearMiss> all = {
      {"null_aware_to_string",
       [](CleanApp& app) {
         app.replace(kLogin, kToken,
                     "authenticationToken: " + json_field("$.access_token") + "?.toString(),");
       },
       "token_null_text"},
      {"succeeded_or_true", [](CleanApp&) {}, "success_not_checked"},
      {"public_key_behind_bearer",
       [](CleanApp& app) {
         replace_first(app, kCalls, "'Authorization': 'Bearer ${token}',",
                       "'Authorization': 'Bearer "
                       "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiIsImlzcyI6InN1cGFiYXNlIn0."
                       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',");
       },
       "hardcoded_secret"},
      {"header_that_stands_twice",
       [](CleanApp& app) {
         replace_first(app, kCalls, "'Authorization': 'Bearer ${token}',",
                       "'Authorization': '${token}',\n        'Authorization': 'Bearer ${token}',");
       },
       "bearer_without_scheme"},
      {"token_that_something_stands_in_for",
       [](CleanApp& app) {
         replace_all(app, kCalls, "'Bearer ${token}'", "'Bearer ${token ?? ApiManager.accessToken}'");
         app.replace(kHome,
                     "AuthGroup.profileCall.call(\n        token: currentAuthenticationToken,\n      )",
                     "AuthGroup.profileCall.call()");
       },
       "bearer_not_passed"},
      {"call_on_the_way_to_a_login",
       [](CleanApp& app) {
         app.replace(kSignUp, kCheck,
                     "await AuthGroup.profileCall.call();\n              " + std::string(kCheck));
       },
       "bearer_not_passed"},
      {"login_of_ones_own",
       [](CleanApp& app) {
         app.set(
             "lib/backend/database.dart",
             "class Database {\n  Future<bool> loginUser(String email, String password) async {\n    return "
             "email == password;\n  }\n}\n");
         const std::string text = app.tree().find(kLogin)->text;
         const std::size_t at = text.find("_model.apiResult = await");
         const std::size_t end = text.find("if ((_model", at);
         app.set(kLogin, text.substr(0, at) +
                             "final ok = await Database().loginUser(_model.emailTextController.text, "
                             "_model.passwordTextController.text);\n              " +
                             text.substr(end));
       },
       "sign_in_without_call"},
      {"page_that_is_known_later",
       [](CleanApp& app) {
         app.set("lib/custom_code/home_for.dart", "String homeFor(String? role) => role ?? 'Home';\n");
         app.replace(kLogin, kGo, "context.goNamedAuth(homeFor(currentUserUid), context.mounted);");
       },
       "no_navigation_after_login"},
      {"something_that_users_get",
       [](CleanApp& app) {
         const std::string text = app.tree().find(kCalls)->text;
         const std::size_t at = text.find("class SignUpCall");
         std::string call = text.substr(at, text.find("\nclass ", at + 5) - at);
         for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
                  {"class SignUpCall", "class AddUserModuleCall"},
                  {"/signup", "/user-module"},
                  {"${escapeStringForJson(email)}", "${email}"},
                  {"\"password\": \"${escapeStringForJson(password)}\"", "\"module\": \"${email}\""}})
           call.replace(call.find(from), from.size(), to);
         app.set(kCalls, text.substr(0, at) + call + "\n" + text.substr(at));
         app.replace(kHome, "await authManager.signOut();",
                     "await AddUserModuleCall().call(email: currentUserUid);\n              await "
                     "authManager.signOut();");
       },
       "body_unescaped"},
      {"pin_that_is_asked_of_who_is_logged_in",
       [](CleanApp& app) {
         const std::string text = app.tree().find(kCalls)->text;
         const std::size_t at = text.find("class SignUpCall");
         std::string call = text.substr(at, text.find("\nclass ", at + 5) - at);
         for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
                  {"class SignUpCall", "class CheckPinCall"},
                  {"/signup", "/user/check"},
                  {"String? email", "String? token"},
                  {"String? password", "String? pin"},
                  {"\"email\": \"${escapeStringForJson(email)}\",", ""},
                  {"\"password\": \"${escapeStringForJson(password)}\"",
                   "\"pin\": \"${escapeStringForJson(pin)}\""},
                  {"headers: {", "headers: {\n        'Authorization': 'Bearer ${token}',"}})
           call.replace(call.find(from), from.size(), to);
         app.set(kCalls, text.substr(0, at) + call + "\n" + text.substr(at));
         app.replace(
             kSignUp, "          FFButtonWidget(\n            onPressed: () async {\n",
             "          FFButtonWidget(\n            onPressed: () async {\n              await "
             "CheckPinCall().call(token: currentAuthenticationToken, pin: '1');\n            },\n        "
             "    text: 'Pin',\n          ),\n          FFButtonWidget(\n            onPressed: () async "
             "{\n");
       },
       "login_call_without_sign_in"},
      {"not_equals",
       [](CleanApp& app) {
         app.replace(kLogin, kCheck,
                     "if ((_model.apiResult?.succeeded ?? true) && _model.apiResult != null) {");
       },
       "non_null_assert"},
      {"condition_on_a_field_of_the_answer",
       [](CleanApp& app) {
         app.replace(kLogin, kCheck, "if (" + json_field("$.access_token") + " != null) {");
       },
       "success_not_checked"},
      {"early_return",
       [](CleanApp& app) {
         app.replace(kLogin, kCheck,
                     "if (!(_model.apiResult?.succeeded ?? true)) {\n                "
                     "ScaffoldMessenger.of(context).showSnackBar(SnackBar(content: Text('No.')));\n          "
                     "      return;\n              }\n              if (true) {");
       },
       "success_not_checked"},
      {"deferred_navigation",
       [](CleanApp& app) {
         app.replace(kLogin, kGo,
                     "_navigate = () => context.goNamedAuth(HomeWidget.routeName, context.mounted, "
                     "ignoreRedirect: true);\n                _navigate();");
         app.replace(kLogin, "            onPressed: () async {\n              _model.apiResult",
                     "            onPressed: () async {\n              Function() _navigate = () {};\n       "
                     "       _model.apiResult");
       },
       "no_navigation_after_login"},
      {"secret_in_a_comment",
       [](CleanApp& app) {
         app.replace(kHome, "late HomeModel _model;",
                     "late HomeModel _model; // sk_live_0123456789abcdefABCDEF");
       },
       "hardcoded_secret"},
      {"public_key_of_supabase",
       [](CleanApp& app) {
         app.replace(kHome, "late HomeModel _model;",
                     "late HomeModel _model;\n  final key = "
                     "'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiIsImlzcyI6InN1cGFiYXNlIn0."
                     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';");
       },
       "hardcoded_secret"},
      {"test_label_of_a_public_name",
       [](CleanApp& app) {
         app.replace(kCalls, "'https://api.small.example'", "'https://dev.small.example'");
       },
       "dev_host"},
      {"development_host_is_no_cleartext",
       [](CleanApp& app) { app.replace(kCalls, "'https://api.small.example'", "'http://localhost:3000'"); },
       "http_cleartext"},
      {"custom_action_named_sign_in",
       [](CleanApp& app) { app.set("lib/custom_code/actions/sign_in.dart", "Future signIn() async {}\n"); },
       "sign_in_without_call"},
      {"visibility_of_the_password",
       [](CleanApp& app) {
         app.replace(kLogin, "GoRouter.of(context).prepareAuthEvent();",
                     "FFAppState().passwordVisibility = true;\n                "
                     "GoRouter.of(context).prepareAuthEvent();");
       },
       "password_stored"},
      {"log_of_whether_there_is_a_token",
       [](CleanApp& app) {
         app.replace(kHome, "GoRouter.of(context).prepareAuthEvent(true);",
                     "print(currentAuthenticationToken != null);\n              "
                     "GoRouter.of(context).prepareAuthEvent(true);");
       },
       "token_logged"},
      {"dead_code",
       [](CleanApp& app) {
         add_button(app, kLogin,
                    "              if (false) {\n" + std::string(kOpenSignIn) + "              }\n");
       },
       "sign_in_without_call"},
      {"unused_component",
       [](CleanApp& app) {
         app.set("lib/components/old_widget.dart",
                 "class OldWidget extends StatefulWidget {\n  @override\n  State<OldWidget> createState() => "
                 "_OldWidgetState();\n}\n\n"
                 "class _OldWidgetState extends State<OldWidget> {\n  @override\n  Widget build(BuildContext "
                 "context) {\n"
                 "    return FFButtonWidget(onPressed: () async {\n" +
                     std::string(kOpenSignIn) + "    });\n  }\n}\n");
       },
       "sign_in_without_call"},
      {"serialised_body",
       [](CleanApp& app) {
         replace_first(app, kCalls, "\"${escapeStringForJson(password)}\"", "${_serializeJson(password)}");
       },
       "body_unescaped"},
      {"expiry_from_seconds_from_now",
       [](CleanApp& app) {
         app.replace(kLogin, kExpiry,
                     "tokenExpiration: getCurrentTimestamp.add(Duration(seconds: " +
                         json_field("$.expires_in") + ")),");
       },
       "expiry_suspect"},
      {"update_right_after_login",
       [](CleanApp& app) {
         app.replace(
             kLogin, kGo,
             "authManager.updateAuthUserData(\n                  authenticationToken: "
             "currentAuthenticationToken,\n                  refreshToken: currentAuthRefreshToken,\n        "
             "          tokenExpiration: currentAuthTokenExpiration,\n                  authUid: "
             "currentUserUid,\n                );\n                " +
                 std::string(kGo));
       },
       "update_used_as_sign_in"},
  };
  return all;
}

class LooksLikeIt : public ::testing::TestWithParam<NearMiss> {};

TEST_P(LooksLikeIt, stays_silent) {
  CleanApp app;
  GetParam().make(app);
  const Analysis analysis = analyse_project(app.tree());
  EXPECT_THAT(analysis.report.problems, ::testing::IsEmpty());
  const Finding& finding = finding_of(analysis.report, GetParam().silent);
  EXPECT_EQ(finding.verdict, Verdict::pass)
      << finding.evidence << (finding.places.empty() ? "" : finding.places[0].expression);
}

INSTANTIATE_TEST_SUITE_P(Rules, LooksLikeIt, ::testing::ValuesIn(near_misses()),
                         [](const auto& tested) { return tested.param.name; });

TEST(Rules, secrets_are_shown_by_their_first_characters) {
  CleanApp app;
  app.replace(kHome, "late HomeModel _model;",
              "late HomeModel _model;\n  final key = 'sk_live_0123456789abcdefABCDEF';");
  const Finding finding = finding_of(analyse_project(app.tree()).report, "hardcoded_secret");
  EXPECT_THAT(finding.evidence + finding.places[0].expression, ::testing::Not(HasSubstr("0123456789abcdef")));
  EXPECT_THAT(finding.evidence, HasSubstr("sk_liv"));
}

TEST(Flow, says_what_is_mapped_to_what) {
  const Report report = analyse_project(CleanApp().tree()).report;
  EXPECT_THAT(report.flow_text, HasSubstr("Entry page LoginWidget   Logged-in page HomeWidget"));
  EXPECT_THAT(report.flow_text,
              HasSubstr("authenticationToken <- LoginCall $.access_token > castToType<String>"));
  EXPECT_THAT(
      report.flow_text,
      HasSubstr(
          "tokenExpiration <- LoginCall $.expires_at > castToType<int> > dateTimeFromSecondsSinceEpoch"));
  EXPECT_THAT(report.flow_json, HasSubstr(R"("json_path":"$.refresh_token")"));
  EXPECT_THAT(report.flow_json, HasSubstr(R"("protected_pages":["HomeWidget"])"));
}

}  // namespace
}  // namespace latchkey::doctor
