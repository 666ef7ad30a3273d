#include "lockstep/workers.h"

namespace openswirl::lockstep {
namespace {

template <class Worker>
using Sides = Pair<std::unique_ptr<Worker>>;

class Tree final : public FractionTree {
 public:
  Tree(Record& record, Sides<FractionTree> sides) : record_(record), sides_(std::move(sides)) {}

  Result<Fraction> root() override {
    return guard(
        [&] { return sides_.both(record_, at("FractionTree::root"), [](auto& s) { return s.root(); }); });
  }
  Result<LayerClaims> first_layer() override {
    return guard([&] {
      layer_ = 1;
      return sides_.both(record_, at("FractionTree::first_layer"), [](auto& s) { return s.first_layer(); });
    });
  }
  Status enter(const Ext& lambda, const Ext& mu) override {
    return guard([&] {
      ++layer_;
      sides_.each(record_, at("FractionTree::enter"), [&](auto& s) { return s.enter(lambda, mu); });
    });
  }
  Result<std::array<Ext, 3>> next(const Ext* challenge) override {
    return guard([&] {
      round_ = challenge ? round_ + 1 : 0;
      Place place = at("FractionTree::next");
      place.round = round_;
      return sides_.both(record_, place, [&](auto& s) { return s.next(challenge); });
    });
  }
  Result<LayerClaims> leave(const Ext& challenge) override {
    return guard([&] {
      return sides_.both(record_, at("FractionTree::leave"), [&](auto& s) { return s.leave(challenge); });
    });
  }

 private:
  Place at(const char* call) const { return {"logup_gkr", call, layer_, {}, {}}; }
  Record& record_;
  Sides<FractionTree> sides_;
  uint32_t layer_ = 0, round_ = 0;
};

class Constraints final : public ConstraintSum {
 public:
  Constraints(Record& record, Sides<ConstraintSum> sides) : record_(record), sides_(std::move(sides)) {}

  Result<std::vector<SumClaim>> sum_claims() override {
    return guard([&] {
      return sides_.both(record_, at("ConstraintSum::sum_claims"), [](auto& s) { return s.sum_claims(); });
    });
  }
  Result<std::vector<Ext>> first_round(const Ext& mu) override {
    return guard([&] {
      return sides_.both(record_, at("ConstraintSum::first_round"),
                         [&](auto& s) { return s.first_round(mu); });
    });
  }
  Status fold(const Ext& r_0) override {
    return guard(
        [&] { sides_.each(record_, at("ConstraintSum::fold"), [&](auto& s) { return s.fold(r_0); }); });
  }
  Result<std::vector<Ext>> next(const Ext* challenge) override {
    return guard([&] {
      ++round_;
      return sides_.both(record_, at("ConstraintSum::next"), [&](auto& s) { return s.next(challenge); });
    });
  }
  Result<std::vector<PartOpenings>> finish(const Ext* challenge) override {
    return guard([&] {
      return sides_.both(record_, at("ConstraintSum::finish"), [&](auto& s) { return s.finish(challenge); });
    });
  }

 private:
  Place at(const char* call) const { return {"constraints", call, {}, round_, {}}; }
  Record& record_;
  Sides<ConstraintSum> sides_;
  uint32_t round_ = 0;
};

class Stacked final : public StackedSum {
 public:
  Stacked(Record& record, Sides<StackedSum> sides) : record_(record), sides_(std::move(sides)) {}

  Result<std::vector<Ext>> first_round() override {
    return guard([&] {
      return sides_.both(record_, at("StackedSum::first_round"), [](auto& s) { return s.first_round(); });
    });
  }
  Result<std::array<Ext, 2>> next(const Ext& challenge) override {
    return guard([&] {
      ++round_;
      return sides_.both(record_, at("StackedSum::next"), [&](auto& s) { return s.next(challenge); });
    });
  }
  Result<std::vector<std::vector<Ext>>> finish(const Ext& challenge) override {
    return guard([&] {
      return sides_.both(record_, at("StackedSum::finish"), [&](auto& s) { return s.finish(challenge); });
    });
  }

 private:
  Place at(const char* call) const { return {"stacked_reduction", call, {}, round_, {}}; }
  Record& record_;
  Sides<StackedSum> sides_;
  uint32_t round_ = 0;
};

class Whir final : public Opening {
 public:
  Whir(Record& record, Sides<Opening> sides) : record_(record), sides_(std::move(sides)) {}

  Result<std::array<Ext, 2>> next(const Ext* challenge) override {
    return guard([&] {
      fold_ = challenge ? fold_ + 1 : 0;
      Place place = at("Opening::next");
      place.fold = fold_;
      return sides_.both(record_, place, [&](auto& s) { return s.next(challenge); });
    });
  }
  Result<Digest> commit_folded(const Ext& challenge) override {
    return guard([&] {
      return sides_.both(record_, at("Opening::commit_folded"),
                         [&](auto& s) { return s.commit_folded(challenge); });
    });
  }
  Result<Ext> evaluate(const Ext& z0) override {
    return guard([&] {
      return sides_.both(record_, at("Opening::evaluate"), [&](auto& s) { return s.evaluate(z0); });
    });
  }
  Result<QueryOpenings> open(std::span<const uint32_t> indices) override {
    return guard(
        [&] { return sides_.both(record_, at("Opening::open"), [&](auto& s) { return s.open(indices); }); });
  }
  Status update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) override {
    return guard([&] {
      sides_.each(record_, at("Opening::update"), [&](auto& s) { return s.update(z0, indices, gamma); });
      ++round_;
    });
  }
  Result<std::vector<Ext>> tail(const Ext& challenge) override {
    return guard([&] {
      return sides_.both(record_, at("Opening::tail"), [&](auto& s) { return s.tail(challenge); });
    });
  }

 private:
  Place at(const char* call) const { return {"whir", call, {}, round_, {}}; }
  Record& record_;
  Sides<Opening> sides_;
  uint32_t round_ = 0, fold_ = 0;
};

class LockstepSession final : public Session {
 public:
  LockstepSession(std::shared_ptr<Record> record, Sides<Session> sides)
      : record_(std::move(record)), sides_(std::move(sides)) {}

  Result<Digest> commit() override {
    return guard([&] {
      return sides_.both(*record_, {"commit", "Session::commit"}, [](auto& s) { return s.commit(); });
    });
  }
  Result<Fp> grind(const GrindPoint& point, uint32_t bits) override {
    return guard([&] {
      return sides_.both(*record_, {"grind", "Session::grind"},
                         [&](auto& s) { return s.grind(point, bits); });
    });
  }
  Result<std::unique_ptr<FractionTree>> fraction_tree(const Ext& alpha, const Ext& beta) override {
    return worker<FractionTree, Tree>({"logup_gkr", "Session::fraction_tree"},
                                      [&](auto& s) { return s.fraction_tree(alpha, beta); });
  }
  Result<std::unique_ptr<ConstraintSum>> constraint_sum(const ConstraintChallenges& challenges) override {
    return worker<ConstraintSum, Constraints>({"constraints", "Session::constraint_sum"},
                                              [&](auto& s) { return s.constraint_sum(challenges); });
  }
  Result<std::unique_ptr<StackedSum>> stacked_sum(std::span<const Ext> r, const Ext& lambda) override {
    return worker<StackedSum, Stacked>({"stacked_reduction", "Session::stacked_sum"},
                                       [&](auto& s) { return s.stacked_sum(r, lambda); });
  }
  Result<std::unique_ptr<Opening>> opening(std::span<const Ext> u, const Ext& mu) override {
    return worker<Opening, Whir>({"whir", "Session::opening"}, [&](auto& s) { return s.opening(u, mu); });
  }

 private:
  template <class Worker, class Wrapper, class Call>
  Result<std::unique_ptr<Worker>> worker(const Place& place, Call call) {
    return guard([&]() -> std::unique_ptr<Worker> {
      return std::make_unique<Wrapper>(*record_, sides_.make(*record_, place, call));
    });
  }

  std::shared_ptr<Record> record_;
  Sides<Session> sides_;
};

}  // namespace

std::unique_ptr<Session> make_session(std::shared_ptr<Record> record, Pair<std::unique_ptr<Session>> sides) {
  return std::make_unique<LockstepSession>(std::move(record), std::move(sides));
}

}  // namespace openswirl::lockstep
