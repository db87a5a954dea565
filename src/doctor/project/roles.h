// What an API call is for: login, registration, refresh, logout, … told from its path, its body and its name.
//
// Names mislead and come in any language, so they are asked last: what a call sends and where it sends it
// says more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flutterflow/project.h"

namespace latchkey::doctor {

enum class Role : std::uint8_t {
  none,
  login,
  code,  // a one-time code: asks for one, or checks it
  registration,
  refresh,
  logout,
  recovery,  // a forgotten or changed password
  profile,   // who am I
};

std::string_view to_string(Role role);

// `postUserLogIn` → post, user, log, in; letters with accents lose them, digits and signs separate.
std::vector<std::string> words_of(std::string_view name);

// Whether the name of a variable, field or parameter says that it holds a password (or a PIN that stands for
// one).
bool is_password_name(std::string_view name);
// Likewise, without PINs.
bool is_plain_password_name(std::string_view name);
bool is_token_name(std::string_view name);

// By a URL's path and query alone, or by a name alone. `none` when they say nothing.
Role role_of_path(std::string_view url, std::string_view method);
Role role_of_name(std::string_view name);

// What a call sends: names of its query, form or JSON fields and what fills each.
struct SentField {
  std::string name = {};
  flutterflow::dart::ExpressionPtr value = nullptr;  // null when it is constant
  std::string text = {};                             // the constant
  flutterflow::Site site = {};
};

// The fields of the body, of a form or of the query, in their order. Those of a JSON template are read from
// its text.
std::vector<SentField> sent_fields(const flutterflow::ApiCall& call);

// By path, by a password among what it sends, by name, in this order of trust.
Role role_of(const flutterflow::ApiCall& call);

}  // namespace latchkey::doctor
