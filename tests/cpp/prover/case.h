// A case of the test vectors as inputs of the prover: key, traces and commitments on a given device.
#pragma once

#include <bit>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "codec/proof.h"
#include "codec/verifying_key.h"
#include "prover/prove.h"
#include "vectors.h"

namespace test_case {

using namespace openswirl;

inline HostMatrix read_matrix(const std::string& name, const std::string& file) {
  auto array = std::make_shared<vectors::Array>(vectors::read_npy(vectors::folder() / name / file));
  return {array->values.data(), array->shape[0], array->shape[1], HostMatrix::Order::kRowMajor, array};
}

inline std::shared_ptr<const Commitment> commit_one(Device& device, const SystemParams& params,
                                                    const HostMatrix& matrix, const Context& context) {
  const std::shared_ptr<const DeviceMatrix> imported = device.import(matrix, context).take();
  return device.commit(params, {&imported, 1}, context).take();
}

// The key of a case, its preprocessed traces committed on the device.
inline std::shared_ptr<ProvingKey> read_key(const std::string& name, Device& device, const Context& context) {
  auto key = std::make_shared<ProvingKey>();
  key->vk = decode_verifying_key(vectors::read_bytes(vectors::folder() / name / "vk.postcard"));
  for (size_t id = 0; id < key->vk.airs.size(); ++id) {
    AirPk& air = key->airs.emplace_back();
    if (!key->vk.airs[id].preprocessed) continue;
    const HostMatrix matrix = read_matrix(name, "air" + std::to_string(id) + "_preprocessed.npy");
    const auto commitment = commit_one(device, key->vk.params, matrix, context);
    air.preprocessed =
        std::make_shared<HostCommitment>(device.export_commitment(*commitment, context).take());
  }
  return key;
}

// The traces of a case; public values are those of its proof.
inline std::vector<AirTrace> read_traces(const std::string& name, const VerifyingKey& vk, Device& device,
                                         const Context& context) {
  const Proof proof = decode_proof(vectors::read_bytes(vectors::folder() / name / "proof.bin"));
  std::vector<AirTrace> traces;
  for (uint32_t id = 0; id < vk.airs.size(); ++id) {
    const std::string air = "air" + std::to_string(id);
    if (!std::filesystem::exists(vectors::folder() / name / (air + "_common.npy"))) continue;
    AirTrace& trace = traces.emplace_back();
    trace.air_id = id;
    trace.common_main = read_matrix(name, air + "_common.npy");
    for (size_t j = 0; j < vk.airs[id].width.cached_mains.size(); ++j) {
      const HostMatrix cached = read_matrix(name, air + "_cached" + std::to_string(j) + ".npy");
      trace.cached_mains.push_back(commit_one(device, vk.params, cached, context));
    }
    const std::span<const Fp> values = proof.public_values[id];
    trace.public_values.assign(values.begin(), values.end());
  }
  return traces;
}

// The bytes of the proof that the device makes.
inline std::vector<uint8_t> prove_case(const std::string& name, Device& device, const Context& context) {
  const auto key = read_key(name, device, context);
  const auto device_key = device.load_key(key, context).take();
  ProveOptions options;
  options.verify_after = false;  // equal bytes say more
  auto traces = read_traces(name, key->vk, device, context);
  return encode_proof(prove(device, device_key, std::move(traces), options, context));
}

inline std::vector<uint8_t> recorded_proof(const std::string& name) {
  return vectors::read_bytes(vectors::folder() / name / "proof.bin");
}

}  // namespace test_case
