// The registry as Python sees it: listing, opening and testing devices, loading plugins.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "backend/plugin_loader.h"
#include "bindings/open_device.h"
#include "bindings/running.h"
#include "lockstep/device.h"
#include "runtime/library_folders.h"
#include "stages/kernels.h"

namespace openswirl::bindings {
namespace {

constexpr std::string_view kLockstep = "lockstep:";

void self_test(const std::string& name) {
  const CallOptions options;
  Context context = make_context(options);
  run_interruptible(options, context, [&] { open_device(name)->self_test(context).take(); });
}

// What the device can do at most, measured now, by the names of openswirl.bench.ceilings.Ceilings.
nb::dict ceilings(const std::string& name, unsigned threads, std::optional<double> timeout,
                  std::shared_ptr<CancelToken> cancel) {
  const CallOptions options{threads, timeout, std::move(cancel), nb::object()};
  Context context = make_context(options);
  Ceilings measured;
  run_interruptible(options, context, [&] { measured = open_device(name)->ceilings(context).take(); });
  nb::dict result;
  result["threads"] = context.pool->size();
  result["multiplications"] = measured.multiplications;
  result["butterflies"] = measured.butterflies;
  result["additions"] = measured.additions;
  result["multiply_accumulates"] = measured.multiply_accumulates;
  result["ext_multiplications"] = measured.ext_multiplications;
  result["permutations"] = measured.permutations;
  result["permutation_s"] = measured.permutation_s;
  result["copy_bytes"] = measured.copy_bytes;
  result["read_bytes"] = measured.read_bytes;
  result["launch_s"] = measured.launch_s;
  result["wait_s"] = measured.wait_s;
  return result;
}

std::shared_ptr<Device> open_one(const std::string& name) {
  auto device = Registry::global().open(name).take();
  if (device->info().executes) return device;
  throw Error(FailureKind::kUnsupported,
              "[" + device->info().name +
                  "] executes nothing, it only plans proofs for openswirl bench --model; use another device");
}

// Instruction sets of the CPU kernels that this machine has, the one in use first.
std::vector<std::string> cpu_kernels() {
  const stages::Kernels& used = stages::kernels();
  std::vector<std::string> names{used.name};
  for (const stages::Kernels* available : stages::available_kernels()) {
    if (available != &used) names.emplace_back(available->name);
  }
  return names;
}

}  // namespace

std::shared_ptr<Device> open_device(const std::string& name) {
  if (name.rfind(kLockstep, 0) != 0) return open_one(name);
  const std::string pair = name.substr(kLockstep.size());
  const size_t comma = pair.find(',');
  if (comma == std::string::npos || pair.find(',', comma + 1) != std::string::npos) {
    throw Error(FailureKind::kDevice,
                "device '" + name + "': lockstep takes two devices, as in lockstep:reference,cpu");
  }
  return make_lockstep_device(open_one(pair.substr(0, comma)), open_one(pair.substr(comma + 1)));
}

void bind_devices(nb::module_& module) {
  nb::class_<DeviceEntry>(module, "DeviceEntry")
      .def_ro("backend", &DeviceEntry::backend)
      .def_ro("device", &DeviceEntry::device)
      .def_ro("score", &DeviceEntry::score)
      .def_prop_ro("description", [](const DeviceEntry& entry) { return entry.info.description; })
      .def_prop_ro("memory_bytes", [](const DeviceEntry& entry) { return entry.info.memory_bytes; })
      .def_prop_ro("unified_memory", [](const DeviceEntry& entry) { return entry.info.unified_memory; })
      .def_prop_ro("executes", [](const DeviceEntry& entry) { return entry.info.executes; })
      .def_prop_ro(
          "unavailable_reason", [](const DeviceEntry& entry) { return as_text(entry.unavailable_reason); },
          nb::sig("def unavailable_reason(self) -> str"))
      .def_prop_ro(
          "origin", [](const DeviceEntry& entry) { return as_text(entry.origin); },
          nb::sig("def origin(self) -> str"));
  module.def("devices", [] { return Registry::global().list(); }, nb::call_guard<nb::gil_scoped_release>());
  module.def("self_test", &self_test, nb::arg("device"));
  module.def("ceilings", &ceilings, nb::arg("device"), nb::kw_only(), nb::arg("threads"),
             nb::arg("timeout").none(), nb::arg("cancel").none(),
             nb::sig("def ceilings(device: str, *, threads: int, timeout: float | None, cancel: CancelToken "
                     "| None) -> dict[str, typing.Any]"));
  module.def("cpu_kernels", &cpu_kernels);
  // Paths are bytes: not all are text.
  module.def(
      "add_library_folder",
      [](const nb::bytes& folder) { add_library_folder(std::string(folder.c_str(), folder.size())); },
      nb::arg("folder"));
  module.def("tell_notices", &tell_notices);
  module.def(
      "load_plugin",
      [](const nb::bytes& path) {
        const std::string copied(path.c_str(), path.size());
        const nb::gil_scoped_release release;
        return load_plugin(copied).take();
      },
      nb::arg("path"));
  module.def(
      "add_unavailable_backend",
      [](std::string name, std::string reason, std::string origin) {
        Registry::global().add_unavailable(std::move(name), std::move(reason), std::move(origin));
      },
      nb::arg("name"), nb::arg("reason"), nb::arg("origin"));
}

}  // namespace openswirl::bindings
