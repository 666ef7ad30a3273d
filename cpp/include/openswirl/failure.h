// Every error of the library: a kind, a sentence (what, where, the limit, the remedy) and its fields.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace openswirl {

enum class FailureKind {
  kFormat,         // bytes that do not decode; `offset` is where
  kKeygen,         // an AIR or parameters that have no key
  kInput,          // traces, values or options that do not fit the key
  kUnbalancedBus,  // the LogUp sum is not zero; `bus` when it is known
  kDevice,         // device missing, lost, refused or failed
  kUnsupported,    // the device cannot do this shape; the message is the reason
  kOutOfMemory,    // `need` and `have` in bytes, `where` the phase
  kCancelled,
  kTimeout,
  kUnsatisfied,  // the fresh proof does not verify: the trace violates its constraints
  kInternal,     // a bug in this library
};

struct Failure {
  FailureKind kind = FailureKind::kInternal;
  std::string message;
  std::string where;
  std::optional<uint64_t> offset;
  std::optional<uint32_t> bus;
  std::optional<uint64_t> need;
  std::optional<uint64_t> have;
};

// The exception that carries a Failure inside one library; plugin edges carry it as a Result instead. Visible
// also from libraries with hidden visibility, so that all of them catch the same type.
class __attribute__((visibility("default"))) Error : public std::exception {
 public:
  explicit Error(Failure failure) : failure_(std::move(failure)) {}
  Error(FailureKind kind, std::string message) {
    failure_.kind = kind, failure_.message = std::move(message);
  }
  const char* what() const noexcept override { return failure_.message.c_str(); }
  const Failure& failure() const { return failure_; }
  FailureKind kind() const { return failure_.kind; }

 private:
  Failure failure_;
};

}  // namespace openswirl
