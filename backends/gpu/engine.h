// What a GPU device holds for all its sessions, and what one piece of work on it needs.
#pragma once

#include <functional>
#include <memory>

#include "gpu/pool.h"
#include "gpu/recorder.h"

namespace openswirl::gpu {

// Constants of the field that kernels look up, made once per device.
struct Tables {
  Array roots;   // factors of w^j, j < 2^11, w of order 2^12: canonical value and quotient each
  Array powers;  // Montgomery words of g^j, j < 2^13, then of g^(2^13 j), j < 2^14; g of order 2^27
};

// Kernels written for the constraints of single AIRs, OPENSWIRL_GENERATED: off; on, compiled in the
// background where they would pay; wait, for them; all, for those of every AIR, and used whether they pay or
// not.
enum class Generated : uint8_t { kOff, kOn, kWait, kAll };

struct Engine {
  std::shared_ptr<Runtime> runtime;
  std::shared_ptr<Pool> pool;
  Tuning tuning{};
  bool host_tail = true;    // small rounds are the host's; OPENSWIRL_HOST_TAIL=off gives all to the device
  bool host_search = true;  // so are searches of few bits; OPENSWIRL_HOST_SEARCH=off
  Generated generated = Generated::kOn;
  Tables tables;
};

// Opens a runtime for work: pool, tables, the faster variant of every kernel where the runtime tunes, else
// the first. Throws Error{kInput} if OPENSWIRL_POOL, OPENSWIRL_HOST_TAIL, OPENSWIRL_HOST_SEARCH or
// OPENSWIRL_TUNING is neither "on" nor "off", or OPENSWIRL_GENERATED unknown.
std::shared_ptr<Engine> make_engine(std::shared_ptr<Runtime> runtime);

// The commands of one caller on a device, with its threads, meter and cancel token.
class Work {
 public:
  Work(std::shared_ptr<const Engine> engine, Context context)
      : engine_(std::move(engine)),
        context_(std::move(context)),
        recorder_(engine_->runtime, engine_->tuning),
        host_tail_(engine_->host_tail),
        host_search_(engine_->host_search) {}

  Recorder& recorder() { return recorder_; }
  const std::shared_ptr<const Engine>& engine() const { return engine_; }
  const Context& context() const { return context_; }
  const Tables& tables() const { return engine_->tables; }
  const RuntimeInfo& device() const { return engine_->runtime->info(); }

  // A stage's threshold of what the host takes, or 0 if the device is to do everything.
  uint64_t host_entries(uint64_t threshold) const { return host_tail_ ? threshold : 0; }

  // Whether the host searches proofs of work of a few bits.
  bool host_search() const { return host_search_; }

  // From here on the device does everything, whatever the engine says.
  void leave_nothing_to_host() { host_tail_ = host_search_ = false; }

  // An array whose contents are undefined.
  Array words(uint64_t count, const char* what) {
    return engine_->pool->words(context_, recorder_, count, what);
  }
  // An array with these contents, which are copied now.
  template <class T>
  Array upload(std::span<const T> values, const char* what) {
    static_assert(sizeof(T) % 4 == 0 && std::is_trivially_copyable_v<T>);
    Array array = words(values.size() * (sizeof(T) / 4), what);
    recorder_.upload(std::as_bytes(values), array.range());
    return array;
  }
  // The same of a table without a copy: the caller keeps it until a wait for the submission.
  template <class T>
  Array upload_borrowed(std::span<const T> values, const char* what) {
    static_assert(sizeof(T) % 4 == 0 && std::is_trivially_copyable_v<T>);
    Array array = words(values.size() * (sizeof(T) / 4), what);
    recorder_.upload_borrowed(std::as_bytes(values), array.range(), true);
    return array;
  }
  // The caller's memory without a copy, until the next wait; null where it cannot be lent.
  std::shared_ptr<Memory> borrow(const void* data, uint64_t bytes) {
    return engine_->runtime->borrow(data, bytes, nullptr);
  }
  // Starts and finishes everything recorded; times of the marks. What the device did is noted in the span
  // that is open.
  std::vector<double> wait();
  // Finishes what was submitted when the recorder's submitted() was this; see there.
  std::vector<double> wait_until(uint64_t submitted);

 private:
  std::vector<double> noted(const std::function<std::vector<double>()>& wait);
  std::shared_ptr<const Engine> engine_;
  Context context_;
  Recorder recorder_;
  bool host_tail_, host_search_;
  DeviceWork noted_;
};

}  // namespace openswirl::gpu
