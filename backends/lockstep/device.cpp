#include "lockstep/device.h"

#include <algorithm>

#include "backend/own.h"
#include "lockstep/workers.h"

namespace openswirl {
namespace lockstep {
namespace {

template <class Handle>
using Handles = Pair<std::shared_ptr<const Handle>>;

class Matrix final : public DeviceMatrix {
 public:
  explicit Matrix(Handles<DeviceMatrix> sides) : sides_(std::move(sides)) {}
  uint64_t rows() const override { return sides_.a->rows(); }
  uint64_t columns() const override { return sides_.a->columns(); }
  const Handles<DeviceMatrix>& sides() const { return sides_; }

 private:
  Handles<DeviceMatrix> sides_;
};

class PairedCommitment final : public Commitment {
 public:
  explicit PairedCommitment(Handles<Commitment> sides) : sides_(std::move(sides)) {}
  const Digest& root() const override { return sides_.a->root(); }
  const StackedLayout& layout() const override { return sides_.a->layout(); }
  const Handles<Commitment>& sides() const { return sides_; }

 private:
  Handles<Commitment> sides_;
};

class Key final : public DeviceKey {
 public:
  explicit Key(Handles<DeviceKey> sides) : sides_(std::move(sides)) {}
  const ProvingKey& key() const override { return sides_.a->key(); }
  const Handles<DeviceKey>& sides() const { return sides_; }

 private:
  Handles<DeviceKey> sides_;
};

class TwoDevices final : public LockstepDevice {
 public:
  TwoDevices(std::shared_ptr<Device> a, std::shared_ptr<Device> b)
      : record_(std::make_shared<Record>(a->info().name, b->info().name)),
        sides_{std::move(a), std::move(b)} {
    const DeviceInfo &first = sides_.a->info(), &second = sides_.b->info();
    info_.name = "lockstep(" + first.name + "," + second.name + ")";
    info_.description = first.description + " beside " + second.description;
    info_.memory_bytes = std::min(first.memory_bytes, second.memory_bytes);
    info_.unified_memory = first.unified_memory && second.unified_memory;
  }

  const DeviceInfo& info() const override { return info_; }
  std::optional<Difference> difference() const override { return record_->get(); }

  std::string unsupported_reason(const ProofShape& shape) const override {
    for (const auto& side : {sides_.a, sides_.b}) {
      const std::string reason = side->unsupported_reason(shape);
      if (!reason.empty()) return side->info().name + ": " + reason;
    }
    return {};
  }
  // Both working sets at once.
  Result<MemoryPlan> plan(const VerifyingKey& vk, const ProofShape& shape) const override {
    return guard([&] {
      const auto plans =
          sides_.make(*record_, {"plan", "Device::plan"}, [&](auto& s) { return s.plan(vk, shape); });
      MemoryPlan sum = plans.a;
      sum.commit += plans.b.commit;
      sum.fractions += plans.b.fractions;
      sum.constraints += plans.b.constraints;
      sum.stacking += plans.b.stacking;
      sum.whir += plans.b.whir;
      return sum;
    });
  }
  Status self_test(const Context& context) override {
    return guard([&] {
      sides_.each(*record_, {"self_test", "Device::self_test"},
                  [&](auto& s) { return s.self_test(context); });
    });
  }

  Result<std::shared_ptr<const DeviceMatrix>> import(const HostMatrix& matrix,
                                                     const Context& context) override {
    return guard([&]() -> std::shared_ptr<const DeviceMatrix> {
      return std::make_shared<const Matrix>(sides_.make(*record_, {"import", "Device::import"},
                                                        [&](auto& s) { return s.import(matrix, context); }));
    });
  }

  Result<std::shared_ptr<const Commitment>> commit(
      const SystemParams& params, std::span<const std::shared_ptr<const DeviceMatrix>> matrices,
      const Context& context) override {
    return guard([&] {
      std::vector<std::shared_ptr<const DeviceMatrix>> of_a, of_b;
      for (const auto& matrix : matrices) {
        const Matrix& mine = own<Matrix>(matrix.get(), "a matrix");
        of_a.push_back(mine.sides().a);
        of_b.push_back(mine.sides().b);
      }
      record_->clear();
      const Place place{"commit", "Device::commit"};
      return compared({take_from(sides_.a->commit(params, of_a, context), record_->a(), place),
                       take_from(sides_.b->commit(params, of_b, context), record_->b(), place)},
                      place);
    });
  }

  Result<HostCommitment> export_commitment(const Commitment& commitment, const Context& context) override {
    return guard([&] {
      const Handles<Commitment>& handles = own<PairedCommitment>(&commitment, "the commitment").sides();
      const Place place{"commit", "Device::export_commitment"};
      HostCommitment first = take_from(sides_.a->export_commitment(*handles.a, context), record_->a(), place);
      const HostCommitment second =
          take_from(sides_.b->export_commitment(*handles.b, context), record_->b(), place);
      require_equal(first, second, *record_, place);
      return first;
    });
  }

  Result<std::shared_ptr<const Commitment>> import_commitment(
      const SystemParams& params, std::shared_ptr<const HostCommitment> commitment,
      const Context& context) override {
    return guard([&] {
      const Place place{"commit", "Device::import_commitment"};
      return compared(sides_.make(*record_, place,
                                  [&](auto& s) { return s.import_commitment(params, commitment, context); }),
                      place);
    });
  }

  Result<std::shared_ptr<const DeviceKey>> load_key(std::shared_ptr<const ProvingKey> key,
                                                    const Context& context) override {
    return guard([&]() -> std::shared_ptr<const DeviceKey> {
      return std::make_shared<const Key>(sides_.make(*record_, {"key", "Device::load_key"},
                                                     [&](auto& s) { return s.load_key(key, context); }));
    });
  }

  Result<std::unique_ptr<Session>> begin(std::shared_ptr<const DeviceKey> key, const ProofShape& shape,
                                         std::vector<TraceInput> traces, const Context& context) override {
    return guard([&] {
      record_->clear();
      const Handles<DeviceKey>& keys = own<Key>(key.get(), "the key").sides();
      std::vector<TraceInput> of_a, of_b;
      for (TraceInput& trace : traces) {
        const Matrix& common = own<Matrix>(trace.common_main.get(), "a trace");
        TraceInput& a = of_a.emplace_back(TraceInput{common.sides().a, {}, trace.public_values});
        TraceInput& b = of_b.emplace_back(TraceInput{common.sides().b, {}, std::move(trace.public_values)});
        for (const auto& cached : trace.cached_mains) {
          const PairedCommitment& commitment = own<PairedCommitment>(cached.get(), "a cached commitment");
          a.cached_mains.push_back(commitment.sides().a);
          b.cached_mains.push_back(commitment.sides().b);
        }
      }
      const Place place{"begin", "Device::begin"};
      auto first = take_from(sides_.a->begin(keys.a, shape, std::move(of_a), context), record_->a(), place);
      auto second = take_from(sides_.b->begin(keys.b, shape, std::move(of_b), context), record_->b(), place);
      return make_session(record_, {std::move(first), std::move(second)});
    });
  }

 private:
  std::shared_ptr<const Commitment> compared(Handles<Commitment> handles, const Place& place) const {
    require_equal(handles.a->root(), handles.b->root(), *record_, place);
    return std::make_shared<const PairedCommitment>(std::move(handles));
  }

  std::shared_ptr<Record> record_;
  Pair<std::shared_ptr<Device>> sides_;
  DeviceInfo info_;
};

}  // namespace
}  // namespace lockstep

std::shared_ptr<LockstepDevice> make_lockstep_device(std::shared_ptr<Device> a, std::shared_ptr<Device> b) {
  return std::make_shared<lockstep::TwoDevices>(std::move(a), std::move(b));
}

}  // namespace openswirl
