// The primary context of one device, shared by everything of this process that uses the device.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "cuda/driver.h"

namespace openswirl::cuda {

class DeviceContext {
 public:
  // Throws Error{kDevice} if the device cannot be used.
  DeviceContext(const Driver& driver, int index);
  ~DeviceContext();
  DeviceContext(const DeviceContext&) = delete;
  DeviceContext& operator=(const DeviceContext&) = delete;

  const Driver& driver() const { return driver_; }
  int index() const { return index_; }
  DeviceNumber device() const { return device_; }

  // Makes it the calling thread's; before every other call. Throws Error{kDevice} in a forked child.
  void use() const;
  // The same where nothing may be thrown: false if the device cannot be reached any more, or was given up.
  bool reach() const noexcept;
  // Nothing is freed from here on: a device that hangs would be waited for.
  void give_up() const noexcept { given_up_ = true; }

 private:
  const Driver& driver_;
  int index_;
  DeviceNumber device_ = 0;
  Context context_ = nullptr;
  mutable std::atomic<bool> given_up_{false};
};

using SharedContext = std::shared_ptr<const DeviceContext>;

// What is known of a device without a context on it.
struct DeviceFacts {
  std::string name;
  int capability = 0;  // 90 for 9.0
  int multiprocessors = 0, threads_per_multiprocessor = 0;
  uint64_t memory_bytes = 0;
};
DeviceFacts device_facts(const Driver& driver, int index);

}  // namespace openswirl::cuda
