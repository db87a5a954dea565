// Fuzzes the decoding of every request type: the first byte picks the type, the rest is the body. What
// decodes must encode.
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/dto/account.h"
#include "api/dto/session.h"
#include "http/wire.h"

namespace {

template <class T>
void decode(const boost::json::object& body) {
  const auto decoded = latchkey::http::decode<T>({.body = &body});
  if (!decoded && decoded.error().fields.empty()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace api = latchkey::api;
  if (size == 0) return 0;
  boost::json::error_code failed;
  const boost::json::value value =
      boost::json::parse({reinterpret_cast<const char*>(data) + 1, size - 1}, failed);
  if (failed || !value.is_object()) return 0;
  const boost::json::object& body = value.as_object();
  switch (data[0] % 5) {
    case 0:
      decode<api::SignUpRequest>(body);
      break;
    case 1:
      decode<api::LoginRequest>(body);
      break;
    case 2:
      decode<api::RefreshRequest>(body);
      break;
    case 3:
      decode<api::UpdateUserRequest>(body);
      break;
    default:
      decode<api::LogoutActionRequest>(body);
  }
  return 0;
}
