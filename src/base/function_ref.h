// A borrowed callable, for callbacks that do not outlive the call they are passed to.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace latchkey::base {

template <class Signature>
class FunctionRef;

// Two pointers, no allocation. Must not be kept after the call returns (std::function_ref of C++26, in
// small).
template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, Args...>)
  FunctionRef(F&& f)  // NOLINT(google-explicit-constructor)
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* object, Args... args) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...);
        }) {}
  R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  R (*call_)(void*, Args...);
};

}  // namespace latchkey::base
