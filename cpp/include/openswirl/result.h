// Result<T>: a value or a Failure. The form in which calls cross the edge of a backend plugin.
#pragma once

#include <new>
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

// Runs `body` and turns whatever it throws into a Failure: the outermost frame of every backend method.
template <class Body>
auto guard(Body&& body) noexcept -> Result<std::invoke_result_t<Body>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
      body();
      return {};
    } else {
      return body();
    }
  } catch (const Error& error) {
    return error.failure();
  } catch (const std::bad_alloc&) {
    Failure failure;
    failure.kind = FailureKind::kOutOfMemory;
    failure.message = "the system has no memory left; use a smaller trace or close other programs";
    return failure;
  } catch (const std::exception& error) {
    Failure failure;
    failure.message = std::string("internal error: ") + error.what();
    return failure;
  } catch (...) {
    Failure failure;
    failure.message = "internal error of unknown type";
    return failure;
  }
}

}  // namespace openswirl
