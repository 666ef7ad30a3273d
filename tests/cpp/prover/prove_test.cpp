// Proofs of the vectors' cases on the reference backend: the transcript, then the bytes, equal the recorded
// ones.
#include "prover/prove.h"

#include "case.h"
#include "googletest.h"
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

// A proof on the reference backend of the case that is the parameter.
class ProveOnReference : public testing::TestWithParam<std::string> {};
const auto case_name = [](const auto& info) { return info.param; };

}  // namespace

TEST_P(ProveOnReference, MakesTheRecordedTranscriptAndBytes) {
  const std::string& name = GetParam();
  const std::shared_ptr<Device> device = make_reference_backend()->open(0).take();
  const Context context;
  const auto key = test_case::read_key(name, *device, context);
  const auto device_key = device->load_key(key, context).take();
  for (size_t id = 0; id < key->airs.size(); ++id) {
    if (key->airs[id].preprocessed) {
      EXPECT_EQ(key->airs[id].preprocessed->root(), key->vk.airs[id].preprocessed->commit);
    }
  }
  std::vector<LogEntry> log;
  ProveOptions options;
  options.log = &log;
  const std::vector<uint8_t> bytes = encode_proof(
      prove(*device, device_key, test_case::read_traces(name, key->vk, *device, context), options, context));
  EXPECT_EQ(first_difference(name, log), "");
  EXPECT_EQ(bytes, vectors::read_bytes(vectors::folder() / name / "proof.bin"));
}

INSTANTIATE_TEST_SUITE_P(WithoutInteractions, ProveOnReference,
                         testing::Values("fib_h2", "fib_h1", "fib_h3", "fib_h5", "fib_h8",
                                         "fib_optional_absent", "required_air", "final_poly_len",
                                         "preprocessed_fib_h4", "preprocessed_fib_h1", "preprocessed_fib_h8",
                                         "preprocessed_cached2"),
                         case_name);

INSTANTIATE_TEST_SUITE_P(WithInteractions, ProveOnReference,
                         testing::Values("interactions11", "tight_limits", "xi_padded", "cached11",
                                         "self_interaction_h2", "self_interaction_h0", "self_interaction_h5",
                                         "stacking_overflow", "mixture_h3", "mixture_h5", "no_grinding"),
                         case_name);

INSTANTIATE_TEST_SUITE_P(OtherParameters, ProveOnReference,
                         testing::Values("interactions_l0_n8_k3", "interactions_l1_n8_k2",
                                         "interactions_l2_n8_k4", "interactions_l3_n6_k1",
                                         "interactions_l4_n8_k4", "interactions_l5_n5_k3", "mixture_l0_n8_k3",
                                         "mixture_l1_n8_k2", "mixture_l2_n8_k4", "mixture_l3_n6_k1",
                                         "mixture_l4_n8_k4", "mixture_l5_n5_k3", "one_whir_round"),
                         case_name);

INSTANTIATE_TEST_SUITE_P(RandomAirs, ProveOnReference, testing::Values("random_2", "random_3", "random_1"),
                         case_name);

INSTANTIATE_TEST_SUITE_P(KeccakF, ProveOnReference, testing::Values("keccakf_2"), case_name);
