// Turns openswirl::Error into the exception classes of openswirl.errors, with their fields.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "bindings/bindings.h"

namespace openswirl::bindings {
namespace {

const char* kind_name(FailureKind kind) {
  switch (kind) {
    case FailureKind::kFormat:
      return "format";
    case FailureKind::kKeygen:
      return "keygen";
    case FailureKind::kInput:
      return "input";
    case FailureKind::kUnbalancedBus:
      return "unbalanced_bus";
    case FailureKind::kDevice:
      return "device";
    case FailureKind::kUnsupported:
      return "unsupported";
    case FailureKind::kOutOfMemory:
      return "out_of_memory";
    case FailureKind::kCancelled:
      return "cancelled";
    case FailureKind::kTimeout:
      return "timeout";
    case FailureKind::kUnsatisfied:
      return "unsatisfied";
    case FailureKind::kInternal:
      return "internal";
  }
  return "internal";
}

void raise(const Failure& failure) {
  // The classes live in Python so that they document themselves; they are looked up only when one is raised.
  const nb::object make = nb::module_::import_("openswirl.errors").attr("from_native");
  const nb::object error = make(kind_name(failure.kind), as_text(failure.message), as_text(failure.where),
                                failure.offset, failure.bus, failure.need, failure.have);
  PyErr_SetObject(error.type().ptr(), error.ptr());
}

}  // namespace

void bind_errors(nb::module_&) {
  nb::register_exception_translator(
      [](const std::exception_ptr& thrown, void*) {
        try {
          std::rethrow_exception(thrown);
        } catch (const Error& error) {
          raise(error.failure());
        } catch (const std::bad_alloc&) {
          raise(no_memory_failure());
        }
      },
      nullptr);
}

}  // namespace openswirl::bindings
