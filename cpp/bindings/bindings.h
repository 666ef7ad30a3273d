// What the binding files share: their entry points and the conversions that several of them need.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hash/poseidon2.h"
#include "openswirl/failure.h"
#include "openswirl/result.h"

namespace openswirl::bindings {

namespace nb = nanobind;

// A trace matrix: uint32 [rows, columns], row-major, never converted or copied.
using MatrixArray = nb::ndarray<const uint32_t, nb::numpy, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// The canonical values of a digest.
inline std::vector<uint32_t> canonical(const Digest& digest) {
  std::vector<uint32_t> values;
  for (const Fp value : digest) values.push_back(value.canonical());
  return values;
}

// Where a constraint or an interaction was written; empty if nobody said.
template <class Sources>
std::string source_at(const Sources& sources, size_t index) {
  return index < sources.size() ? sources[index] : std::string();
}

// Borrows the memory of a bytes object, which the caller keeps alive.
inline std::span<const uint8_t> as_span(const nb::bytes& bytes) {
  return {static_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

// Text for people, which may have paths or values of the environment in it and so any bytes.
inline nb::object as_text(const std::string& text) {
  return nb::bytes(text.data(), text.size()).attr("decode")("utf-8", "backslashreplace");
}

inline nb::bytes as_bytes(const std::vector<uint8_t>& bytes) { return nb::bytes(bytes.data(), bytes.size()); }

// One call per subject, each in the file of that name.
void bind_air(nb::module_& module);
void bind_build(nb::module_& module);
void bind_check(nb::module_& module);
void bind_errors(nb::module_& module);
void bind_params(nb::module_& module);
void bind_keygen(nb::module_& module);
void bind_keys(nb::module_& module);
void bind_proof(nb::module_& module);
void bind_devices(nb::module_& module);
void bind_commitments(nb::module_& module);
void bind_soundness(nb::module_& module);
void bind_verify(nb::module_& module);
void bind_prove(nb::module_& module);
void bind_rehearse(nb::module_& module);

}  // namespace openswirl::bindings
