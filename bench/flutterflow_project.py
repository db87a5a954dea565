"""Writes an export as large as FlutterFlow's largest: pages of nested widgets, handlers that call, check and go on.

In the shapes of the generator, made up; on its authentication nothing is wrong, so that every rule looks everywhere.
"""

import textwrap
from pathlib import Path

MANAGER = """
import 'dart:async';

class CustomAuthManager {
  String? authenticationToken;
  String? refreshToken;
  DateTime? tokenExpiration;
  String? uid;

  Future signOut() async {
    authenticationToken = null;
  }

  Future<SmallAuthUser?> signIn({
    String? authenticationToken,
    String? refreshToken,
    DateTime? tokenExpiration,
    String? authUid,
  }) async =>
      _updateCurrentUser(authenticationToken: authenticationToken);

  void updateAuthUserData({String? authenticationToken, String? refreshToken, DateTime? tokenExpiration, String? authUid}) {}

  SmallAuthUser? _updateCurrentUser({String? authenticationToken}) => null;

  late SharedPreferences _prefs;
  Future initialize() async {
    _prefs = await SharedPreferences.getInstance();
  }
}
"""

MAIN = """
void main() async {
  await authManager.initialize();
  runApp(MyApp());
}

class MyApp extends StatefulWidget {
  @override
  State<MyApp> createState() => _MyAppState();
}

class _MyAppState extends State<MyApp> {
  late GoRouter _router = createRouter(AppStateNotifier.instance);

  @override
  Widget build(BuildContext context) {
    return MaterialApp.router(title: 'Small', routerConfig: _router);
  }
}
"""

CALL = """
class {name}Call {{
  static Future<ApiCallResponse> call({{
    String? token = '',
    String? first = '',
    String? second = '',
  }}) async {{
    final ffApiRequestBody = '''
{{
  "first": "${{escapeStringForJson(first)}}",
  "second": "${{escapeStringForJson(second)}}"
}}''';
    return ApiManager.instance.makeApiCall(
      callName: '{name}',
      apiUrl: 'https://api.small.example/{path}',
      callType: ApiCallType.POST,
      headers: {{
        'Authorization': 'Bearer ${{token}}',
      }},
      params: {{}},
      body: ffApiRequestBody,
      bodyType: BodyType.JSON,
      returnBody: true,
      cache: false,
    );
  }}

  static String? token(dynamic response) => castToType<String>(getJsonField(
        response,
        r'''$.access_token''',
      ));
  static List? items(dynamic response) => getJsonField(
        response,
        r'''$.items''',
        true,
      ) as List?;
}}
"""

PAGE_HEAD = """
import '/auth/custom_auth/auth_util.dart';
import '/backend/api_requests/api_calls.dart';
import '/flutter_flow/flutter_flow_theme.dart';
import '/flutter_flow/flutter_flow_util.dart';
import 'package:flutter/material.dart';

class {name}Widget extends StatefulWidget {{
  const {name}Widget({{super.key}});

  static String routeName = '{name}';
  static String routePath = '/{name}';

  @override
  State<{name}Widget> createState() => _{name}WidgetState();
}}

class _{name}WidgetState extends State<{name}Widget> {{
  late {name}Model _model;

  @override
  void initState() {{
    super.initState();
    _model = createModel(context, () => {name}Model());
    SchedulerBinding.instance.addPostFrameCallback((_) async {{
      _model.loaded = await {call}Call.call(
        token: currentAuthenticationToken,
      );
      if ((_model.loaded?.succeeded ?? true)) {{
        FFAppState().items = {call}Call.items(
          (_model.loaded?.jsonBody ?? ''),
        )!.toList();
        safeSetState(() {{}});
      }}
    }});
  }}

  @override
  Widget build(BuildContext context) {{
    return Scaffold(
      body: Column(
        children: [
"""

WIDGET = """
          Padding(
            padding: EdgeInsetsDirectional.fromSTEB(12.0, 0.0, 12.0, {number}.0),
            child: Container(
              width: double.infinity,
              decoration: BoxDecoration(
                color: FlutterFlowTheme.of(context).secondaryBackground,
                borderRadius: BorderRadius.circular(8.0),
                border: Border.all(
                  color: valueOrDefault<Color>(
                    _model.selected == {number} ? FlutterFlowTheme.of(context).primary : null,
                    FlutterFlowTheme.of(context).alternate,
                  ),
                ),
              ),
              child: FFButtonWidget(
                onPressed: () async {{
                  var _shouldSetState = false;
                  _model.result{number} = await {call}Call.call(
                    token: currentAuthenticationToken,
                    first: _model.textController{number}.text,
                    second: valueOrDefault<String>(
                      FFAppState().selected,
                      'none',
                    ),
                  );
                  _shouldSetState = true;
                  if ((_model.result{number}?.succeeded ?? true)) {{
                    context.pushNamedAuth(
                      {next}Widget.routeName,
                      context.mounted,
                      queryParameters: {{
                        'id': serializeParam(
                          getJsonField(
                            (_model.result{number}?.jsonBody ?? ''),
                            r'''$.items[0].id''',
                          ).toString(),
                          ParamType.String,
                        ),
                      }}.withoutNulls,
                    );
                  }} else {{
                    ScaffoldMessenger.of(context).showSnackBar(
                      SnackBar(
                        content: Text(
                          'This did not work, number {number}.',
                          style: TextStyle(
                            color: FlutterFlowTheme.of(context).primaryText,
                          ),
                        ),
                        duration: Duration(milliseconds: 4000),
                      ),
                    );
                    if (_shouldSetState) safeSetState(() {{}});
                    return;
                  }}
                  if (_shouldSetState) safeSetState(() {{}});
                }},
                text: 'Go on {number}',
                options: FFButtonOptions(
                  height: 40.0,
                  padding: EdgeInsetsDirectional.fromSTEB(16.0, 0.0, 16.0, 0.0),
                  color: FlutterFlowTheme.of(context).primary,
                  textStyle: FlutterFlowTheme.of(context).titleSmall.override(
                        fontFamily: 'Inter Tight',
                        color: Colors.white,
                        letterSpacing: 0.0,
                      ),
                  elevation: 0.0,
                  borderRadius: BorderRadius.circular(8.0),
                ),
              ),
            ),
          ),
"""

LOGIN = """
          FFButtonWidget(
            onPressed: () async {
              _model.login = await LoginCall.call(
                first: _model.emailTextController.text,
                second: _model.passwordTextController.text,
              );
              if ((_model.login?.succeeded ?? true)) {
                GoRouter.of(context).prepareAuthEvent();
                await authManager.signIn(
                  authenticationToken: LoginCall.token(
                    (_model.login?.jsonBody ?? ''),
                  ),
                  authUid: _model.emailTextController.text,
                );
                context.goNamedAuth(Page1Widget.routeName, context.mounted);
              } else {
                ScaffoldMessenger.of(context).showSnackBar(SnackBar(content: Text('No.')));
              }
            },
            text: 'Log in',
          ),
"""

PAGE_TAIL = """
        ],
      ),
    );
  }
}
"""


def write_project(folder: Path, megabytes: int) -> int:
    """How many bytes of Dart were written."""
    pages, widgets = 50 * max(1, megabytes // 5), 34
    calls = ["Login", *(f"Thing{i}" for i in range(1, 60))]
    written = 0

    def put(path: str, text: str) -> None:
        nonlocal written
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        text = text.lstrip("\n")
        file.write_text(text, encoding="utf-8")
        if path.endswith(".dart"):
            written += len(text)

    put("pubspec.yaml", "name: small\n")
    put("lib/auth/custom_auth/custom_auth_manager.dart", MANAGER)
    put("lib/auth/custom_auth/auth_util.dart", "final authManager = CustomAuthManager();\n")
    put("lib/main.dart", MAIN)
    put("lib/backend/api_requests/api_calls.dart",
        "".join(CALL.format(name=name, path="login" if name == "Login" else name.lower()) for name in calls))
    routes = "".join(textwrap.dedent(f"""
        FFRoute(
          name: Page{i}Widget.routeName,
          path: Page{i}Widget.routePath,
          requireAuth: {"false" if i == 0 else "true"},
          builder: (context, params) => Page{i}Widget(),
        ),""") for i in range(pages))
    put("lib/flutter_flow/nav/nav.dart", "GoRouter createRouter(AppStateNotifier appStateNotifier) => GoRouter(\n"
        "      initialLocation: '/',\n      routes: [\n        FFRoute(\n          name: '_initialize',\n          path: '/',\n"
        "          builder: (context, _) => appStateNotifier.loggedIn ? Page1Widget() : Page0Widget(),\n        ),"
        f"{routes}\n      ].map((r) => r.toRoute(appStateNotifier)).toList(),\n    );\n")
    for page in range(pages):
        if written >= megabytes * 1_000_000:
            break
        call = calls[1 + page % (len(calls) - 1)]
        body = "".join(WIDGET.format(number=number, call=call, next=f"Page{(page + number) % pages}")
                       for number in range(widgets))
        put(f"lib/pages/page{page}/page{page}_widget.dart",
            PAGE_HEAD.format(name=f"Page{page}", call=call) + (LOGIN if page == 0 else "") + body + PAGE_TAIL)
    return written
