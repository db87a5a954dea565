#include "flutterflow/dart/bounded_parse.h"

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>

namespace latchkey::flutterflow::dart {
namespace {

using Clock = std::chrono::steady_clock;

// Stands before each piece of memory, so that all of a parse can be found again.
struct alignas(std::max_align_t) Block {
  Block* previous = nullptr;
  Block* next = nullptr;
};

// Of one thread.
struct Bound {
  Block all;  // the head of the list
  std::jmp_buf leave{};
  Clock::time_point end;
  std::uint32_t calls = 0;
  bool is_armed = false;

  Bound() { all.previous = all.next = &all; }
};

Bound& bound() {
  thread_local Bound here;
  return here;
}

void check_time() {
  Bound& here = bound();
  if (!here.is_armed || (++here.calls & 0xffU) != 0 || Clock::now() < here.end) return;
  here.is_armed = false;
  // Only frames of C are left behind.
  std::longjmp(here.leave, 1);  // NOLINT(cert-err52-cpp,modernize-avoid-setjmp-longjmp)
}

void* linked(void* memory) {
  if (memory == nullptr) std::abort();  // as tree-sitter does itself
  Block* const block = new (memory) Block;
  Bound& here = bound();
  block->previous = &here.all;
  block->next = here.all.next;
  block->next->previous = block;
  here.all.next = block;
  return block + 1;
}

Block* unlinked(void* memory) {
  Block* const block = static_cast<Block*>(memory) - 1;
  // The analyzer does not see that the head of the list has moved on when a block is released.
  block->previous->next = block->next;  // NOLINT(clang-analyzer-unix.Malloc)
  block->next->previous = block->previous;
  return block;
}

void* allocate(std::size_t size) {
  check_time();
  return linked(std::malloc(sizeof(Block) + size));
}

void* allocate_zeroed(std::size_t count, std::size_t size) {
  check_time();
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) std::abort();
  return linked(std::calloc(1, sizeof(Block) + bytes));
}

void release(void* memory) {
  if (memory != nullptr) std::free(unlinked(memory));
}

void* reallocate(void* memory, std::size_t size) {
  if (memory == nullptr) return allocate(size);
  // Not left from here: the parser would keep a pointer to what is gone. Everything is given back then
  // anyway.
  return linked(std::realloc(unlinked(memory), sizeof(Block) + size));
}

void release_all_but(Block* keep) {
  Bound& here = bound();
  while (here.all.next != keep) release(here.all.next + 1);
}

}  // namespace

TSTree* parse_within(std::string_view source, const TSLanguage* language, std::chrono::microseconds time) {
  static std::once_flag once;
  std::call_once(once, [] { ts_set_allocator(allocate, allocate_zeroed, reallocate, release); });
  Bound& here = bound();
  Block* const before = here.all.next;  // trees that are there already
  here.end = Clock::now() + time;
  here.calls = 0;
  if (setjmp(here.leave) != 0) {  // NOLINT(cert-err52-cpp,modernize-avoid-setjmp-longjmp)
    release_all_but(before);
    return nullptr;
  }
  here.is_armed = true;
  TSParser* const parser = ts_parser_new();
  ts_parser_set_language(parser, language);
  TSTree* const tree =
      ts_parser_parse_string(parser, nullptr, source.data(), static_cast<std::uint32_t>(source.size()));
  here.is_armed = false;
  ts_parser_delete(parser);
  return tree;
}

}  // namespace latchkey::flutterflow::dart
