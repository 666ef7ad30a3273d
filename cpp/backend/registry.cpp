#include "backend/registry.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace openswirl {
namespace {

bool is_device_name(std::string_view name) {
  return !name.empty() && name != "auto" && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Failure device_failure(std::string message) {
  Failure failure;
  failure.kind = FailureKind::kDevice;
  failure.message = std::move(message);
  return failure;
}

Failure input_failure(std::string message) {
  Failure failure;
  failure.kind = FailureKind::kInput;
  failure.message = std::move(message);
  return failure;
}

}  // namespace

Registry& Registry::global() {
  // Never destroyed: devices may outlive static destruction in an interpreter that exits.
  static auto* registry = new Registry;
  return *registry;
}

Status Registry::add(std::shared_ptr<Backend> backend, std::string origin) {
  const std::string name = backend->name();
  if (!is_device_name(name)) {
    return input_failure("backend name '" + name + "' is not made of a-z, 0-9, '-' and '_', or is reserved");
  }
  const std::lock_guard lock(mutex_);
  for (Slot& slot : slots_) {
    if (slot.name != name) continue;
    if (!slot.backend) {
      slot = Slot{std::move(backend), name, {}, std::move(origin), {}};
      return {};
    }
    return input_failure("backend '" + name + "' is already registered, from " + slot.origin +
                         "; the one from " + origin + " was refused");
  }
  slots_.push_back(Slot{std::move(backend), name, {}, std::move(origin), {}});
  return {};
}

void Registry::add_unavailable(std::string name, std::string reason, std::string origin) {
  const std::lock_guard lock(mutex_);
  for (Slot& slot : slots_) {
    if (slot.name != name) continue;
    if (!slot.backend) slot.reason = std::move(reason), slot.origin = std::move(origin);
    return;
  }
  slots_.push_back(Slot{nullptr, std::move(name), std::move(reason), std::move(origin), {}});
}

std::vector<Registry::Slot> Registry::slots() const {
  const std::lock_guard lock(mutex_);
  return slots_;
}

std::vector<DeviceEntry> Registry::list() const {
  std::vector<DeviceEntry> entries, unavailable;
  for (const Slot& slot : slots()) {
    if (!slot.backend) {
      unavailable.push_back({slot.name, {}, 0, {}, slot.reason, slot.origin});
      continue;
    }
    const std::vector<DeviceInfo> devices = slot.backend->devices();
    for (const DeviceInfo& info : devices) {
      entries.push_back({slot.name, info.name, slot.backend->score(), info, {}, slot.origin});
    }
    if (devices.empty()) {
      std::string reason = slot.backend->unavailable_reason();
      if (reason.empty()) reason = "no device found";
      unavailable.push_back({slot.name, {}, 0, {}, std::move(reason), slot.origin});
    }
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const DeviceEntry& a, const DeviceEntry& b) { return a.score > b.score; });
  entries.insert(entries.end(), unavailable.begin(), unavailable.end());
  return entries;
}

std::string Registry::known_devices() const {
  std::string known;
  for (const Slot& slot : slots()) {
    if (!slot.backend) continue;
    for (const DeviceInfo& info : slot.backend->devices()) {
      if (info.executes) known += (known.empty() ? "" : ", ") + info.name;
    }
  }
  return known.empty() ? "none" : known;
}

Result<std::shared_ptr<Device>> Registry::open(std::string_view device) {
  const std::vector<Slot> known = slots();
  if (device == "auto") {
    const Slot* best = nullptr;
    int best_score = 0;
    for (const Slot& slot : known) {
      if (!slot.backend || slot.backend->devices().empty()) continue;
      const int score = slot.backend->score();
      if (score > best_score) best = &slot, best_score = score;
    }
    if (!best) {
      return device_failure("no device can be chosen automatically; known devices: " + known_devices());
    }
    return open_slot(*best, 0);
  }

  const std::string asked(device);
  const size_t colon = device.find(':');
  const std::string_view name = device.substr(0, colon);
  uint32_t index = 0;
  if (colon != std::string_view::npos) {
    const std::string_view digits = device.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) {
      return device_failure(
          "device '" + asked +
          "': after the colon there must be a device index; known devices: " + known_devices());
    }
  }
  for (const Slot& slot : known) {
    if (slot.name == name) return open_slot(slot, index);
  }
  return device_failure("unknown device '" + asked + "'; known devices: " + known_devices() + ", and 'auto'");
}

Result<std::shared_ptr<Device>> Registry::open_slot(const Slot& slot, uint32_t index) {
  if (!slot.backend) {
    return device_failure("device '" + slot.name + "' is not available: " + slot.reason +
                          "; known devices: " + known_devices());
  }
  const size_t count = slot.backend->devices().size();
  if (count == 0) {
    return device_failure("device '" + slot.name + "' is not available: " +
                          slot.backend->unavailable_reason() + "; known devices: " + known_devices());
  }
  if (index >= count) {
    return device_failure("device '" + slot.name + ":" + std::to_string(index) + "' does not exist: '" +
                          slot.name + "' has " + std::to_string(count) +
                          (count == 1 ? " device" : " devices") + "; known devices: " + known_devices());
  }
  if (index < slot.opened.size() && slot.opened[index]) return slot.opened[index];
  Result<std::shared_ptr<Device>> opened = slot.backend->open(index);
  if (!opened.ok()) return opened;
  return keep(slot.name, index, std::move(opened).take());
}

// The device that is kept under this name: the one given, unless another thread was faster.
std::shared_ptr<Device> Registry::keep(const std::string& name, uint32_t index,
                                       std::shared_ptr<Device> device) {
  const std::lock_guard lock(mutex_);
  for (Slot& slot : slots_) {
    if (slot.name != name) continue;
    if (slot.opened.size() <= index) slot.opened.resize(index + 1);
    if (!slot.opened[index]) slot.opened[index] = std::move(device);
    return slot.opened[index];
  }
  return device;
}

}  // namespace openswirl
