#include "http/message.h"

#include <string.h>  // explicit_bzero

#include <algorithm>

#include "http/exchange.h"

namespace latchkey::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return -1;
}

bool is_target_character(char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '#'; }

// The path and query of "http://host/path?query".
std::optional<std::string_view> strip_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() <= scheme.size() || !equal_ignoring_case(target.substr(0, scheme.size()), scheme))
      continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = target.find_first_of("/?");
    return end == std::string_view::npos ? std::string_view() : target.substr(end);
  }
  return std::nullopt;
}

void append_normalised(std::string_view raw, std::string& path) {
  for (const char c : raw) {
    if (c != '/' || path.empty() || path.back() != '/') path += c;
  }
  if (path.size() > 1 && path.back() == '/') path.pop_back();
  if (path.empty()) path = "/";
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      return "OTHER";
  }
  return "OTHER";
}

Method parse_method(std::string_view text) {
  for (const Method method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del, Method::options}) {
    if (to_string(method) == text) return method;
  }
  return Method::other;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
    }
  }
  return out;
}

void append_pairs(std::string_view text, Pairs& out) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    out.emplace_back(percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
  }
}

std::optional<std::string_view> Request::find_header(std::string_view name) const {
  for (const HeaderView& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

std::size_t Request::count_headers(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [&](const HeaderView& header) { return equal_ignoring_case(header.name, name); }));
}

std::optional<std::string_view> Request::find_query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

bool Request::set_target(std::string_view target) {
  path.clear();
  query.clear();
  if (!std::all_of(target.begin(), target.end(), is_target_character)) return false;
  if (target == "*") {
    path = "*";
    return true;
  }
  if (!target.starts_with('/')) {
    const auto rest = strip_authority(target);
    if (!rest) return false;
    target = *rest;
  }
  const std::size_t question = target.find('?');
  append_normalised(target.substr(0, question), path);
  if (question != std::string_view::npos) append_pairs(target.substr(question + 1), query);
  return true;
}

void Request::clear() {
  path.clear();
  query.clear();
  headers.clear();
  explicit_bzero(body.data(), body.size());
  body.clear();
}

void Response::clear() {
  status = 200;
  content_type = "application/json; charset=utf-8";
  explicit_bzero(body.data(), body.size());  // tokens stand in it
  body.clear();
  raw.reset();
  headers.clear();
  error.reset();
}

Call Exchange::call() const {
  return {.request = request,
          .client = client,
          .user_agent = request.find_header("user-agent").value_or(""),
          .request_id = request_id,
          .authorization = request.find_header("authorization").value_or(""),
          .now = now};
}

}  // namespace latchkey::http
