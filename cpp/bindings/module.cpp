// The extension module openswirl._core: everything the Python package needs of the core.
#include "bindings/bindings.h"
#include "bindings/running.h"
#include "openswirl/abi.h"

NB_MODULE(_core, module) {
  using namespace openswirl::bindings;
  module.doc() = "The native core of openswirl; use the package openswirl instead.";
  module.attr("version") = OPENSWIRL_VERSION;
  module.attr("build_id") = OPENSWIRL_BUILD_ID;
  bind_build(module);
  bind_errors(module);
  bind_params(module);
  bind_keys(module);
  bind_proof(module);
  bind_verify(module);
  bind_soundness(module);
  bind_devices(module);
  bind_commitments(module);
  bind_air(module);
  bind_keygen(module);
  bind_prove(module);
  bind_rehearse(module);
  bind_check(module);
  module.def("end_running_calls", &end_running_calls);
}
