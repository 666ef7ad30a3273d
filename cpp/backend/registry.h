// The backends of this process: built in or loaded from plugins, looked up by device string.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.h"

namespace openswirl {

// One device that can be named, or one backend that offers none here and why.
struct DeviceEntry {
  std::string backend;
  std::string device;  // "cpu", "metal:0"; empty for an unavailable backend
  int score = 0;
  DeviceInfo info;
  std::string unavailable_reason;  // empty for a device that can be opened
  std::string origin;              // path of the plugin
};

// Thread-safe. Backends are called without the lock, so that one may open the devices of another.
class Registry {
 public:
  // The registry that the extension and every plugin share.
  static Registry& global();

  // Fails with kInput for a second backend of the same name or a name that is no device string.
  Status add(std::shared_ptr<Backend> backend, std::string origin);
  // Remembers a backend that could not be loaded, so that naming it explains why.
  void add_unavailable(std::string name, std::string reason, std::string origin);

  // Every device, best score first, then every unavailable backend.
  std::vector<DeviceEntry> list() const;

  // "name" (its device 0), "name:index", or "auto": the highest positive score. Only "auto" chooses; a named
  // device that is missing fails with kDevice and names what can prove. Opened ones are kept and shared.
  Result<std::shared_ptr<Device>> open(std::string_view device);

 private:
  struct Slot {
    std::shared_ptr<Backend> backend;  // null: unavailable
    std::string name, reason, origin;
    std::vector<std::shared_ptr<Device>> opened;
  };
  std::vector<Slot> slots() const;
  std::string known_devices() const;
  Result<std::shared_ptr<Device>> open_slot(const Slot& slot, uint32_t index);
  std::shared_ptr<Device> keep(const std::string& name, uint32_t index, std::shared_ptr<Device> device);

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
};

}  // namespace openswirl
