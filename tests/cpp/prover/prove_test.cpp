// Proofs of the vectors' cases on the reference backend: the transcript, then the bytes, equal the recorded
// ones.
#include "prover/prove.h"

#include "case.h"
#include "harness.h"
#include "reference/backend.h"

using namespace openswirl;

namespace {

// "" if the logs agree, else the first differing entry.
std::string first_difference(const std::string& name, const std::vector<LogEntry>& log) {
  const vectors::Array values = vectors::read_npy(vectors::folder() / name / "transcript_values.npy");
  const vectors::Array is_sample = vectors::read_npy(vectors::folder() / name / "transcript_is_sample.npy");
  for (size_t i = 0; i < std::min(log.size(), values.values.size()); ++i) {
    if (log[i].value.canonical() == values.values[i] && log[i].is_sample == (is_sample.values[i] != 0))
      continue;
    return name + ": entry " + std::to_string(i) + " is " + std::to_string(log[i].value.canonical()) +
           ", expected " + std::to_string(values.values[i]);
  }
  if (log.size() == values.values.size()) return "";
  return name + ": " + std::to_string(log.size()) + " entries, expected " +
         std::to_string(values.values.size());
}

void prove_case(const std::string& name) {
  const std::shared_ptr<Device> device = make_reference_backend()->open(0).take();
  const Context context;
  const auto key = test_case::read_key(name, *device, context);
  const auto device_key = device->load_key(key, context).take();
  for (size_t id = 0; id < key->airs.size(); ++id) {
    if (key->airs[id].preprocessed)
      CHECK(key->airs[id].preprocessed->root() == key->vk.airs[id].preprocessed->commit);
  }
  std::vector<LogEntry> log;
  ProveOptions options;
  options.log = &log;
  std::vector<uint8_t> bytes;
  try {
    bytes = encode_proof(prove(*device, device_key, test_case::read_traces(name, key->vk, *device, context),
                               options, context));
  } catch (const Error& error) {
    CHECK_EQ(name + ": " + error.what(), name);
  }
  CHECK_EQ(first_difference(name, log), "");
  CHECK(bytes == vectors::read_bytes(vectors::folder() / name / "proof.bin"));
}

}  // namespace

TEST_CASE("without interactions") {
  for (const char* name : {"fib_h2", "fib_h1", "fib_h3", "fib_h5", "fib_h8", "fib_optional_absent",
                           "required_air", "final_poly_len", "preprocessed_fib_h4", "preprocessed_fib_h1",
                           "preprocessed_fib_h8", "preprocessed_cached2"}) {
    prove_case(name);
  }
}

TEST_CASE("with interactions") {
  for (const char* name : {"interactions11", "tight_limits", "xi_padded", "cached11", "self_interaction_h2",
                           "self_interaction_h0", "self_interaction_h5", "stacking_overflow", "mixture_h3",
                           "mixture_h5", "no_grinding"}) {
    prove_case(name);
  }
}

TEST_CASE("other parameters") {
  for (const char* name :
       {"interactions_l0_n8_k3", "interactions_l1_n8_k2", "interactions_l2_n8_k4", "interactions_l3_n6_k1",
        "interactions_l4_n8_k4", "interactions_l5_n5_k3", "mixture_l0_n8_k3", "mixture_l1_n8_k2",
        "mixture_l2_n8_k4", "mixture_l3_n6_k1", "mixture_l4_n8_k4", "mixture_l5_n5_k3", "one_whir_round"}) {
    prove_case(name);
  }
}

TEST_CASE("random AIRs") {
  for (const char* name : {"random_2", "random_3", "random_1"}) prove_case(name);
}

TEST_CASE("Keccak-f of two permutations") { prove_case("keccakf_2"); }
