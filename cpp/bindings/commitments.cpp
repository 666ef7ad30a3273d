// Commitments made before any proof: cached parts of users, and preprocessed traces of keys given as data.
#include "bindings/commitments.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <bit>
#include <utility>

#include "bindings/open_device.h"
#include "bindings/running.h"
#include "prover/check_inputs.h"

namespace openswirl::bindings {
namespace {

void check_committable(const SystemParams& params, uint64_t rows, uint64_t columns) {
  if (columns == 0)
    throw Error(FailureKind::kInput, "a matrix without columns cannot be committed on its own");
  if (rows == 0 || !std::has_single_bit(rows)) {
    throw Error(FailureKind::kInput,
                "the matrix has " + std::to_string(rows) + " rows; the height must be a power of two");
  }
  if (params.log_stacked_height() < 63 && rows > uint64_t{1} << params.log_stacked_height()) {
    throw Error(FailureKind::kInput, "the matrix has " + std::to_string(rows) +
                                         " rows, more than the stacked height 2^" +
                                         std::to_string(params.log_stacked_height()));
  }
}

std::shared_ptr<BoundCommitment> commit(const SystemParams& params, const MatrixArray& matrix,
                                        const std::string& device_name, unsigned threads,
                                        std::optional<double> timeout, std::shared_ptr<CancelToken> cancel) {
  const CallOptions options{threads, timeout, std::move(cancel), nb::object()};
  auto bound = std::make_shared<BoundCommitment>();
  bound->params = params;
  const HostMatrix host{matrix.data(), matrix.shape(0), matrix.shape(1), HostMatrix::Order::kRowMajor,
                        nullptr};
  bound->rows = host.rows, bound->columns = host.columns;
  Context context = make_context(options);
  run_interruptible(options, context, [&] {
    check_committable(params, bound->rows, bound->columns);
    bound->device = open_device(device_name);
    require_canonical(host, "the matrix", context);
    bound->commitment = commit_matrix(*bound->device, params, host, context);
  });
  return bound;
}

// A proving key from a verifying key and the commitments of its preprocessed traces, (AIR id, commitment).
std::shared_ptr<const ProvingKey> assemble(
    const VerifyingKey& vk, std::vector<std::string> names,
    const std::vector<std::pair<uint32_t, std::shared_ptr<BoundCommitment>>>& preprocessed) {
  const nb::gil_scoped_release release;
  auto key = std::make_shared<ProvingKey>();
  key->vk = vk;
  key->airs.resize(vk.airs.size());
  if (names.size() != vk.airs.size()) {
    throw Error(FailureKind::kInput, "a key of " + std::to_string(vk.airs.size()) +
                                         " AIRs needs as many names, not " + std::to_string(names.size()));
  }
  for (size_t i = 0; i < names.size(); ++i) key->airs[i].name = std::move(names[i]);
  for (const auto& [air_id, bound] : preprocessed) {
    if (air_id >= vk.airs.size() || !vk.airs[air_id].preprocessed) {
      throw Error(FailureKind::kInput,
                  "AIR " + std::to_string(air_id) + " of this key has no preprocessed trace");
    }
    if (bound->commitment->root() != vk.airs[air_id].preprocessed->commit) {
      throw Error(FailureKind::kInput, "the preprocessed trace given for AIR " + std::to_string(air_id) +
                                           " is not the one that the key commits to");
    }
    key->airs[air_id].preprocessed = std::make_shared<const HostCommitment>(
        bound->device->export_commitment(*bound->commitment, Context{}).take());
  }
  for (size_t i = 0; i < vk.airs.size(); ++i) {
    if (vk.airs[i].preprocessed && !key->airs[i].preprocessed) {
      throw Error(FailureKind::kInput, "the preprocessed trace of AIR " + std::to_string(i) + " is missing");
    }
  }
  return key;
}

}  // namespace

void require_canonical(const HostMatrix& matrix, const std::string& what, const Context& context) {
  const std::optional<uint64_t> index = check_canonical(matrix, context);
  if (!index) return;
  throw Error(FailureKind::kInput, what + "[" + std::to_string(*index / matrix.columns) + ", " +
                                       std::to_string(*index % matrix.columns) + "] is " +
                                       std::to_string(matrix.data[*index]) +
                                       ", must be below p = " + std::to_string(Fp::kModulus));
}

std::shared_ptr<const Commitment> commit_matrix(Device& device, const SystemParams& params,
                                                const HostMatrix& matrix, const Context& context) {
  const std::shared_ptr<const DeviceMatrix> imported = device.import(matrix, context).take();
  return device.commit(params, {&imported, 1}, context).take();
}

std::shared_ptr<const Commitment> commitment_on(const BoundCommitment& bound, Device& device,
                                                const Context& context) {
  if (bound.device.get() == &device) return bound.commitment;
  auto host = std::make_shared<const HostCommitment>(
      bound.device->export_commitment(*bound.commitment, context).take());
  return device.import_commitment(bound.params, std::move(host), context).take();
}

void bind_commitments(nb::module_& module) {
  nb::class_<CancelToken>(module, "CancelToken")
      .def(nb::init<>())
      .def("cancel", &CancelToken::cancel)
      .def_prop_ro("cancelled", &CancelToken::stop_requested);
  nb::class_<BoundCommitment>(module, "Commitment")
      .def_prop_ro("root", [](const BoundCommitment& bound) { return canonical(bound.commitment->root()); })
      .def_prop_ro("device", [](const BoundCommitment& bound) { return bound.device->info().name; })
      .def_prop_ro("stacked_width",
                   [](const BoundCommitment& bound) { return bound.commitment->layout().width; });
  module.def("commit", &commit, nb::arg("params"), nb::arg("matrix").noconvert(), nb::arg("device"),
             nb::kw_only(), nb::arg("threads"), nb::arg("timeout").none(), nb::arg("cancel").none());
  module.def("assemble_proving_key", &assemble, nb::arg("vk"), nb::arg("names"), nb::arg("preprocessed"));
}

}  // namespace openswirl::bindings
