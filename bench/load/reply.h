// Reads HTTP/1.1 answers off a connection, with as little work as a load generator can get away with.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::bench {

// One whole answer; the view points into the reader's buffer.
struct Reply {
  int status = 0;
  bool closes = false;  // Connection: close
  std::string_view body;
};

// Collects bytes until one answer is whole. Understands Content-Length only, which is all that Latchkey
// sends; throws std::runtime_error for anything else. Not thread-safe.
class ReplyReader {
 public:
  // `limit` bytes where recv may write; then call received().
  char* space(std::size_t limit);
  void received(std::size_t bytes) { filled_ += bytes; }
  // The answer when it is whole. Valid until clear().
  std::optional<Reply> whole();
  void clear();

 private:
  void read_head(std::size_t head_size);

  std::string buffer_;
  std::size_t filled_ = 0;
  std::size_t total_ = 0;  // of head and body; 0 while the head is not whole
  std::size_t body_at_ = 0;
  Reply reply_;
};

// The text value of the first member `"name":"…"` in compact JSON without escapes in it (tokens have none);
// empty when it is not there.
std::string_view find_text_member(std::string_view json, std::string_view name);

}  // namespace latchkey::bench
