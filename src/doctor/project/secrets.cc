#include "doctor/project/secrets.h"

#include <array>
#include <cstdint>
#include <string>

#include "doctor/project/redact.h"

namespace latchkey::doctor {
namespace {

bool is_base64url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '=';
}

std::string decode_segment(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) continue;
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xffffffU;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xffU);
    }
  }
  return out;
}

struct FoundJwt {
  std::string_view text;   // empty: there is none
  bool is_public = false;  // made to stand in an app: Supabase's `anon`
};

FoundJwt find_jwt(std::string_view text) {
  for (std::size_t at = text.find("eyJ"); at != std::string_view::npos; at = text.find("eyJ", at + 3)) {
    std::size_t end = at;
    std::size_t dots = 0;
    std::array<std::size_t, 2> dot{};
    while (end < text.size() && (is_base64url(text[end]) || (text[end] == '.' && dots < 2))) {
      if (text[end] == '.') dot[dots++] = end;
      ++end;
    }
    if (dots < 2 || dot[0] - at < 10 || dot[1] - dot[0] < 10 || end - dot[1] < 10) continue;
    const std::string claims = decode_segment(text.substr(dot[0] + 1, dot[1] - dot[0] - 1));
    if (!claims.starts_with('{')) continue;
    return {text.substr(at, end - at), claims.find("\"role\":\"anon\"") != std::string::npos};
  }
  return {};
}

// A key of a provider that belongs on a server.
std::string_view provider_key(std::string_view text) {
  struct Form {
    std::string_view prefix;
    std::size_t least;  // characters after it
  };
  static constexpr std::array<Form, 17> kForms = {{{"sk_live_", 16},
                                                   {"sk_test_", 16},
                                                   {"rk_live_", 16},
                                                   {"rk_test_", 16},
                                                   {"sk-proj-", 20},
                                                   {"sk-ant-", 20},
                                                   {"sk-", 32},
                                                   {"whsec_", 20},
                                                   {"AKIA", 16},
                                                   {"ghp_", 30},
                                                   {"gho_", 30},
                                                   {"github_pat_", 30},
                                                   {"xoxb-", 20},
                                                   {"SG.", 40},
                                                   {"gsk_", 30},
                                                   {"sbp_", 30},
                                                   {"sb_secret_", 16}}};
  for (const Form& form : kForms) {
    for (std::size_t at = text.find(form.prefix); at != std::string_view::npos;
         at = text.find(form.prefix, at + 1)) {
      if (at > 0 && (is_base64url(text[at - 1]) && text[at - 1] != '=')) continue;
      std::size_t end = at + form.prefix.size();
      while (end < text.size() && (is_base64url(text[end]) || text[end] == '.')) ++end;
      if (end - at - form.prefix.size() >= form.least) return text.substr(at, end - at);
    }
  }
  return {};
}

// `Basic …` and `Bearer …` with a constant behind it.
std::string_view constant_credential(std::string_view text) {
  for (const std::string_view scheme :
       {std::string_view("Basic "), std::string_view("Bearer "), std::string_view("Token ")}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    if (rest.size() >= 8 && rest.find(' ') == std::string_view::npos &&
        (scheme == "Basic " || looks_secret(rest)) && !find_jwt(rest).is_public) {
      return rest;
    }
  }
  return {};
}

}  // namespace

bool holds_public_jwt(std::string_view text) { return find_jwt(text).is_public; }

std::string_view secret_in(std::string_view text) {
  if (text.size() < 12) return {};
  if (text.find("-----BEGIN") != std::string_view::npos &&
      text.find("PRIVATE KEY") != std::string_view::npos) {
    return text.substr(text.find("-----BEGIN"));
  }
  if (const FoundJwt jwt = find_jwt(text); !jwt.text.empty() && !jwt.is_public) return jwt.text;
  if (const std::string_view key = provider_key(text); !key.empty()) return key;
  return constant_credential(text);
}

}  // namespace latchkey::doctor
