// Lockstep on two equal devices proves like one; beside a faulty device it names the first message that
// differs.
#include "lockstep/device.h"

#include "case.h"
#include "faulty_device.h"
#include "googletest.h"
#include "reference/backend.h"

using namespace openswirl;

namespace {

std::shared_ptr<Device> reference_device() { return make_reference_backend()->open(0).take(); }

Proof prove_on(Device& device, const std::string& name) {
  const Context context;
  const auto key = test_case::read_key(name, device, context);
  const auto device_key = device.load_key(key, context).take();
  return prove(device, device_key, test_case::read_traces(name, key->vk, device, context), {}, context);
}

std::optional<uint32_t> none() { return std::nullopt; }

// Proves a case beside a device with this fault; returns what lockstep reports.
Difference difference_with(const faulty::Fault& fault) {
  const auto device = make_lockstep_device(reference_device(),
                                           std::make_shared<faulty::FaultyDevice>(reference_device(), fault));
  try {
    prove_on(*device, "mixture_h5");
    ADD_FAILURE() << "no difference for a fault in " << fault.call;
    return {};
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kDevice);
    const Difference difference = device->difference().value();
    EXPECT_EQ(difference.text(), error.what());
    EXPECT_EQ(difference.stage, error.failure().where);
    return difference;
  }
}

void check_difference(const char* call, uint32_t countdown, const char* stage, std::optional<uint32_t> layer,
                      std::optional<uint32_t> round, std::optional<uint32_t> fold, const char* element) {
  const Difference difference = difference_with({call, countdown});
  EXPECT_EQ(difference.call, call);
  EXPECT_EQ(difference.stage, stage);
  EXPECT_EQ(difference.layer, layer);
  EXPECT_EQ(difference.round, round);
  EXPECT_EQ(difference.fold, fold);
  EXPECT_EQ(difference.element, element);
  EXPECT_EQ(difference.device_a, "reference");
  EXPECT_EQ(difference.device_b, "faulty");
  EXPECT_NE(difference.value_a, difference.value_b);
}

}  // namespace

TEST(Lockstep, EqualDevicesMakeTheProofOfOne) {
  for (const char* name : {"fib_h1", "cached11", "mixture_h3"}) {
    const auto device = make_lockstep_device(reference_device(), reference_device());
    EXPECT_EQ(encode_proof(prove_on(*device, name)),
              vectors::read_bytes(vectors::folder() / name / "proof.bin"));
    EXPECT_FALSE(device->difference().has_value());
  }
}

// By stage, call, place and element.
TEST(Lockstep, NamesTheFirstDifferingMessage) {
  check_difference("Session::commit", 0, "commit", none(), none(), none(), "[0]");
  check_difference("Session::grind", 0, "grind", none(), none(), none(), "");
  check_difference("FractionTree::root", 0, "logup_gkr", 0, none(), none(), "denominator");
  check_difference("FractionTree::first_layer", 0, "logup_gkr", 1, none(), none(), "p1");
  // Layer 2 has one round, layer 3 two: the fourth call is the first round of layer 4.
  check_difference("FractionTree::next", 3, "logup_gkr", 4, 0, none(), "[2]");
  check_difference("FractionTree::next", 2, "logup_gkr", 3, 1, none(), "[2]");
  check_difference("FractionTree::leave", 1, "logup_gkr", 3, none(), none(), "q0");
  check_difference("ConstraintSum::sum_claims", 0, "constraints", none(), 0, none(), "[1] denominator");
  check_difference("ConstraintSum::first_round", 0, "constraints", none(), 0, none(), "[4]");
  check_difference("ConstraintSum::next", 1, "constraints", none(), 2, none(), " length");
  check_difference("ConstraintSum::finish", 0, "constraints", none(), 3, none(), "[2][0][1]");
  check_difference("StackedSum::first_round", 0, "stacked_reduction", none(), 0, none(), "[0]");
  check_difference("StackedSum::next", 4, "stacked_reduction", none(), 5, none(), "[1]");
  check_difference("StackedSum::finish", 0, "stacked_reduction", none(), 8, none(), "[1][0]");
  // k = 3 folds a round.
  check_difference("Opening::next", 4, "whir", none(), 1, 1, "[0]");
  check_difference("Opening::commit_folded", 1, "whir", none(), 1, none(), "[7]");
  check_difference("Opening::evaluate", 0, "whir", none(), 0, none(), "");
  check_difference("Opening::open", 0, "whir", none(), 0, none(), "initial_rows[1] values[5]");
  check_difference("Opening::open", 1, "whir", none(), 1, none(), "codeword_paths digests[3][2]");
  check_difference("Opening::tail", 0, "whir", none(), 2, none(), "[1]");
  check_difference("Device::export_commitment", 0, "commit", none(), none(), none(), "codeword[3]");
}

TEST(Lockstep, TextHasBothValuesAndBothDevices) {
  const Difference difference = difference_with({"Opening::next", 4});
  EXPECT_CONTAINS(difference.text(),
                  "[lockstep] reference and faulty differ in stage whir, round 1, fold 1, Opening::next, "
                  "element [0]: (");
  EXPECT_TRUE(difference.text().starts_with("[lockstep]"));
  EXPECT_CONTAINS(difference.text(),
                  difference.value_a + " on reference, " + difference.value_b + " on faulty");
}

TEST(Lockstep, FailureKeepsItsKindAndNamesTheDevice) {
  const auto device = make_lockstep_device(
      reference_device(),
      std::make_shared<faulty::FaultyDevice>(reference_device(), faulty::Fault{"Device::begin"}));
  try {
    prove_on(*device, "fib_h1");
    ADD_FAILURE() << "no failure";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kOutOfMemory);
    EXPECT_STREQ(error.what(), "[lockstep] faulty failed in Device::begin: no memory");
  }
  EXPECT_FALSE(device->difference().has_value());
}

TEST(Lockstep, RefusesHandlesOfAnotherDevice) {
  const auto alone = reference_device();
  const auto device = make_lockstep_device(alone, reference_device());
  const Context context;
  const auto key = test_case::read_key("fib_h1", *alone, context);
  const auto device_key = alone->load_key(key, context).take();
  auto traces = test_case::read_traces("fib_h1", key->vk, *alone, context);
  EXPECT_THROW(prove(*device, device_key, std::move(traces), {}, context), Error);
}

TEST(Lockstep, NamesTheDeviceThatCannotProveTheShape) {
  const auto device = make_lockstep_device(
      reference_device(),
      std::make_shared<faulty::FaultyDevice>(reference_device(), faulty::Fault{"unsupported"}));
  try {
    prove_on(*device, "fib_h1");
    ADD_FAILURE() << "no failure";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), FailureKind::kUnsupported);
    EXPECT_STREQ(error.what(), "[lockstep(reference,faulty)] cannot prove this shape: faulty: it is broken");
  }
}
