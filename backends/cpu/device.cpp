// Backend and device of the CPU backend.

#include "backend.h"
#include "plan.h"
#include "runtime/cached_files.h"
#include "runtime/machine.h"
#include "self_test.h"
#include "session.h"
#include "stages/ceilings.h"
#include "stages/kernels.h"

#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

namespace openswirl::cpu {
namespace {

std::string processor_name() {
#ifdef __APPLE__
  char name[128] = {};
  size_t size = sizeof(name) - 1;
  if (sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0) return name;
#else
  const std::string text = read_file("/proc/cpuinfo").value_or("");
  const size_t line = text.find("model name");
  const size_t start = text.find_first_not_of(": \t", text.find(':', line));
  if (line != std::string::npos && start != std::string::npos) {
    return text.substr(start, text.find('\n', start) - start);
  }
#endif
  return "unnamed processor";
}

class CpuDevice final : public Device {
 public:
  explicit CpuDevice(DeviceInfo info) : info_(std::move(info)) {}

  const DeviceInfo& info() const override { return info_; }
  std::string unsupported_reason(const ProofShape&) const override { return {}; }
  Result<MemoryPlan> plan(const VerifyingKey& vk, const ProofShape& shape) const override {
    return guard([&] { return make_plan(vk, shape, ThreadPool(0).size()); });
  }
  Status self_test(const Context& context) override {
    return guard([&] { run_self_test(context); });
  }
  Result<Ceilings> ceilings(const Context& context) override {
    return guard([&] { return stages::measure_ceilings(context); });
  }

  Result<std::shared_ptr<const DeviceMatrix>> import(const HostMatrix& matrix, const Context&) override {
    return guard(
        [&]() -> std::shared_ptr<const DeviceMatrix> { return std::make_shared<const Matrix>(matrix); });
  }

  Result<std::shared_ptr<const Commitment>> commit(
      const SystemParams& params, std::span<const std::shared_ptr<const DeviceMatrix>> matrices,
      const Context& context) override {
    return guard([&]() -> std::shared_ptr<const Commitment> {
      std::vector<stages::SourceMatrix> sources;
      for (const auto& matrix : matrices) sources.push_back(own<Matrix>(matrix, "a matrix")->source());
      return std::make_shared<const StackedCommitment>(context, params, std::span(std::as_const(sources)));
    });
  }

  Result<HostCommitment> export_commitment(const Commitment& commitment, const Context&) override {
    return guard([&] {
      const StackedCommitment& mine = own<StackedCommitment>(&commitment, "the commitment");
      return mine.data().to_host();
    });
  }

  Result<std::shared_ptr<const Commitment>> import_commitment(
      const SystemParams& params, std::shared_ptr<const HostCommitment> commitment,
      const Context& context) override {
    return guard([&]() -> std::shared_ptr<const Commitment> {
      return std::make_shared<const StackedCommitment>(context, params, std::move(commitment));
    });
  }

  Result<std::shared_ptr<const DeviceKey>> load_key(std::shared_ptr<const ProvingKey> key,
                                                    const Context& context) override {
    return guard([&]() -> std::shared_ptr<const DeviceKey> {
      return std::make_shared<const Key>(std::move(key), context);
    });
  }

  Result<std::unique_ptr<Session>> begin(std::shared_ptr<const DeviceKey> key, const ProofShape& shape,
                                         std::vector<TraceInput> traces, const Context& context) override {
    return guard([&] { return make_session(own<Key>(key, "the key"), shape, std::move(traces), context); });
  }

 private:
  DeviceInfo info_;
};

class CpuBackend final : public Backend {
 public:
  std::string name() const override { return "cpu"; }
  int score() const override { return 10; }
  std::vector<DeviceInfo> devices() const override {
    auto info = guard(describe);
    if (!info.ok()) return {};
    return {std::move(info).take()};
  }
  std::string unavailable_reason() const override {
    const auto info = guard(describe);
    return info.ok() ? std::string() : info.failure().message;
  }
  Result<std::shared_ptr<Device>> open(uint32_t index) override {
    return guard([&]() -> std::shared_ptr<Device> {
      if (index != 0) throw Error(FailureKind::kDevice, "the cpu backend has one device, number 0");
      return std::make_shared<CpuDevice>(describe());
    });
  }

 private:
  // Throws Error{kInput} if OPENSWIRL_CPU names no instruction set of this machine.
  static DeviceInfo describe() {
    const unsigned threads = ThreadPool(0).size();
    return {"cpu",
            processor_name() + ", " + std::to_string(threads) + (threads == 1 ? " thread, " : " threads, ") +
                stages::kernels().name,
            physical_memory(), true};
  }
};

}  // namespace
}  // namespace openswirl::cpu

namespace openswirl {

std::shared_ptr<Backend> make_cpu_backend() { return std::make_shared<cpu::CpuBackend>(); }

}  // namespace openswirl
