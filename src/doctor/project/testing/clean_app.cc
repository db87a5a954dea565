#include "doctor/project/testing/clean_app.h"

#include <algorithm>
#include <stdexcept>

namespace latchkey::doctor::testing {
namespace {

constexpr std::string_view kMain = R"(import 'package:flutter/material.dart';
import 'auth/custom_auth/auth_util.dart';
import 'flutter_flow/nav/nav.dart';

void main() async {
  WidgetsFlutterBinding.ensureInitialized();
  await authManager.initialize();
  final appState = FFAppState();
  await appState.initializePersistedState();
  runApp(MyApp());
}

class MyApp extends StatefulWidget {
  @override
  State<MyApp> createState() => _MyAppState();
}

class _MyAppState extends State<MyApp> {
  late AppStateNotifier _appStateNotifier;
  late GoRouter _router;

  @override
  void initState() {
    super.initState();
    _appStateNotifier = AppStateNotifier.instance;
    _router = createRouter(_appStateNotifier);
  }

  @override
  Widget build(BuildContext context) {
    return MaterialApp.router(title: 'Small', routerConfig: _router);
  }
}
)";

constexpr std::string_view kManagerText = R"(import 'dart:async';
import 'package:shared_preferences/shared_preferences.dart';
import '/backend/schema/structs/index.dart';
import 'custom_auth_user_provider.dart';

class CustomAuthManager {
  String? authenticationToken;
  String? refreshToken;
  DateTime? tokenExpiration;
  String? uid;
  UserStruct? userData;

  Future signOut() async {
    authenticationToken = null;
    refreshToken = null;
    persistAuthData();
  }

  Future<SmallAuthUser?> signIn({
    String? authenticationToken,
    String? refreshToken,
    DateTime? tokenExpiration,
    String? authUid,
    UserStruct? userData,
  }) async =>
      _updateCurrentUser(
        authenticationToken: authenticationToken,
        refreshToken: refreshToken,
        tokenExpiration: tokenExpiration,
        authUid: authUid,
        userData: userData,
      );

  void updateAuthUserData({
    String? authenticationToken,
    String? refreshToken,
    DateTime? tokenExpiration,
    String? authUid,
    UserStruct? userData,
  }) {
    _updateCurrentUser(
      authenticationToken: authenticationToken,
      refreshToken: refreshToken,
      tokenExpiration: tokenExpiration,
      authUid: authUid,
      userData: userData,
    );
  }

  late SharedPreferences _prefs;
  Future initialize() async {
    _prefs = await SharedPreferences.getInstance();
    authenticationToken = _prefs.getString('_auth_authentication_token_');
  }

  void persistAuthData() {
    authenticationToken != null
        ? _prefs.setString('_auth_authentication_token_', authenticationToken!)
        : _prefs.remove('_auth_authentication_token_');
  }
}
)";

constexpr std::string_view kAuthUtil = R"(import 'custom_auth_manager.dart';
export 'custom_auth_manager.dart';

final _authManager = CustomAuthManager();
CustomAuthManager get authManager => _authManager;

bool get loggedIn => currentUser?.loggedIn ?? false;
String? get currentAuthenticationToken => authManager.authenticationToken;
String? get currentAuthRefreshToken => authManager.refreshToken;
DateTime? get currentAuthTokenExpiration => authManager.tokenExpiration;
String get currentUserUid => authManager.uid ?? '';
UserStruct? get currentUserData => authManager.userData;
)";

constexpr std::string_view kUserStructText = R"(import '/flutter_flow/flutter_flow_util.dart';

class UserStruct extends BaseStruct {
  UserStruct({
    String? email,
    String? name,
  })  : _email = email,
        _name = name;

  String? _email;
  String get email => _email ?? '';
  set email(String? val) => _email = val;
  bool hasEmail() => _email != null;

  String? _name;
  String get name => _name ?? '';
  set name(String? val) => _name = val;
  bool hasName() => _name != null;

  static UserStruct fromMap(Map<String, dynamic> data) => UserStruct(
        email: data['email'] as String?,
        name: data['name'] as String?,
      );

  static UserStruct? maybeFromMap(dynamic data) =>
      data is Map ? UserStruct.fromMap(data.cast<String, dynamic>()) : null;

  Map<String, dynamic> toMap() => {
        'email': _email,
        'name': _name,
      };
}
)";

constexpr std::string_view kAppStateText = R"(import 'package:flutter/material.dart';

class FFAppState extends ChangeNotifier {
  static FFAppState _instance = FFAppState._internal();
  factory FFAppState() => _instance;
  FFAppState._internal();

  Future initializePersistedState() async {}

  void update(VoidCallback callback) {
    callback();
    notifyListeners();
  }

  String _token = '';
  String get token => _token;
  set token(String value) {
    _token = value;
  }
}
)";

// The class of a call as the generator writes it.
std::string call_class(std::string_view name, std::string_view path, std::string_view parameters,
                       std::string_view body, std::string_view headers, std::string_view getters,
                       Generation generation, std::string_view method = "POST") {
  const bool is_grouped = generation != Generation::y2023;
  const std::string url = is_grouped ? "'${baseUrl}" + std::string(path) + "'"
                                     : "'https://api.small.example" + std::string(path) + "'";
  std::string text = "class " + std::string(name) + " {\n  " + (is_grouped ? "" : "static ") +
                     "Future<ApiCallResponse> call({\n" + std::string(parameters) + "  }) async {\n";
  if (is_grouped) text += "    final baseUrl = AuthGroup.getBaseUrl();\n";
  const bool is_form = generation == Generation::y2023 && !body.empty();
  if (!body.empty() && !is_form) text += "    final ffApiRequestBody = '''\n" + std::string(body) + "''';\n";
  text += std::string("    return ") + (generation == Generation::y2026
                                            ? "FFApiInterceptor.makeApiCall(\n      ApiCallOptions(\n"
                                            : "ApiManager.instance.makeApiCall(\n");
  text += "      callName: '" + std::string(name.substr(0, name.size() - 4)) + "',\n      apiUrl: " + url +
          ",\n      callType: ApiCallType." + std::string(method) + ",\n      headers: {\n" +
          std::string(headers) + "      },\n";
  if (is_form) {
    text +=
        "      params: {\n        'email': email,\n        'password': password,\n      },\n      bodyType: "
        "BodyType.X_WWW_FORM_URL_ENCODED,\n";
  } else {
    text += "      params: {},\n";
    if (!body.empty()) text += "      body: ffApiRequestBody,\n      bodyType: BodyType.JSON,\n";
  }
  text +=
      "      returnBody: true,\n      encodeBodyUtf8: false,\n      decodeUtf8: false,\n      cache: "
      "false,\n      isStreamingApi: false,\n      alwaysAllowBody: false,\n";
  text += generation == Generation::y2026 ? "      ),\n      AuthGroup.interceptors,\n    );\n  }\n"
                                          : "    );\n  }\n";
  return text + std::string(getters) + "}\n\n";
}

std::string calls(Generation generation) {
  const std::string fixed = generation == Generation::y2023 ? "static " : "";
  const auto getter = [&](std::string_view type, std::string_view name, std::string_view path) {
    return "  " + fixed + std::string(type) + "? " + std::string(name) + "(dynamic response) => castToType<" +
           std::string(type) + ">(getJsonField(\n        response,\n        r'''" + std::string(path) +
           "''',\n      ));\n";
  };
  const std::string session =
      getter("String", "token", "$.access_token") + getter("String", "refreshToken", "$.refresh_token") +
      getter("int", "expiresAt", "$.expires_at") + getter("String", "uid", "$.user.id");
  const std::string credentials = "    String? email = '',\n    String? password = '',\n";
  const std::string body =
      "{\n  \"email\": \"${escapeStringForJson(email)}\",\n  \"password\": "
      "\"${escapeStringForJson(password)}\"\n}";
  const std::string bearer = "        'Authorization': 'Bearer ${token}',\n";
  const std::string token = "    String? token = '',\n";
  std::string text =
      "import 'dart:convert';\nimport '/flutter_flow/flutter_flow_util.dart';\nimport 'api_manager.dart';\n";
  if (generation == Generation::y2026) text += "import 'interceptors.dart';\n";
  text += "\n";
  if (generation != Generation::y2023) {
    text += "/// Start Auth Group Code\n\nclass AuthGroup {\n";
    text += generation == Generation::y2026
                ? "  static String getBaseUrl() => '${FFDevEnvironmentValues().apiHost}/v1';\n"
                : "  static String getBaseUrl() => 'https://api.small.example';\n";
    text += "  static Map<String, String> headers = {};\n";
    if (generation == Generation::y2026)
      text += "  static final interceptors = [\n    RefreshInterceptor(),\n  ];\n";
    text +=
        "  static LoginCall loginCall = LoginCall();\n  static SignUpCall signUpCall = SignUpCall();\n"
        "  static RefreshCall refreshCall = RefreshCall();\n  static LogoutCall logoutCall = LogoutCall();\n"
        "  static ProfileCall profileCall = ProfileCall();\n}\n\n";
  }
  text += call_class("LoginCall", "/login", credentials, body, "", session, generation);
  text += call_class("SignUpCall", "/signup", credentials, body, "", session, generation);
  text += call_class("RefreshCall", "/refresh", "    String? refreshToken = '',\n",
                     generation == Generation::y2023
                         ? ""
                         : "{\n  \"refresh_token\": \"${escapeStringForJson(refreshToken)}\"\n}",
                     generation == Generation::y2023 ? "        'X-Refresh-Token': '${refreshToken}',\n" : "",
                     session, generation);
  text += call_class("LogoutCall", "/logout", token, "", bearer, "", generation);
  text += call_class("ProfileCall", "/me", token, "", bearer, "", generation, "GET");
  text += "String? escapeStringForJson(String? input) {\n  return input;\n}\n";
  return text;
}

std::string call(Generation generation, std::string_view name) {
  std::string lower(name);
  lower[0] = static_cast<char>(lower[0] + 32);
  return generation == Generation::y2023 ? std::string(name) + ".call" : "AuthGroup." + lower + ".call";
}

std::string getter(Generation generation, std::string_view call_name, std::string_view name,
                   std::string_view from) {
  std::string lower(call_name);
  lower[0] = static_cast<char>(lower[0] + 32);
  return (generation == Generation::y2023 ? std::string(call_name) : "AuthGroup." + lower) + "." +
         std::string(name) + "(\n                    (" + std::string(from) +
         "?.jsonBody ?? ''),\n                  )";
}

std::string name_of(Generation generation, std::string_view page) {
  return generation == Generation::y2023 || generation == Generation::y2024
             ? "'" + std::string(page) + "'"
             : std::string(page) + "Widget.routeName";
}

std::string route_constants(Generation generation, std::string_view page, std::string_view path) {
  if (generation == Generation::y2023 || generation == Generation::y2024) return {};
  return "  static String routeName = '" + std::string(page) + "';\n  static String routePath = '" +
         std::string(path) + "';\n\n";
}

// Login and sign-up: two fields and a button that calls, checks, logs in and goes on.
std::string form_page(Generation generation, std::string_view page, std::string_view path,
                      std::string_view call_name, std::string_view more) {
  const std::string widget = std::string(page) + "Widget";
  const auto value = [&](std::string_view name) {
    return getter(generation, call_name, name, "_model.apiResult");
  };
  return "import '/auth/custom_auth/auth_util.dart';\nimport '/backend/api_requests/api_calls.dart';\n"
         "import '/flutter_flow/flutter_flow_util.dart';\nimport '/index.dart';\nimport "
         "'package:flutter/material.dart';\n\n"
         "class " +
         widget + " extends StatefulWidget {\n  const " + widget + "({super.key});\n\n" +
         route_constants(generation, page, path) + "  @override\n  State<" + widget + "> createState() => _" +
         widget +
         "State();\n}\n\n"
         "class _" +
         widget + "State extends State<" + widget + "> {\n  late " + std::string(page) +
         "Model _model;\n\n"
         "  @override\n  void initState() {\n    super.initState();\n    _model = createModel(context, () "
         "=> " +
         std::string(page) +
         "Model());\n    _model.emailTextController ?\?= TextEditingController();\n"
         "    _model.passwordTextController ?\?= TextEditingController();\n  }\n\n"
         "  @override\n  Widget build(BuildContext context) {\n    return Scaffold(\n      body: Column(\n   "
         "     children: [\n"
         "          TextFormField(controller: _model.emailTextController),\n"
         "          TextFormField(controller: _model.passwordTextController),\n"
         "          FFButtonWidget(\n            onPressed: () async {\n"
         "              _model.apiResult = await " +
         call(generation, call_name) +
         "(\n"
         "                email: _model.emailTextController.text,\n"
         "                password: _model.passwordTextController.text,\n              );\n\n"
         "              if ((_model.apiResult?.succeeded ?? true)) {\n"
         "                GoRouter.of(context).prepareAuthEvent();\n"
         "                await authManager.signIn(\n"
         "                  authenticationToken: " +
         value("token") +
         ",\n"
         "                  refreshToken: " +
         value("refreshToken") +
         ",\n"
         "                  tokenExpiration: dateTimeFromSecondsSinceEpoch(" +
         value("expiresAt") +
         "),\n"
         "                  authUid: " +
         value("uid") +
         ",\n                );\n"
         "                context.goNamedAuth(" +
         name_of(generation, "Home") +
         ", context.mounted, ignoreRedirect: true);\n"
         "              } else {\n"
         "                ScaffoldMessenger.of(context).showSnackBar(\n"
         "                  SnackBar(content: Text('This did not work.')),\n                );\n             "
         " }\n"
         "            },\n            text: 'Go on',\n          ),\n" +
         std::string(more) + "        ],\n      ),\n    );\n  }\n}\n";
}

std::string model(std::string_view page) {
  return "import '/flutter_flow/flutter_flow_util.dart';\nimport '" + std::string(page) +
         "_widget.dart';\n\n"
         "class " +
         std::string(page) + "Model extends FlutterFlowModel<" + std::string(page) +
         "Widget> {\n"
         "  TextEditingController? emailTextController;\n  TextEditingController? passwordTextController;\n"
         "  ApiCallResponse? apiResult;\n}\n";
}

std::string home_page(Generation generation) {
  const auto value = [&](std::string_view name) {
    return getter(generation, "RefreshCall", name, "_model.apiResult");
  };
  return "import '/auth/custom_auth/auth_util.dart';\nimport '/backend/api_requests/api_calls.dart';\n"
         "import '/flutter_flow/flutter_flow_util.dart';\nimport '/index.dart';\nimport "
         "'package:flutter/material.dart';\n\n"
         "class HomeWidget extends StatefulWidget {\n  const HomeWidget({super.key});\n\n" +
         route_constants(generation, "Home", "/home") +
         "  @override\n  State<HomeWidget> createState() => _HomeWidgetState();\n}\n\n"
         "class _HomeWidgetState extends State<HomeWidget> {\n  late HomeModel _model;\n\n"
         "  @override\n  void initState() {\n    super.initState();\n    _model = createModel(context, () => "
         "HomeModel());\n"
         "    SchedulerBinding.instance.addPostFrameCallback((_) async {\n"
         "      _model.profile = await " +
         call(generation, "ProfileCall") +
         "(\n        token: currentAuthenticationToken,\n      );\n"
         "    });\n  }\n\n"
         "  @override\n  Widget build(BuildContext context) {\n    return Scaffold(\n      body: Column(\n   "
         "     children: [\n"
         "          FFButtonWidget(\n            onPressed: () async {\n"
         "              _model.apiResult = await " +
         call(generation, "RefreshCall") +
         "(\n"
         "                refreshToken: currentAuthRefreshToken,\n              );\n"
         "              if ((_model.apiResult?.succeeded ?? true)) {\n"
         "                authManager.updateAuthUserData(\n"
         "                  authenticationToken: " +
         value("token") +
         ",\n"
         "                  refreshToken: " +
         value("refreshToken") +
         ",\n"
         "                  tokenExpiration: dateTimeFromSecondsSinceEpoch(" +
         value("expiresAt") +
         "),\n"
         "                  authUid: " +
         value("uid") +
         ",\n                );\n              }\n"
         "            },\n            text: 'Refresh',\n          ),\n"
         "          FFButtonWidget(\n            onPressed: () async {\n"
         "              await " +
         call(generation, "LogoutCall") +
         "(\n                token: currentAuthenticationToken,\n              );\n"
         "              GoRouter.of(context).prepareAuthEvent(true);\n"
         "              await authManager.signOut();\n"
         "              GoRouter.of(context).clearRedirectLocation();\n"
         "              context.goNamedAuth(" +
         name_of(generation, "Login") +
         ", context.mounted);\n"
         "            },\n            text: 'Log out',\n          ),\n"
         "        ],\n      ),\n    );\n  }\n}\n";
}

std::string nav(Generation generation) {
  const bool has_constants = generation == Generation::y2025 || generation == Generation::y2026;
  const bool is_nested = generation == Generation::y2024;
  const auto route = [&](std::string_view page, std::string_view path, bool requires_auth) {
    std::string text = "        FFRoute(\n          name: ";
    text += has_constants ? std::string(page) + "Widget.routeName" : "'" + std::string(page) + "'";
    text += ",\n          path: ";
    text += has_constants ? std::string(page) + "Widget.routePath"
                          : "'" + std::string(is_nested ? path.substr(1) : path) + "'";
    if (requires_auth) text += ",\n          requireAuth: true";
    return text + ",\n          builder: (context, params) => " + std::string(page) + "Widget(),\n        )";
  };
  const std::string pages = route("Login", "/login", false) + ",\n" + route("SignUp", "/signUp", false) +
                            ",\n" + route("Home", "/home", true);
  const std::string start =
      "        FFRoute(\n          name: '_initialize',\n          path: '/',\n          builder: (context, "
      "_) =>\n"
      "              appStateNotifier.loggedIn ? HomeWidget() : LoginWidget(),\n";
  std::string text =
      "import 'package:go_router/go_router.dart';\nimport '/index.dart';\n\nclass AppStateNotifier extends "
      "ChangeNotifier {\n"
      "  AppStateNotifier._();\n  static AppStateNotifier? _instance;\n"
      "  static AppStateNotifier get instance => _instance ?\?= AppStateNotifier._();\n"
      "  bool get loggedIn => user?.loggedIn ?? false;\n}\n\n"
      "GoRouter createRouter(AppStateNotifier appStateNotifier) => GoRouter(\n      initialLocation: '/',\n"
      "      refreshListenable: appStateNotifier,\n      errorBuilder: (context, state) =>\n"
      "          appStateNotifier.loggedIn ? HomeWidget() : LoginWidget(),\n      routes: [\n";
  if (is_nested) {
    text += start + "          routes: [\n" + pages +
            "\n          ].map((r) => r.toRoute(appStateNotifier)).toList(),\n        ),\n";
  } else {
    text += start + "        ),\n" + pages + "\n";
  }
  return text + "      ].map((r) => r.toRoute(appStateNotifier)).toList(),\n    );\n";
}

constexpr std::string_view kInterceptors = R"(import 'api_manager.dart';
import '/auth/custom_auth/auth_util.dart';

class RefreshInterceptor extends FFApiInterceptor {
  static Future<void>? _refreshing;

  @override
  Future<ApiCallOptions> onRequest({required ApiCallOptions options}) async {
    return options;
  }

  @override
  Future<ApiCallResponse> onResponse({
    required ApiCallResponse response,
    required Future<ApiCallResponse> Function() retryFn,
  }) async {
    if (response.statusCode == 401) {
      await (_refreshing ??= refreshSession());
      return retryFn();
    }
    return response;
  }
}
)";

constexpr std::string_view kSignUpLink = R"(          FFButtonWidget(
            onPressed: () async {
              context.pushNamed(PAGE);
            },
            text: 'Sign up',
          ),
)";

}  // namespace

CleanApp::CleanApp(Generation generation) {
  set("pubspec.yaml", "name: small\ndescription: A small app.\n");
  set("lib/main.dart", kMain);
  set(kManager, kManagerText);
  set("lib/auth/custom_auth/auth_util.dart", kAuthUtil);
  set("lib/auth/custom_auth/custom_auth_user_provider.dart",
      "class SmallAuthUser {\n  SmallAuthUser({required this.loggedIn, this.uid});\n  bool loggedIn;\n  "
      "String? uid;\n}\n");
  set(kUserStruct, kUserStructText);
  set(kAppState, kAppStateText);
  set(kCalls, calls(generation));
  set("lib/backend/api_requests/api_manager.dart",
      "class ApiManager {\n  static String? _accessToken;\n  static Map<String, String> toStringMap(Map map) "
      "=> {};\n"
      "  Future<ApiCallResponse> makeApiCall({Map<String, dynamic> headers = const {}}) async {\n"
      "    if (_accessToken != null) {\n      headers['Authorization'] = 'Bearer $_accessToken';\n    }\n    "
      "return ApiCallResponse();\n  }\n}\n");
  set(kNav, nav(generation));
  set("lib/flutter_flow/flutter_flow_util.dart", "DateTime get getCurrentTimestamp => DateTime.now();\n");
  set("lib/index.dart", "export '/pages/login/login_widget.dart' show LoginWidget;\n");
  std::string link(kSignUpLink);
  link.replace(link.find("PAGE"), 4, name_of(generation, "SignUp"));
  set(kLogin, form_page(generation, "Login", "/login", "LoginCall", link));
  set("lib/pages/login/login_model.dart", model("Login"));
  set(kSignUp, form_page(generation, "SignUp", "/signUp", "SignUpCall", ""));
  set("lib/pages/sign_up/sign_up_model.dart", model("SignUp"));
  set(kHome, home_page(generation));
  set("lib/pages/home/home_model.dart", model("Home"));
  if (generation == Generation::y2026) {
    set("lib/backend/api_requests/interceptors.dart", kInterceptors);
    set("assets/environment_values/environment.json", R"({"apiHost": "https://api.small.example"})");
    set("lib/environment_values.dart",
        "class FFDevEnvironmentValues {\n  static final FFDevEnvironmentValues _instance = "
        "FFDevEnvironmentValues._internal();\n"
        "  factory FFDevEnvironmentValues() => _instance;\n  FFDevEnvironmentValues._internal();\n"
        "  String _apiHost = '';\n  String get apiHost => _apiHost;\n}\n");
    set("dependencies/parts/lib/flutter_flow/flutter_flow_theme.dart", "class PartsTheme {}\n");
  }
}

CleanApp& CleanApp::replace(std::string_view path, std::string_view from, std::string_view to) {
  const auto file = files_.find(path);
  if (file == files_.end()) throw std::runtime_error("no file " + std::string(path));
  const std::size_t at = file->second.find(from);
  if (at == std::string::npos)
    throw std::runtime_error("not in " + std::string(path) + ": " + std::string(from));
  if (file->second.find(from, at + 1) != std::string::npos)
    throw std::runtime_error("twice in " + std::string(path) + ": " + std::string(from));
  file->second.replace(at, from.size(), to);
  return *this;
}

CleanApp& CleanApp::set(std::string_view path, std::string_view text) {
  files_[std::string(path)] = text;
  return *this;
}

CleanApp& CleanApp::remove(std::string_view path) {
  files_.erase(std::string(path));
  return *this;
}

unsigned CleanApp::line_of(std::string_view path, std::string_view text) const {
  const auto file = files_.find(path);
  const std::size_t at = file == files_.end() ? std::string::npos : file->second.find(text);
  if (at == std::string::npos)
    throw std::runtime_error("not in " + std::string(path) + ": " + std::string(text));
  return static_cast<unsigned>(
             std::count(file->second.begin(), file->second.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
         1;
}

flutterflow::SourceTree CleanApp::tree() const {
  flutterflow::SourceTree tree;
  for (const auto& [path, text] : files_) tree.files.push_back({.path = path, .text = text});
  return tree;
}

}  // namespace latchkey::doctor::testing
