#include "storage/postgres/address.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace latchkey::storage::postgres {

std::string_view Address::find(std::string_view keyword) const {
  const auto found = std::ranges::find(parts, keyword, [](const auto& part) { return part.first; });
  return found == parts.end() ? std::string_view() : found->second;
}

void Address::set_default(std::string_view keyword, std::string value) {
  if (find(keyword).empty()) parts.emplace_back(keyword, std::move(value));
}

base::Result<Address> parse_address(std::string_view text, const base::Secret& password) {
  const base::Secret terminated{std::string(text)};
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(terminated.confidential_text().data(), &complaint), PQconninfoFree);
  PQfreemem(complaint);  // may quote the password
  if (options == nullptr) {
    return base::fail(
        {.code = base::ErrorCode::storage_unavailable,
         .detail = "the address of the database cannot be read",
         .message =
             "The address of the database cannot be read. It looks like "
             "postgres://user@host:5432/name?sslmode=verify-full; in a password, write % as %25, @ as %40, / "
             "as %2F and : as %3A, or set the password apart from the address."});
  }
  Address address;
  for (PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::strcmp(option->keyword, "password") == 0) {
      address.password = base::Secret(std::string_view(option->val));
      explicit_bzero(option->val, std::strlen(option->val));
    } else {
      address.parts.emplace_back(option->keyword, option->val);
    }
  }
  if (!password.empty()) address.password = password;
  return address;
}

std::string describe_target(const Address& address) {
  std::string_view host = address.find("host");
  if (host.empty()) host = address.find("hostaddr");
  std::string text = "database";
  if (const auto name = address.find("dbname"); !name.empty()) text += fmt::format(" \"{}\"", name);
  text += fmt::format(" on {}", host.empty() ? "this machine" : host);
  if (const auto port = address.find("port"); !port.empty()) text += fmt::format(" port {}", port);
  if (const auto user = address.find("user"); !user.empty()) text += fmt::format(" (user \"{}\")", user);
  return text;
}

}  // namespace latchkey::storage::postgres
