#include "http/response_text.h"

#include <fmt/format.h>

#include <chrono>

namespace latchkey::http {
namespace {

std::string_view status_line(std::uint16_t status) {
  switch (status) {
    case 200:
      return "HTTP/1.1 200 OK\r\n";
    case 204:
      return "HTTP/1.1 204 No Content\r\n";
    case 302:
      return "HTTP/1.1 302 Found\r\n";
    case 304:
      return "HTTP/1.1 304 Not Modified\r\n";
    case 400:
      return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
      return "HTTP/1.1 401 Unauthorized\r\n";
    case 403:
      return "HTTP/1.1 403 Forbidden\r\n";
    case 404:
      return "HTTP/1.1 404 Not Found\r\n";
    case 405:
      return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 408:
      return "HTTP/1.1 408 Request Timeout\r\n";
    case 413:
      return "HTTP/1.1 413 Content Too Large\r\n";
    case 414:
      return "HTTP/1.1 414 URI Too Long\r\n";
    case 422:
      return "HTTP/1.1 422 Unprocessable Content\r\n";
    case 429:
      return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431:
      return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 500:
      return "HTTP/1.1 500 Internal Server Error\r\n";
    case 503:
      return "HTTP/1.1 503 Service Unavailable\r\n";
    default:
      return {};
  }
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// Copying so much costs less than telling the kernel of two places.
constexpr std::size_t kLargestCopied = 1024;

}  // namespace

std::string_view append_answer(const Response& response, const AnswerFrame& frame, std::string& out) {
  const bool has_content = response.status != 204 && response.status != 304;
  const std::string_view body = response.body_text();
  const bool sends_body = has_content && frame.request.method != Method::head;
  const bool is_copied = !response.raw || body.size() <= kLargestCopied;
  const std::size_t raw_headers =
      response.raw ? response.raw->headers.size() + response.raw->headers_elsewhere.size() : 0;
  out.reserve(out.size() + 640 + raw_headers + (sends_body && is_copied ? body.size() : 0));
  if (const std::string_view line = status_line(response.status); !line.empty()) {
    out += line;
  } else {
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} Status\r\n", response.status);
  }
  append_header(out, "Date", frame.date);
  append_header(out, "X-Request-Id", frame.request_id);
  append_header(out, "Cache-Control", response.cache_control());
  if (has_content) {
    append_header(out, "Content-Type", response.raw ? response.raw->content_type : response.content_type);
    out += "X-Content-Type-Options: nosniff\r\n";
    const fmt::format_int length(body.size());
    append_header(out, "Content-Length", {length.data(), length.size()});
  }
  if (frame.request.method == Method::options) {
    frame.cors.append_preflight_headers(frame.request, out);
  } else {
    frame.cors.append_headers(frame.request, out);
  }
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  if (response.raw) out.append(response.raw->headers).append(response.raw->headers_elsewhere);
  if (frame.close) {
    out += "Connection: close\r\n";
  } else if (frame.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (!sends_body) return {};
  if (!is_copied) return body;
  out += body;
  return {};
}

std::string http_date(base::Timestamp now) {
  const auto days = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss<base::Milliseconds> time(now - days);
  static constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[std::chrono::weekday(days).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace latchkey::http
