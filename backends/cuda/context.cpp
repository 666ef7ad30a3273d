#include "cuda/context.h"

namespace openswirl::cuda {

DeviceContext::DeviceContext(const Driver& driver, int index) : driver_(driver), index_(index) {
  driver_.check(driver_.device_get(&device_, index), "cuDeviceGet");
  driver_.check(driver_.context_retain(&context_, device_), "cuDevicePrimaryCtxRetain");
}

DeviceContext::~DeviceContext() {
  if (!forked() && !given_up_) driver_.context_release(device_);
}

void DeviceContext::use() const {
  cuda::driver();  // throws in a forked child
  driver_.check(driver_.context_set(context_), "cuCtxSetCurrent");
}

bool DeviceContext::reach() const noexcept {
  return !forked() && !given_up_ && driver_.context_set(context_) == kSuccess;
}

DeviceFacts device_facts(const Driver& driver, int index) {
  DeviceFacts facts;
  DeviceNumber device = 0;
  driver.check(driver.device_get(&device, index), "cuDeviceGet");
  char name[256] = {};
  driver.check(driver.device_name(name, sizeof(name) - 1, device), "cuDeviceGetName");
  facts.name = name;
  int major = 0, minor = 0;
  driver.check(driver.device_attribute(&major, kComputeMajor, device), "cuDeviceGetAttribute");
  driver.check(driver.device_attribute(&minor, kComputeMinor, device), "cuDeviceGetAttribute");
  driver.check(driver.device_attribute(&facts.multiprocessors, kMultiprocessors, device),
               "cuDeviceGetAttribute");
  driver.check(driver.device_attribute(&facts.threads_per_multiprocessor, kThreadsOfMultiprocessor, device),
               "cuDeviceGetAttribute");
  facts.capability = 10 * major + minor;
  size_t bytes = 0;
  driver.check(driver.device_memory(&bytes, device), "cuDeviceTotalMem");
  facts.memory_bytes = bytes;
  return facts;
}

}  // namespace openswirl::cuda
