#include "http/request_reader.h"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>
#include <vector>

namespace latchkey::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::string_view;
using ErrorCodeOut = boost::beast::error_code;

constexpr std::size_t kFirstBuffer = 2048;
constexpr std::size_t kLargestKept = 16 * 1024;
constexpr std::size_t kBodySpace = 4096;     // to read at once behind the header
constexpr std::size_t kReservedBody = 8192;  // a longer body grows as it comes: its length is only a claim

// A header line as positions in the buffer, which may move while the request is read.
struct Line {
  std::uint32_t name;
  std::uint32_t name_size;
  std::uint32_t value;
  std::uint32_t value_size;
};

// Beast's parser with our own storage: header lines stay in the read buffer.
class Parser final : public beast_http::basic_parser<true> {
 public:
  Parser(Request& request, const char* buffer, std::vector<Line>& lines, const ReadLimits& limits)
      : request_(request), buffer_(buffer), lines_(lines), limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    body_limit(limits.body_bytes);
  }

  // The buffer moved; `size` bytes are valid.
  void set_buffer(const char* buffer, std::size_t size) {
    buffer_ = buffer;
    size_ = size;
  }
  bool uri_too_long() const { return uri_too_long_; }
  bool is_http_1_0() const { return http_1_0_; }
  bool expects_continue = false;

 private:
  void on_request_impl(beast_http::verb, string_view method, string_view target, int version,
                       ErrorCodeOut& error) override {
    http_1_0_ = version == 10;
    request_.method = http::parse_method({method.data(), method.size()});
    uri_too_long_ = target.size() > limits_.uri_bytes;
    if (uri_too_long_ || !request_.set_target({target.data(), target.size()}))
      error = beast_http::error::bad_target;
  }

  void on_response_impl(int, string_view, int, ErrorCodeOut&) override {}

  void on_field_impl(beast_http::field field, string_view name, string_view value,
                     ErrorCodeOut& error) override {
    if (header_done_) return;  // a trailer
    if (is_folded(name, value)) {
      error = beast_http::error::bad_value;
      return;
    }
    if (field == beast_http::field::transfer_encoding &&
        (http_1_0_ || !equal_ignoring_case({value.data(), value.size()}, "chunked"))) {
      error = beast_http::error::bad_transfer_encoding;
    }
    if (field == beast_http::field::host) ++hosts_;
    if (field == beast_http::field::expect &&
        equal_ignoring_case({value.data(), value.size()}, "100-continue")) {
      expects_continue = !http_1_0_;
    }
    lines_.push_back({position(name), static_cast<std::uint32_t>(name.size()), position(value),
                      static_cast<std::uint32_t>(value.size())});
  }

  void on_header_impl(ErrorCodeOut& error) override {
    header_done_ = true;
    if (hosts_ > 1 || (hosts_ == 0 && !http_1_0_)) error = beast_http::error::bad_field;
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCodeOut&) override {
    request_.body.reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(length.value_or(0), kReservedBody)));
  }
  std::size_t on_body_impl(string_view body, ErrorCodeOut&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, ErrorCodeOut&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, ErrorCodeOut&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(ErrorCodeOut&) override {}

  // Whether the line was continued on another (RFC 9112 §5.2). Beast joins such values elsewhere, unless the
  // first line has none of it.
  bool is_folded(string_view name, string_view value) const {
    if (!is_in_buffer(name) || !is_in_buffer(value)) return true;
    return !value.empty() && std::find(name.end(), value.begin(), '\n') != value.begin();
  }
  bool is_in_buffer(string_view text) const {
    return text.empty() || (text.data() >= buffer_ && text.data() + text.size() <= buffer_ + size_);
  }
  std::uint32_t position(string_view text) const {
    return text.empty() ? 0 : static_cast<std::uint32_t>(text.data() - buffer_);
  }

  Request& request_;
  const char* buffer_;
  std::size_t size_ = 0;
  std::vector<Line>& lines_;
  const ReadLimits& limits_;
  std::size_t hosts_ = 0;
  bool uri_too_long_ = false;
  bool http_1_0_ = false;
  bool header_done_ = false;
};

}  // namespace

// The buffer: [0, header_end_) the header of the current request, kept because views point into it, then what
// has come and is not read yet, [parsed_, end_).
class RequestReader::Impl {
 public:
  explicit Impl(const ReadLimits& limits) : limits_(limits), buffer_(kFirstBuffer) {}

  std::span<char> space() {
    if (header_done()) {
      if (parsed_ == end_) parsed_ = end_ = header_end_;
      if (buffer_.size() - end_ < kBodySpace / 2) {
        std::memmove(buffer_.data() + header_end_, buffer_.data() + parsed_, end_ - parsed_);
        end_ -= parsed_ - header_end_;
        parsed_ = header_end_;
        if (buffer_.size() - end_ < kBodySpace / 2) buffer_.resize(end_ + kBodySpace);
      }
    } else if (end_ == buffer_.size()) {
      buffer_.resize(buffer_.size() * 2);
    }
    return std::span(buffer_).subspan(end_);
  }

  void filled(std::size_t bytes) { end_ += bytes; }

  Progress parse(Request& request) {
    if (!parser_) {
      // RFC 9112 §2.2: empty lines before a request line are skipped.
      while (parsed_ < end_ && (buffer_[parsed_] == '\r' || buffer_[parsed_] == '\n')) ++parsed_;
      if (parsed_ == end_) {
        parsed_ = end_ = 0;
        return Progress::needs_header;
      }
      start_ = parsed_;
      parser_.emplace(request, buffer_.data(), lines_, limits_);
    }
    parser_->set_buffer(buffer_.data(), end_);
    ErrorCodeOut error;
    do {
      parsed_ += parser_->put({buffer_.data() + parsed_, end_ - parsed_}, error);
      if (!header_done() && parser_->is_header_done()) {
        header_end_ = parsed_;
        parser_->eager(true);
      }
    } while (!error && !parser_->is_done() && parsed_ < end_);
    if (!error && !parser_->is_done()) error = beast_http::error::need_more;
    const bool goes_on = !error || error == beast_http::error::need_more;
    const std::size_t header_size = (header_done() ? header_end_ : end_) - start_;
    if (goes_on && header_size > limits_.header_bytes) error = beast_http::error::header_limit;
    // Behind the header only a chunk's head can stay unread, and that is short.
    if (error == beast_http::error::need_more && header_done() && end_ - parsed_ > kBodySpace) {
      error = beast_http::error::bad_chunk;
    }
    if (error == beast_http::error::need_more) {
      return header_done() ? Progress::needs_body : Progress::needs_header;
    }
    for (const Line& line : lines_) {
      request.headers.push_back(
          {{buffer_.data() + line.name, line.name_size}, {buffer_.data() + line.value, line.value_size}});
    }
    if (!error) return Progress::complete;
    error_ = error_of(error);
    return Progress::failed;
  }

  base::ErrorCode error() const { return error_; }
  bool started() const { return parser_.has_value() || parsed_ < end_; }

  bool take_expectation() {
    return parser_ && std::exchange(parser_->expects_continue, false) && parsed_ == end_;
  }
  bool keep_alive() const { return parser_->keep_alive(); }
  bool is_http_1_0() const { return parser_ && parser_->is_http_1_0(); }

  void next() {
    const std::size_t left = end_ - parsed_;
    std::memmove(buffer_.data(), buffer_.data() + parsed_, left);
    explicit_bzero(buffer_.data() + left, end_ - left);
    parsed_ = 0;
    end_ = left;
    header_end_ = 0;
    if (buffer_.size() > kLargestKept && left <= kFirstBuffer) {
      buffer_.resize(kFirstBuffer);
      buffer_.shrink_to_fit();
    }
    lines_.clear();
    parser_.reset();
  }

 private:
  bool header_done() const { return header_end_ > 0; }
  base::ErrorCode error_of(const ErrorCodeOut& error) const {
    if (error == beast_http::error::body_limit) return base::ErrorCode::body_too_large;
    if (parser_->uri_too_long()) return base::ErrorCode::uri_too_long;
    if (error == beast_http::error::header_limit) {
      const bool has_line = std::memchr(buffer_.data() + start_, '\n', end_ - start_) != nullptr;
      return has_line ? base::ErrorCode::headers_too_large : base::ErrorCode::uri_too_long;
    }
    return base::ErrorCode::bad_request;
  }

  const ReadLimits limits_;
  std::vector<char> buffer_;
  std::size_t start_ = 0;
  std::size_t parsed_ = 0;
  std::size_t end_ = 0;
  std::size_t header_end_ = 0;
  std::vector<Line> lines_;
  std::optional<Parser> parser_;
  base::ErrorCode error_ = base::ErrorCode::bad_request;
};

RequestReader::RequestReader(const ReadLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;
std::span<char> RequestReader::space() { return impl_->space(); }
void RequestReader::filled(std::size_t bytes) { impl_->filled(bytes); }
RequestReader::Progress RequestReader::parse(Request& request) { return impl_->parse(request); }
base::ErrorCode RequestReader::error() const { return impl_->error(); }
bool RequestReader::started() const { return impl_->started(); }
bool RequestReader::take_expectation() { return impl_->take_expectation(); }
bool RequestReader::keep_alive() const { return impl_->keep_alive(); }
bool RequestReader::is_http_1_0() const { return impl_->is_http_1_0(); }
void RequestReader::next() { impl_->next(); }

}  // namespace latchkey::http
