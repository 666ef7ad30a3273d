// Key generation from Python: definitions made by openswirl.air, preprocessed traces committed by a device.
#include "keygen/keygen.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "bindings/bindings.h"
#include "bindings/commitments.h"
#include "bindings/open_device.h"
#include "bindings/running.h"

namespace openswirl::bindings {
namespace {

std::shared_ptr<const ProvingKey> run_keygen(const SystemParams& params,
                                             const std::vector<std::shared_ptr<const AirDefinition>>& airs,
                                             const std::vector<uint32_t>& required,
                                             const std::string& device_name, unsigned threads,
                                             std::optional<double> timeout,
                                             std::shared_ptr<CancelToken> cancel) {
  const CallOptions options{threads, timeout, std::move(cancel), nb::object()};
  Context context = make_context(options);
  std::shared_ptr<const ProvingKey> key;
  run_interruptible(options, context, [&] {
    const bool has_preprocessed =
        std::any_of(airs.begin(), airs.end(), [](const auto& air) { return air->preprocessed.has_value(); });
    // A device asked for by name must exist even if this key gives it nothing to do.
    std::shared_ptr<Device> device;
    if (has_preprocessed || device_name != "auto") device = open_device(device_name);
    const auto commit = [&](const SystemParams& p, const PreprocessedTrace& trace) {
      const HostMatrix matrix{trace.data, trace.rows, trace.columns, HostMatrix::Order::kRowMajor,
                              trace.owner};
      const auto commitment = commit_matrix(*device, p, matrix, context);
      return std::make_shared<const HostCommitment>(device->export_commitment(*commitment, context).take());
    };
    key = std::make_shared<const ProvingKey>(keygen(params, airs, required, commit));
  });
  return key;
}

}  // namespace

void bind_keygen(nb::module_& module) {
  module.def("keygen", &run_keygen, nb::arg("params"), nb::arg("airs"), nb::arg("required"),
             nb::arg("device"), nb::kw_only(), nb::arg("threads"), nb::arg("timeout").none(),
             nb::arg("cancel").none());
}

}  // namespace openswirl::bindings
