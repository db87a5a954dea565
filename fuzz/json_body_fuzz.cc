// Any bytes as a body: read as JSON or a form, and decoded into a type with every kind of field.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/body.h"
#include "http/testing_types.h"

// The first byte picks the content type, the rest is the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using latchkey::http::testing::Everything;
  if (size == 0) return 0;
  constexpr std::string_view kTypes[] = {"application/json",
                                         "application/x-www-form-urlencoded; charset=utf-8", "text/plain",
                                         "multipart/form-data; boundary=x"};
  latchkey::http::Request request;
  request.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 5 < 4) request.headers.push_back({"Content-Type", kTypes[data[0] % 5]});

  latchkey::http::ParsedBody body;
  if (!body.read(request)) return 0;
  const latchkey::http::Pairs path = {{"id", "7"}};
  latchkey::http::WireInput input = body.input();
  input.path = &path;
  input.query = &path;
  const auto value = latchkey::http::decode<Everything>(input);
  if (!value) {
    if (value.error().fields.empty()) std::abort();
    return 0;
  }
  // What is taken can be written, and what is written is taken again as the same.
  latchkey::http::Request again;
  latchkey::http::encode(*value, again.body);
  latchkey::http::ParsedBody second;
  if (!second.read(again)) std::abort();
  latchkey::http::WireInput second_input = second.input();
  second_input.path = &path;
  const auto second_value = latchkey::http::decode<Everything>(second_input);
  if (!second_value) std::abort();
  std::string text;
  latchkey::http::encode(*second_value, text);
  if (text != again.body) std::abort();
  return 0;
}
