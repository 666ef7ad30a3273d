// The registry as Python sees it: listing devices and loading plugins.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "backend/plugin_loader.h"
#include "bindings/bindings.h"

namespace openswirl::bindings {

void bind_devices(nb::module_& module) {
  nb::class_<DeviceEntry>(module, "DeviceEntry")
      .def_ro("backend", &DeviceEntry::backend)
      .def_ro("device", &DeviceEntry::device)
      .def_ro("score", &DeviceEntry::score)
      .def_prop_ro("description", [](const DeviceEntry& entry) { return entry.info.description; })
      .def_prop_ro("memory_bytes", [](const DeviceEntry& entry) { return entry.info.memory_bytes; })
      .def_prop_ro("unified_memory", [](const DeviceEntry& entry) { return entry.info.unified_memory; })
      .def_ro("unavailable_reason", &DeviceEntry::unavailable_reason)
      .def_ro("origin", &DeviceEntry::origin);
  module.def("devices", [] { return Registry::global().list(); }, nb::call_guard<nb::gil_scoped_release>());
  module.def(
      "load_plugin", [](const std::string& path) { return load_plugin(path).take(); }, nb::arg("path"),
      nb::call_guard<nb::gil_scoped_release>());
  module.def(
      "add_unavailable_backend",
      [](std::string name, std::string reason, std::string origin) {
        Registry::global().add_unavailable(std::move(name), std::move(reason), std::move(origin));
      },
      nb::arg("name"), nb::arg("reason"), nb::arg("origin"));
}

}  // namespace openswirl::bindings
