#include "doctor/probe/prober.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_reader.h"
#include "doctor/probe/answer.h"

namespace latchkey::doctor {
namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0U | byte >> 6U);
      out += static_cast<char>(0x80U | (byte & 0x3fU));
    }
  }
  return out;
}

}  // namespace

std::string ProbeReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

std::string ProbeReply::words() const {
  if (failure) {
    switch (failure->kind) {
      case http::ClientFailure::Kind::timed_out:
        return "no answer in time";
      case http::ClientFailure::Kind::refused:
        return "no connection";
      case http::ClientFailure::Kind::closed:
        return "a closed connection";
      default:
        return "no answer (" + failure->text + ")";
    }
  }
  std::string text = std::to_string(status);
  if (!json && !body.empty()) {
    text += header("Content-Type").find("html") != std::string::npos ? " with a web page"
                                                                     : " with a text that is no JSON";
  }
  return text;
}

Prober::Prober(const ProbeOptions& options, const ProbeWorld& world, Progress& progress,
               http::ClientTarget target, bool is_local)
    : options_(options),
      world_(world),
      progress_(progress),
      target_(std::move(target)),
      limits_{.timeout = options.timeout},
      is_local_(is_local) {}

void Prober::before(std::string_view what) {
  ++sent_;
  progress_.on_request(what, sent_, options_.max_requests);
  if (!is_local_ && sent_ > 1) world_.pause(options_.spacing);
}

http::ClientRequest Prober::prepare(const ProbeRequest& request) {
  http::ClientRequest out{
      .method = request.method, .target = request.target, .headers = {}, .body = request.body};
  out.headers.emplace_back("Accept", "application/json, */*");
  out.headers.emplace_back("User-Agent", "latchkey-doctor");
  for (const auto& header : options_.headers) out.headers.push_back(header);
  if (!request.body.empty()) out.headers.emplace_back("Content-Type", request.content_type);
  if (!request.bearer.empty()) out.headers.emplace_back("Authorization", "Bearer " + request.bearer);
  if (!request.origin.empty()) out.headers.emplace_back("Origin", request.origin);
  for (const auto& header : request.headers) out.headers.push_back(header);
  return out;
}

ProbeReply Prober::finish(const ProbeRequest& request, std::chrono::steady_clock::time_point begin,
                          http::ClientResult<http::ClientResponse> response) {
  ProbeReply reply;
  reply.took = std::chrono::duration_cast<std::chrono::milliseconds>(world_.clock.steady_now() - begin);
  if (reply.took > slowest_) {
    slowest_ = reply.took;
    slowest_what_ = request.method + " " + request.target.substr(0, request.target.find('?'));
  }
  if (!response) {
    reply.failure = response.error();
    return reply;
  }
  reply.status = response->status;
  reply.headers = std::move(response->headers);
  reply.body = std::move(response->body);
  if (!reply.body.empty()) reply.json = base::parse_json(reply.body);
  // Texts in other characters are no JSON to a strict reader, and readable to many clients.
  if (!reply.json && !reply.body.empty()) reply.json = base::parse_json(from_latin1(reply.body));
  if (reply.status >= 400) {
    if (const std::string inside = internals_in(reply.body); !inside.empty()) {
      const std::string words =
          fmt::format("{} {} answers {} with {}", request.method,
                      request.target.substr(0, request.target.find('?')), reply.status, inside);
      if (std::ranges::find(leaks_, words) == leaks_.end()) leaks_.push_back(words);
    }
  }
  has_seen_limit_ = has_seen_limit_ || reply.status == 429;
  for (const auto& [name, value] : reply.headers) {
    has_seen_limit_ = has_seen_limit_ || starts_ignoring_case(name, "ratelimit") ||
                      starts_ignoring_case(name, "x-ratelimit") || starts_ignoring_case(name, "x-rate-limit");
  }
  if (page_in_front_.empty()) {
    page_in_front_ = doctor::page_in_front(reply.header("Content-Type"), reply.body);
  }
  return reply;
}

ProbeReply Prober::send(const ProbeRequest& request) {
  if (is_exhausted()) {
    return {.failure = http::ClientFailure{.text = "the bound on requests is reached"}};
  }
  before(request.what);
  const auto begin = world_.clock.steady_now();
  auto client = http::Client::open(target_, limits_);
  if (!client) return finish(request, begin, std::unexpected(client.error()));
  return finish(request, begin, client->exchange(prepare(request)));
}

std::pair<ProbeReply, ProbeReply> Prober::send_two(const ProbeRequest& first, const ProbeRequest& second) {
  if (options_.max_requests - std::min(sent_, options_.max_requests) < 2) {
    const ProbeReply none{.failure = http::ClientFailure{.text = "the bound on requests is reached"}};
    return {none, none};
  }
  before(first.what);
  before(second.what);
  const auto begin = world_.clock.steady_now();
  auto one = http::Client::open(target_, limits_);
  auto two = http::Client::open(target_, limits_);
  if (!one || !two) {
    const http::ClientFailure failure = !one ? one.error() : two.error();
    return {finish(first, begin, std::unexpected(failure)), finish(second, begin, std::unexpected(failure))};
  }
  const auto started_one = one->start(prepare(first));
  const auto started_two = two->start(prepare(second));
  const auto end = [&](http::Client& client, const http::ClientResult<void>& started) {
    return started ? client.finish()
                   : http::ClientResult<http::ClientResponse>(std::unexpected(started.error()));
  };
  ProbeReply reply_one = finish(first, begin, end(*one, started_one));
  ProbeReply reply_two = finish(second, begin, end(*two, started_two));
  return {std::move(reply_one), std::move(reply_two)};
}

}  // namespace latchkey::doctor
