#include "load/reply.h"

#include <strings.h>

#include <charconv>
#include <stdexcept>

namespace latchkey::bench {
namespace {

// The value of the header, or empty. `name` with its colon.
std::string_view find_header(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line)) {
    line += 2;
    const auto rest = head.substr(line);
    if (rest.size() > name.size() && strncasecmp(rest.data(), name.data(), name.size()) == 0) {
      auto value = rest.substr(name.size(), rest.find("\r\n") - name.size());
      value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
      return value;
    }
  }
  return {};
}

}  // namespace

char* ReplyReader::space(std::size_t limit) {
  if (buffer_.size() < filled_ + limit) buffer_.resize(filled_ + limit);
  return buffer_.data() + filled_;
}

void ReplyReader::read_head(std::size_t head_size) {
  const std::string_view head(buffer_.data(), head_size);
  if (head.size() < 12 || !head.starts_with("HTTP/1.1 "))
    throw std::runtime_error("an answer is not HTTP/1.1");
  std::from_chars(head.data() + 9, head.data() + 12, reply_.status);
  const auto length = find_header(head, "content-length:");
  std::size_t body_size = 0;
  if (length.empty()) {
    if (reply_.status != 204) throw std::runtime_error("an answer has no Content-Length");
  } else {
    std::from_chars(length.data(), length.data() + length.size(), body_size);
  }
  const auto connection = find_header(head, "connection:");
  reply_.closes = connection.size() >= 5 && strncasecmp(connection.data(), "close", 5) == 0;
  body_at_ = head_size;
  total_ = head_size + body_size;
}

std::optional<Reply> ReplyReader::whole() {
  if (total_ == 0) {
    const auto end = std::string_view(buffer_.data(), filled_).find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    read_head(end + 4);
  }
  if (filled_ < total_) return std::nullopt;
  reply_.body = std::string_view(buffer_).substr(body_at_, total_ - body_at_);
  return reply_;
}

void ReplyReader::clear() {
  filled_ = total_ = body_at_ = 0;
  reply_ = {};
}

std::string_view find_text_member(std::string_view json, std::string_view name) {
  for (std::size_t at = json.find(name); at != std::string_view::npos; at = json.find(name, at + 1)) {
    const auto rest = json.substr(at + name.size());
    if (at == 0 || json[at - 1] != '"' || !rest.starts_with("\":\"")) continue;
    return rest.substr(3, rest.find('"', 3) - 3);
  }
  return {};
}

}  // namespace latchkey::bench
