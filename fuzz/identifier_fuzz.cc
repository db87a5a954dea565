// Any bytes as an email, a user name, a phone number and a password: whatever is taken has one form, which
// reads back as itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "domain/identifier.h"
#include "domain/password_policy.h"

namespace {

using namespace latchkey;

void check(bool good) {
  if (!good) std::abort();
}

template <class T>
void check_refusal(const base::Result<T>& result) {
  if (result) return;
  check(result.error().code == base::ErrorCode::validation_failed && result.error().fields.size() == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  const auto folded = domain::fold_text(text);
  check(!folded || domain::fold_text(*folded) == *folded);

  const auto email = domain::Email::parse(text);
  check_refusal(email);
  if (email) {
    check(domain::Email::parse(email->text()) == *email);
    check(std::ranges::count(email->text(), '@') == 1 && email->text().size() <= 320);
  }
  const auto username = domain::Username::parse(text);
  check_refusal(username);
  if (username) {
    const auto again = domain::Username::parse(username->shown());
    check(again && again->shown() == username->shown() && again->key() == username->key());
    check(!username->key().contains('@') && !username->key().starts_with('+') && !email);
  }
  const auto phone = domain::Phone::parse(text);
  check_refusal(phone);
  if (phone) {
    check(domain::Phone::parse(phone->text()) == *phone);
    check(phone->text().starts_with('+') && phone->text().size() <= 16 && !username);
  }
  const auto identifier = domain::parse_identifier(text);
  check_refusal(identifier);
  check(identifier.has_value() == (email || username || phone));
  if (identifier) {
    const std::string key = domain::identifier_key(*identifier);
    const auto again = domain::parse_identifier(std::string_view(key).substr(key.find(':') + 1));
    // A user name's key may be a letter longer than a user name may be (ß is ss), so it need not read back.
    check(username || (again && domain::identifier_key(*again) == key));
  }

  const auto password =
      domain::check_password(base::Secret(text), {"ada@example.com", std::string(text.substr(0, 40))}, {});
  check(password || !password.error().reasons.empty());
  return 0;
}
