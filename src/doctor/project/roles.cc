#include "doctor/project/roles.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace latchkey::doctor {
namespace {

using flutterflow::ApiCall;
using flutterflow::dart::ExpressionKind;
using flutterflow::dart::ExpressionPtr;
using Words = std::vector<std::string>;

// Two bytes of UTF-8 and the ASCII letter that is meant.
constexpr std::array<std::pair<std::string_view, char>, 48> kAccents = {{
    {"á", 'a'}, {"à", 'a'}, {"â", 'a'}, {"ã", 'a'}, {"ä", 'a'}, {"å", 'a'}, {"ą", 'a'}, {"ç", 'c'},
    {"ć", 'c'}, {"č", 'c'}, {"é", 'e'}, {"è", 'e'}, {"ê", 'e'}, {"ë", 'e'}, {"ę", 'e'}, {"ğ", 'g'},
    {"í", 'i'}, {"î", 'i'}, {"ï", 'i'}, {"ı", 'i'}, {"ł", 'l'}, {"ñ", 'n'}, {"ń", 'n'}, {"ó", 'o'},
    {"ô", 'o'}, {"õ", 'o'}, {"ö", 'o'}, {"ø", 'o'}, {"ś", 's'}, {"ş", 's'}, {"š", 's'}, {"ú", 'u'},
    {"ù", 'u'}, {"û", 'u'}, {"ü", 'u'}, {"ź", 'z'}, {"ż", 'z'}, {"ž", 'z'}, {"Á", 'a'}, {"É", 'e'},
    {"Í", 'i'}, {"Ó", 'o'}, {"Ú", 'u'}, {"Ñ", 'n'}, {"Ç", 'c'}, {"Ł", 'l'}, {"Ö", 'o'}, {"Ü", 'u'},
}};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// A word list: those that may stand anywhere inside a word run together (`fnlogincheck`), and those that must
// be the whole word, because they are short or part of others.
struct Lexicon {
  std::span<const std::string_view> inside;
  std::span<const std::string_view> whole;
};

constexpr std::array<std::string_view, 14> kRefreshInside = {
    "refresh",       "refrescar",   "renovartoken",   "renewtoken",      "tokenrenew",
    "rafraichir",    "odswiez",     "atualizartoken", "actualizartoken", "refrescartoken",
    "perbaruitoken", "renewaccess", "extendsession",  "reissue"};
constexpr std::array<std::string_view, 2> kRefreshWhole = {"renew", "renovar"};

constexpr std::array<std::string_view, 20> kLogoutInside = {
    "logout",         "signout",     "logoff",      "signoff",        "cerrarsesion",
    "cerrarsession",  "deconnexion", "deconnecter", "keluar",         "wyloguj",
    "wylogowanie",    "abmelden",    "uitloggen",   "encerrarsessao", "fecharsessao",
    "terminarsesion", "cikisyap",    "deslogar",    "desconectar",    "endsession"};
constexpr std::array<std::string_view, 3> kLogoutWhole = {"sair", "salir", "cikis"};

constexpr std::array<std::string_view, 42> kRecoveryInside = {
    "forgot",           "forget",         "resetpass",      "resetpwd",
    "passwordreset",    "pwdreset",       "recover",        "changepass",
    "changepwd",        "changepassword", "passwordchange", "updatepass",
    "updatepassword",   "passwordupdate", "newpassword",    "setpassword",
    "setnewpass",       "esqueci",        "esqueceu",       "recuperar",
    "recuperacao",      "recuperacion",   "redefinir",      "alterarsenha",
    "trocarsenha",      "mudarsenha",     "novasenha",      "olvid",
    "cambiarcontra",    "cambiarclave",   "cambiopass",     "restablecer",
    "motdepasseoublie", "reinitialis",    "zapomnia",       "resethas",
    "zmienhas",         "lupapass",       "gantipass",      "lupasandi",
    "resetpin",         "changepin"};
constexpr std::array<std::string_view, 1> kRecoveryWhole = {"recovery"};

constexpr std::array<std::string_view, 17> kRegistrationInside = {
    "register",    "registration", "signup",      "registro", "registrar", "registrate",
    "registrarse", "cadastr",      "inscription", "inscrire", "daftar",    "registrasi",
    "rejestr",     "zarejestruj",  "registrier",  "kayitol",  "enroll"};
// What is made must be the last word: createUserPost makes none. Behind it only what says how.
constexpr std::array<std::string_view, 19> kRegistrationLast = {
    "createuser",   "createaccount", "createmember", "createcustomer", "newuser",
    "newaccount",   "adduser",       "crearusuario", "crearcuenta",    "nuevousuario",
    "criarusuario", "criarconta",    "criaousuario", "criausuario",    "novousuario",
    "creercompte",  "utworzkonto",   "usercreate",   "createprofile"};
constexpr std::array<std::string_view, 9> kAfterRegistration = {"account", "api",      "with", "by", "using",
                                                                "request", "endpoint", "copy", "v2"};
constexpr std::array<std::string_view, 4> kRegistrationWhole = {"signon", "join", "inscribir", "kayit"};
// What else is registered: devices, push tokens, sales.
constexpr std::array<std::string_view, 16> kNotRegistration = {
    "device",  "devices",  "fcm",    "push", "notification", "notifications", "token",   "delete",
    "excluir", "eliminar", "remove", "list", "dispositivo",  "webhook",       "payment", "pago"};

constexpr std::array<std::string_view, 14> kCodeInside = {
    "otp",         "verifycode",       "verificationcode",   "verifyaccount", "verifyemail",
    "verifyphone", "confirmemail",     "confirmaccount",     "resendcode",    "sendcode",
    "magiclink",   "codeverification", "codigoverificacion", "twofactor"};
constexpr std::array<std::string_view, 13> kCodeWhole = {
    "verify",       "verification", "2fa", "mfa",         "verificar", "validarcodigo", "verificacao",
    "verificacion", "totp",         "sms", "confirmcode", "verifier",  "weryfikuj"};

constexpr std::array<std::string_view, 26> kLoginInside = {
    "login",         "signin",       "logon",      "authenticat",  "autenticar", "autentica",
    "iniciarsesion", "iniciosesion", "iniciosesi", "iniciasesion", "ingresar",   "connexion",
    "seconnecter",   "zaloguj",      "logowanie",  "anmelden",     "einloggen",  "inloggen",
    "girisyap",      "fazerlogin",   "acceder",    "masukakun",    "authorize",  "passwordgrant",
    "logincheck",    "entrarconta"};
constexpr std::array<std::string_view, 12> kLoginWhole = {"auth",  "entrar",     "ingreso", "acceso",
                                                          "masuk", "connect",    "session", "sessions",
                                                          "logar", "signinuser", "sesion",  "autenticacion"};

constexpr std::array<std::string_view, 12> kProfileInside = {
    "userinfo", "whoami",      "myprofile",   "getprofile", "currentuser", "userdata",
    "getuser",  "viewprofile", "userprofile", "meuperfil",  "miperfil",    "loggeduser"};
constexpr std::array<std::string_view, 4> kProfileWhole = {"me", "profile", "perfil", "profil"};

constexpr std::array<std::string_view, 26> kPasswordInside = {
    "password",  "passwd",      "passcode",    "passwort",   "kennwort", "wachtwoord", "senha",
    "contrasen", "contrasenia", "contrasena",  "motdepasse", "sandi",    "haslo",      "losenord",
    "sifre",     "parola",      "adgangskode", "salasana",   "jelszo",   "heslo",      "lozinka",
    "lozinka",   "matkhau",     "passphrase",  "contrasea",  "userpass"};
constexpr std::array<std::string_view, 6> kPasswordWhole = {"pass", "pwd", "clave", "mdp", "psw", "psd"};
constexpr std::array<std::string_view, 4> kPinWhole = {"pin", "mpin", "pincode", "nip"};
// `passwordVisibility`, `forgotPasswordText` … name no password.
constexpr std::array<std::string_view, 24> kNoPassword = {
    "visibility", "visible", "forgot",   "reset",   "page",    "route",     "focus",    "label",
    "hint",       "error",   "show",     "hide",    "obscure", "validator", "strength", "length",
    "hashed",     "hash",    "hashedpw", "changed", "button",  "required",  "grant",    "url"};

bool contains(std::span<const std::string_view> list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

// A word of the list alone, or the words of the list run together inside the whole name.
bool says(const Lexicon& lexicon, const Words& words) {
  std::string joined;
  for (const std::string& word : words) {
    if (contains(lexicon.whole, word)) return true;
    joined += word;
  }
  return std::ranges::any_of(lexicon.inside,
                             [&](std::string_view text) { return joined.find(text) != std::string::npos; });
}

bool makes_account(const Words& words) {
  std::string joined;
  for (const std::string& word : words) joined += word;
  return std::ranges::any_of(kRegistrationLast, [&](std::string_view text) {
    const std::size_t at = joined.find(text);
    if (at == std::string::npos) return false;
    const std::string_view rest = std::string_view(joined).substr(at + text.size());
    return rest.empty() || rest == "s" || std::ranges::any_of(kAfterRegistration, [&](std::string_view tail) {
             return rest.starts_with(tail);
           });
  });
}

Role role_of_words(const Words& words, std::string_view method) {
  if (says({kRefreshInside, kRefreshWhole}, words)) return Role::refresh;
  if (says({kLogoutInside, kLogoutWhole}, words)) return Role::logout;
  if (says({kRecoveryInside, kRecoveryWhole}, words)) return Role::recovery;
  const bool is_read = method == "GET" || method == "DELETE";
  if (!is_read && (says({kRegistrationInside, kRegistrationWhole}, words) || makes_account(words)) &&
      std::ranges::none_of(words, [](const std::string& word) { return contains(kNotRegistration, word); })) {
    return Role::registration;
  }
  if (says({kCodeInside, kCodeWhole}, words)) return Role::code;
  if (says({kLoginInside, kLoginWhole}, words)) return Role::login;
  return Role::none;
}

// What follows the host: the path's segments and the query, without values that are put in.
std::string_view path_of(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
    const std::size_t slash = url.find('/');
    return slash == std::string_view::npos ? std::string_view() : url.substr(slash);
  }
  // `[baseUrl]/users/login`
  if (url.starts_with('[')) return url.substr(std::min(url.size(), url.find(']') + 1));
  return url;
}

std::string without_placeholders(std::string_view text) {
  std::string result;
  int depth = 0;
  for (const char c : text) {
    if (c == '[') ++depth;
    if (depth == 0) result += c;
    if (c == ']' && depth > 0) --depth;
  }
  return result;
}

// Names of JSON fields in a template: `"name":`, with what stands behind the colon.
class TemplateFields {
 public:
  TemplateFields(const ApiCall& call, std::vector<SentField>& fields) : call_(call), fields_(fields) {}

  void read(const flutterflow::dart::Expression& body) {
    for (const auto& part : body.parts) {
      if (part.expression == nullptr) {
        text(part.text);
      } else if (!fields_.empty() && expects_value_) {
        SentField& field = fields_.back();
        if (field.value == nullptr) {
          field.value = part.expression;
          field.site = {call_.site.unit, part.expression->span};
        }
      }
    }
  }

 private:
  void text(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
      if (text[at] != '"') {
        if (text[at] == ',' || text[at] == '{' || text[at] == '}') expects_value_ = false;
        ++at;
        continue;
      }
      const std::size_t end = text.find('"', at + 1);
      if (end == std::string_view::npos) return;  // the rest of the text is an interpolated value
      const std::string_view inside = text.substr(at + 1, end - at - 1);
      std::size_t after = end + 1;
      while (after < text.size() && (text[after] == ' ' || text[after] == '\n' || text[after] == '\t'))
        ++after;
      if (after < text.size() && text[after] == ':') {
        fields_.push_back({.name = std::string(inside)});
        fields_.back().site = call_.make_site;
        expects_value_ = true;
        at = after + 1;
      } else {
        if (expects_value_ && !fields_.empty() && fields_.back().value == nullptr)
          fields_.back().text = inside;
        at = end + 1;
      }
    }
  }

  const ApiCall& call_;
  std::vector<SentField>& fields_;
  bool expects_value_ = false;
};

void add_map(const ApiCall& call, ExpressionPtr map, std::vector<SentField>& fields) {
  if (map == nullptr || (map->kind != ExpressionKind::map_or_set && map->kind != ExpressionKind::unknown))
    return;
  for (std::size_t i = 0; i < map->children.size(); ++i) {
    const ExpressionPtr child = map->children[i];
    if (child->kind == ExpressionKind::unknown || child->kind == ExpressionKind::map_or_set) {
      add_map(call, child, fields);
      continue;
    }
    const auto name = flutterflow::dart::constant_text(child);
    if (!name || i + 1 == map->children.size()) continue;
    const ExpressionPtr value = map->children[++i];
    SentField field{.name = *name, .value = value, .site = {call.site.unit, value->span}};
    if (const auto text = flutterflow::dart::constant_text(value)) {
      field.text = *text;
      field.value = nullptr;
    }
    fields.push_back(std::move(field));
    add_map(call, value, fields);
  }
}

bool is_role_of_flow(Role role) { return role != Role::none && role != Role::profile; }

Role role_by_password(const ApiCall& call) {
  const std::vector<SentField> fields = sent_fields(call);
  bool has_password = false;
  bool has_other_password = false;
  bool has_identity = false;
  std::size_t others = 0;
  for (const SentField& field : fields) {
    if (!is_password_name(field.name)) {
      static constexpr std::array<std::string_view, 5> kIdentity = {"email", "user", "phone", "login",
                                                                    "mail"};
      const Words words = words_of(field.name);
      const bool is_identity = std::ranges::any_of(words, [](const std::string& word) {
        return std::ranges::any_of(
            kIdentity, [&](std::string_view text) { return word.find(text) != std::string::npos; });
      });
      has_identity |= is_identity;
      if (!is_identity) ++others;
      continue;
    }
    const Words words = words_of(field.name);
    static constexpr std::array<std::string_view, 12> kChange = {"new",   "old",      "current", "nova",
                                                                 "novo",  "nueva",    "actual",  "antiga",
                                                                 "atual", "anterior", "nouveau", "ancien"};
    if (std::ranges::any_of(words, [](const std::string& word) { return contains(kChange, word); }))
      return Role::recovery;
    has_other_password |= has_password;
    has_password = true;
  }
  if (!has_password) return Role::none;
  if (has_other_password || others >= 2) return Role::registration;
  const Role by_name = role_of_name(call.class_name);
  if (by_name != Role::none) return by_name;
  return has_identity || fields.size() <= 3 ? Role::login : Role::none;
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::none:
      return "other";
    case Role::login:
      return "login";
    case Role::code:
      return "code";
    case Role::registration:
      return "registration";
    case Role::refresh:
      return "refresh";
    case Role::logout:
      return "logout";
    case Role::recovery:
      return "recovery";
    case Role::profile:
      return "profile";
  }
  return "other";
}

std::vector<std::string> words_of(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size();) {
    const auto accent = std::ranges::find_if(
        kAccents, [&](const auto& entry) { return name.substr(i).starts_with(entry.first); });
    if (accent != kAccents.end()) {
      plain += accent->second;
      i += accent->first.size();
    } else {
      plain += name[i++];
    }
  }
  Words words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_upper(c) && !is_lower(c) && !is_digit) {
      finish();
      continue;
    }
    // A new word at `aB` and at the last capital of `ABc`.
    if (is_upper(c) && i > 0 &&
        (is_lower(plain[i - 1]) ||
         (is_upper(plain[i - 1]) && i + 1 < plain.size() && is_lower(plain[i + 1])))) {
      finish();
    }
    word += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  finish();
  return words;
}

bool is_plain_password_name(std::string_view name) {
  const Words words = words_of(name);
  if (std::ranges::any_of(words, [](const std::string& word) { return contains(kNoPassword, word); }))
    return false;
  return says({kPasswordInside, kPasswordWhole}, words);
}

bool is_password_name(std::string_view name) {
  if (is_plain_password_name(name)) return true;
  const Words words = words_of(name);
  return std::ranges::any_of(words, [](const std::string& word) { return contains(kPinWhole, word); });
}

bool is_token_name(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kToken = {"token",         "jwt",       "bearer",
                                                             "authorization", "accesskey", "apikey"};
  const Words words = words_of(name);
  return says({kToken, {}}, words);
}

Role role_of_path(std::string_view url, std::string_view method) {
  const std::string path = without_placeholders(path_of(url));
  const std::size_t query = path.find('?');
  const std::string_view parameters =
      query == std::string::npos ? std::string_view() : std::string_view(path).substr(query);
  if (parameters.find("grant_type=refresh") != std::string_view::npos) return Role::refresh;
  if (parameters.find("grant_type=password") != std::string_view::npos) return Role::login;
  // The nearer to the end, the more it says: /auth/logout, /auth/register/verify.
  std::string_view rest = std::string_view(path).substr(0, query);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  Role weak = Role::none;
  bool is_last = true;
  while (!rest.empty()) {
    const std::size_t slash = rest.rfind('/');
    const std::string_view segment = slash == std::string_view::npos ? rest : rest.substr(slash + 1);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
    if (segment.empty()) continue;
    const Words words = words_of(segment);
    const Role role = role_of_words(words, method);
    // A folder such as /auth/ or /sessions/ says login only when nothing behind it says something else.
    if (role == Role::login && !is_last && says({{}, kLoginWhole}, words)) {
      if (weak == Role::none) weak = Role::login;
    } else if (role != Role::none) {
      return role;
    } else if (is_last && method != "POST" && says({kProfileInside, kProfileWhole}, words)) {
      weak = Role::profile;
    }
    is_last = false;
  }
  return weak;
}

Role role_of_name(std::string_view name) {
  if (name.ends_with("Call")) name.remove_suffix(4);
  const Words words = words_of(name);
  const Role role = role_of_words(words, {});
  if (role != Role::none) return role;
  return says({kProfileInside, kProfileWhole}, words) ? Role::profile : Role::none;
}

std::vector<SentField> sent_fields(const ApiCall& call) {
  std::vector<SentField> fields;
  add_map(call, call.params, fields);
  if (call.body != nullptr) {
    if (call.body->kind == ExpressionKind::string) {
      TemplateFields(call, fields).read(*call.body);
    } else if (call.body->kind == ExpressionKind::call) {  // jsonEncode({…})
      for (const auto& argument : call.body->arguments) add_map(call, argument.value, fields);
    } else {
      add_map(call, call.body, fields);
    }
  }
  return fields;
}

Role role_of(const ApiCall& call) {
  const Role by_path = role_of_path(call.url_text, call.method);
  const Role by_password = role_by_password(call);
  // `/auth/cliente` or `/sessions/list` may be anything of the service; a password among what it sends
  // decides.
  const std::string path = without_placeholders(path_of(call.url_text));
  std::string_view last = path;
  last = last.substr(0, last.find('?'));
  while (last.ends_with('/')) last.remove_suffix(1);
  last = last.substr(last.rfind('/') == std::string_view::npos ? 0 : last.rfind('/') + 1);
  if (by_path == Role::login && role_of_words(words_of(last), call.method) != Role::login) {
    return by_password == Role::none
               ? (is_role_of_flow(role_of_name(call.class_name)) ? role_of_name(call.class_name) : Role::none)
               : by_password;
  }
  if (by_path != Role::none && by_path != Role::profile) return by_path;
  if (by_password != Role::none) return by_password;
  const Role by_name = role_of_name(call.class_name);
  return by_name == Role::none ? by_path : by_name;
}

}  // namespace latchkey::doctor
