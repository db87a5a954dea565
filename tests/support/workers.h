// Many requests at the same moment.
#pragma once

#include <barrier>
#include <exception>
#include <thread>
#include <type_traits>
#include <vector>

namespace latchkey::e2e {

// Runs `work(0)` to `work(count - 1)`, each on a thread of its own, all let go at once; what they return, in
// that order. What one throws is thrown here.
template <class Work>
auto at_once(std::size_t count, const Work& work) {
  using R = std::invoke_result_t<Work, std::size_t>;
  std::vector<R> results(count);
  std::vector<std::exception_ptr> failures(count);
  std::barrier start(static_cast<std::ptrdiff_t>(count));
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        try {
          results[i] = work(i);
        } catch (...) {
          failures[i] = std::current_exception();
        }
      });
    }
  }
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return results;
}

}  // namespace latchkey::e2e
