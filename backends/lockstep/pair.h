// Runs one call on both sides and compares the two messages. Internal.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "lockstep/difference.h"

namespace openswirl::lockstep {

// Names of the two devices and the first difference; shared by a device and everything made by it.
class Record {
 public:
  Record(std::string a, std::string b) : a_(std::move(a)), b_(std::move(b)) {}
  const std::string& a() const { return a_; }
  const std::string& b() const { return b_; }

  void clear() { set(std::nullopt); }
  void set(std::optional<Difference> difference) {
    const std::lock_guard lock(mutex_);
    difference_ = std::move(difference);
  }
  std::optional<Difference> get() const {
    const std::lock_guard lock(mutex_);
    return difference_;
  }

 private:
  std::string a_, b_;
  mutable std::mutex mutex_;
  std::optional<Difference> difference_;
};

// Where a call stands in the protocol.
struct Place {
  const char* stage;
  const char* call;
  std::optional<uint32_t> layer{}, round{}, fold{};
};

// The value of one side, its failure marked with the device. Cancellation is nobody's fault and passes
// unchanged.
template <class T>
T take_from(Result<T> result, const std::string& device, const Place& place) {
  if (result.ok()) return std::move(result).take();
  Failure failure = result.failure();
  if (failure.kind != FailureKind::kCancelled && failure.kind != FailureKind::kTimeout) {
    failure.message = "[lockstep] " + device + " failed in " + place.call + ": " + failure.message;
  }
  throw Error(std::move(failure));
}

// Throws Error{kDevice} if the two messages differ, after recording where.
template <class T>
void require_equal(const T& a, const T& b, Record& record, const Place& place) {
  const MaybeFound found = compare(a, b);
  if (!found) return;
  Difference difference{place.stage,    place.call, place.layer, place.round, place.fold,
                        found->element, found->a,   found->b,    record.a(),  record.b()};
  Failure failure;
  failure.kind = FailureKind::kDevice;
  failure.message = difference.text();
  failure.where = place.stage;
  record.set(std::move(difference));
  throw Error(std::move(failure));
}

// The same worker, session or device on both sides. `Pointer` is a unique or shared pointer.
template <class Pointer>
struct Pair {
  Pointer a, b;

  // a's message; call(side) runs on a, then on b.
  template <class Call>
  auto both(Record& record, const Place& place, Call call) const {
    auto message = take_from(call(*a), record.a(), place);
    const auto other = take_from(call(*b), record.b(), place);
    require_equal(message, other, record, place);
    return message;
  }
  // A call without a message.
  template <class Call>
  void each(Record& record, const Place& place, Call call) const {
    take_from(call(*a), record.a(), place);
    take_from(call(*b), record.b(), place);
  }
  // A call whose results are not messages: two workers or handles.
  template <class Call>
  auto make(Record& record, const Place& place, Call call) const {
    auto first = take_from(call(*a), record.a(), place);
    return Pair<decltype(first)>{std::move(first), take_from(call(*b), record.b(), place)};
  }
};

}  // namespace openswirl::lockstep
