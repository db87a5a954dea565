#include "support/connection.h"

#include <boost/json.hpp>
#include <chrono>
#include <stdexcept>

namespace latchkey::e2e {
namespace {

constexpr std::chrono::seconds kPatience{60};

http::Client connect(std::uint16_t port) {
  auto client = http::Client::connect({.port = port}, kPatience);
  if (!client) throw std::runtime_error("cannot connect: " + client.error().detail);
  return std::move(*client);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

[[noreturn]] void give_up() {
  throw std::runtime_error("the server neither answered nor closed the connection");
}

}  // namespace

Connection::Connection(std::uint16_t port) : client_(connect(port)) {}

std::optional<Answer> Connection::read_answer(bool to_head) {
  auto response = client_.receive(to_head);
  while (response && response->status < 200) response = client_.receive(to_head);
  if (!response && response.error().code == base::ErrorCode::request_timeout) give_up();
  if (!response) return std::nullopt;
  Answer answer;
  answer.status = response->status;
  for (auto& [name, value] : response->headers)
    answer.headers.emplace_back(lower_case(name), std::move(value));
  answer.body = std::move(response->body);
  boost::system::error_code not_json;
  answer.json = boost::json::parse(answer.body, not_json);
  return answer;
}

std::string Connection::read_to_end() {
  auto rest = client_.receive_until_closed();
  if (!rest) give_up();
  return std::move(*rest);
}

}  // namespace latchkey::e2e
