// Proofs of the vectors' cases on the CPU backend, with one and with two threads: the bytes equal the
// recorded ones. OPENSWIRL_TEST_CASES=a,b limits the cases; the production-size presets run only when they
// are named there.
#include "prover/prove.h"

#include <cstdlib>
#include <sstream>

#include "cpu/backend.h"
#include "harness.h"
#include "prover/case.h"

using namespace openswirl;

namespace {

bool is_selected(const std::string& name) {
  const char* names = std::getenv("OPENSWIRL_TEST_CASES");
  if (!names) return name.rfind("preset_", 0) != 0;
  std::istringstream list(names);
  for (std::string listed; std::getline(list, listed, ',');) {
    if (listed == name) return true;
  }
  return false;
}

void prove_case(const std::string& name, unsigned threads) {
  const std::string run = name + " with " + std::to_string(threads) + " threads: ";
  const std::shared_ptr<Device> device = make_cpu_backend()->open(0).take();
  Context context;
  context.pool = std::make_shared<ThreadPool>(threads);
  try {
    const auto key = test_case::read_key(name, *device, context);
    const auto device_key = device->load_key(key, context).take();
    for (size_t id = 0; id < key->airs.size(); ++id) {
      if (!key->airs[id].preprocessed) continue;
      CHECK(key->airs[id].preprocessed->root() == key->vk.airs[id].preprocessed->commit);
    }
    ProveOptions options;
    options.verify_after = false;  // equal bytes say more
    auto traces = test_case::read_traces(name, key->vk, *device, context);
    const auto bytes = encode_proof(prove(*device, device_key, std::move(traces), options, context));
    CHECK_EQ(
        run + (bytes == vectors::read_bytes(vectors::folder() / name / "proof.bin") ? "equal" : "different"),
        run + "equal");
  } catch (const Error& error) {
    CHECK_EQ(run + error.what(), run + "no error");
  }
}

}  // namespace

TEST_CASE("proof bytes of all cases, one thread") {
  size_t proven = 0;
  for (const std::string& name : vectors::cases()) {
    if (is_selected(name)) prove_case(name, 1), ++proven;
  }
  CHECK(proven > 0);
}

TEST_CASE("proof bytes of all cases, two threads") {
  for (const std::string& name : vectors::cases()) {
    if (is_selected(name)) prove_case(name, 2);
  }
}

TEST_CASE("a device frees what a proof used, and cancelled work stops with a typed error") {
  const std::shared_ptr<Device> device = make_cpu_backend()->open(0).take();
  Context context;
  context.pool = std::make_shared<ThreadPool>(2);
  const auto key = test_case::read_key("mixture_h3", *device, context);
  const auto device_key = device->load_key(key, context).take();
  const uint64_t held = context.meter->current();
  {
    auto traces = test_case::read_traces("mixture_h3", key->vk, *device, context);
    prove(*device, device_key, std::move(traces), {}, context);
  }
  CHECK_EQ(context.meter->current(), held);
  CHECK(context.meter->peak() > held);

  auto traces = test_case::read_traces("mixture_h3", key->vk, *device, context);
  context.cancel->cancel();
  FailureKind kind = FailureKind::kInternal;
  try {
    prove(*device, device_key, std::move(traces), {}, context);
  } catch (const Error& error) {
    kind = error.kind();
  }
  CHECK(kind == FailureKind::kCancelled);
  traces.clear();
  CHECK_EQ(context.meter->current(), held);
}

TEST_CASE("the device tests itself and names processor, threads and instruction set") {
  const auto backend = make_cpu_backend();
  const auto device = backend->open(0).take();
  CHECK(device->self_test({}).ok());
  CHECK(device->info().description.find("thread") != std::string::npos);
  CHECK(!backend->open(1).ok());
}
