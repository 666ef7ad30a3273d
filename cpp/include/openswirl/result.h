// Result<T>: a value or a Failure. The form in which calls cross the edge of a backend plugin.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "openswirl/failure.h"

namespace openswirl {

template <class T>
class [[nodiscard]] Result {
 public:
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  Result()
    requires std::is_void_v<T>
      : state_(std::in_place_index<0>) {}
  Result(Stored value)
    requires(!std::is_void_v<T>)
      : state_(std::in_place_index<0>, std::move(value)) {}                        // NOLINT
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  const Failure& failure() const { return std::get<1>(state_); }

  // The value; a failure becomes an Error thrown on this side of the edge.
  T take() && {
    if (!ok()) throw Error(std::move(std::get<1>(state_)));
    if constexpr (!std::is_void_v<T>) return std::move(std::get<0>(state_));
  }

 private:
  std::variant<Stored, Failure> state_;
};

using Status = Result<void>;

// Allocates nothing: the text fits into the string itself. Whoever shows it adds the remedy.
inline Failure no_memory_failure() noexcept {
  Failure failure;
  failure.kind = FailureKind::kOutOfMemory;
  failure.message = "no memory left";
  return failure;
}

// The exception that is being handled as a Failure; out of memory too if there is none left for its text.
inline Failure current_failure() noexcept {
  try {
    try {
      throw;
    } catch (const Error& error) {
      return error.failure();
    } catch (const std::bad_alloc&) {
      return no_memory_failure();
    } catch (const std::exception& error) {
      Failure failure;
      failure.message = std::string("internal error: ") + error.what();
      return failure;
    } catch (...) {
      Failure failure;
      failure.message = "internal error of unknown type";
      return failure;
    }
  } catch (...) {
    return no_memory_failure();
  }
}

// Runs `body` and turns whatever it throws into a Failure: the outermost frame of every backend method that
// does work.
template <class Body>
auto guard(Body&& body) noexcept -> Result<std::invoke_result_t<Body>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
      body();
      return {};
    } else {
      return body();
    }
  } catch (...) {
    return current_failure();
  }
}

}  // namespace openswirl
