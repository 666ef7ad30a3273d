#include "gpu/constraint_check.h"

#include <algorithm>
#include <random>

#include "gpu/constraint_pieces.h"
#include "gpu/elements.h"
#include "gpu/tile_sums.h"

namespace openswirl::gpu {
namespace {

using codegen::Form;

// All rows are windows of one block of random words: what they hold does not matter.
constexpr uint64_t kWords = uint64_t{1} << 18;
constexpr uint32_t kLogBlock = 4, kLogPoints = 11, kLogLines = 8, kPositions = 3, kLogLow = 4;
// Without times.
constexpr uint32_t kLogFewPoints = 8, kLogFewLines = 6;
constexpr int kTimedRuns = 3;
static_assert(uint64_t{1} << kLogPoints == kCheckedPoints && kPositions << kLogLines == kCheckedLines);

class Random {
 public:
  Fp base() { return Fp::from_u64(engine_()); }
  Ext element() { return {base(), base(), base(), base()}; }
  std::vector<Ext> elements(size_t count) {
    std::vector<Ext> result;
    for (size_t i = 0; i < count; ++i) result.push_back(element());
    return result;
  }

 private:
  std::mt19937_64 engine_{20260101};
};

struct Sums {
  std::vector<Ext> values;
  double seconds = 0;
};

class Check {
 public:
  Check(Work& work, const VerifyingKey& vk, const ConstraintPrograms& programs, uint32_t air_id, bool timed)
      : work_(work), programs_(programs), timed_(timed) {
    const AirVk& air = vk.airs[air_id];
    view_.air = &air;
    view_.shape.air_id = air_id;
    for (uint32_t i = 0; i < air.num_public_values; ++i) view_.public_values.push_back(random_.base());
    const stages::RowFunctions& functions = programs.air(air_id).functions;
    weights_.constraints = random_.elements(functions.constraints.size());
    weights_.messages = random_.elements(functions.messages.size());
    weights_.counts = random_.elements(functions.counts.size());
    factors_ = {random_.element(), random_.element()};
    std::vector<Fp> words;
    for (uint64_t i = 0; i < kWords; ++i) words.push_back(random_.base());
    rows_ = work.upload(std::span<const Fp>(words), "rows of a check");
    eq_values_ = random_.elements(size_t{2} << kLogLow);
    eq_ = work.upload(std::span<const Ext>(eq_values_), "weights of a check");
  }

  Sums run(Form form, const std::shared_ptr<const GeneratedAir>& generated) {
    const bool points = form == Form::kPoints;
    const uint32_t log_size = points   ? (timed_ ? kLogPoints : kLogFewPoints)
                              : timed_ ? kLogLines
                                       : kLogFewLines;
    const uint32_t positions = points ? 1 : kPositions;
    const uint32_t log_tiles = log_size - (points ? CONSTRAINT_LOG_POINTS : CONSTRAINT_LOG_LINES);
    const PieceRequest request{&view_, generated, positions << log_size};
    PreparedPieces prepared(programs_, form, {&request, 1}, kLineSums, 1);
    prepared.weigh(work_.context(), 0, weights_);
    if (!points) prepared.scale(work_.context(), factors_);
    prepared.upload(work_);
    const TracePieces& pieces = prepared.traces[0];
    const uint64_t tiles = positions << log_tiles;
    const std::vector<TracePiece> parts = std::move(prepared.split({&tiles, 1})[0]);
    TileSums sums;
    sums.add(parts.size(), positions, log_tiles + (points ? kLogBlock : 0), points ? kLogBlock : 0);
    const Range& partials = sums.allocate(work_);

    const uint64_t row_words = points ? uint64_t{1} << kLogPoints : uint64_t{8} << kLogLines;
    std::vector<uint64_t> addresses;
    for (uint64_t r = 0; r < pieces.rows.size(); ++r) {
      addresses.push_back(rows_.range().address() + 16 * (r * 1031 % ((kWords - row_words) / 4)));
    }
    const uint64_t stored_words = uint64_t{points ? 1u : 4u} * positions << log_size;
    const Array stored =
        work_.words(std::max<uint64_t>(pieces.num_stored * stored_words, 1), "stored values");
    for (uint64_t s = 0; s < pieces.num_stored; ++s) {
      addresses.push_back(stored.range().address() + 4 * s * stored_words);
    }
    if (addresses.empty()) addresses.push_back(0);
    const Array table = work_.upload(std::span<const uint64_t>(addresses), "row addresses");

    PieceDispatches dispatches(prepared, form);
    ConstraintsPiece piece{};
    piece.publics = pieces.publics;
    piece.log_size = log_size, piece.log_block = points ? kLogBlock : 0;
    piece.first_position = points ? 0 : 1;
    piece.eq_high = 1u << kLogLow, piece.log_low = kLogLow;
    for (const TracePiece& store : pieces.stores) dispatches.add(store, piece, tiles);
    uint32_t part = 0;
    for (const TracePiece& of_trace : parts) {
      piece.first_partial = u32_of(sums.first_partial(0, part++));
      dispatches.add(of_trace, piece, tiles);
    }
    std::vector<ConstraintsPiece> descriptors;
    dispatches.append_to(descriptors);
    const Array descriptor_table =
        work_.upload(std::span<const ConstraintsPiece>(descriptors), "constraint pieces");
    const Use use{rows_.range(), Access::kRead};
    const size_t begin = work_.recorder().mark();
    (void)dispatches.record(work_, descriptor_table.range(), table.range(), eq_.range(), partials,
                            pieces.num_stored > 0 ? stored.range() : Range{}, {&use, 1});
    const size_t end = work_.recorder().mark();
    sums.record(work_);
    const std::vector<double> marks = work_.wait();
    Sums result{sums.sums(0), marks[end] - marks[begin]};
    const Ext weight = sum_of_weights(points ? log_size - kLogBlock : log_size);
    for (Ext& value : result.values) value += pieces.constants[0] * weight;
    return result;
  }

 private:
  // Of 2^log_count blocks or lines: what a constant is weighed with.
  Ext sum_of_weights(uint32_t log_count) const {
    Ext low = Ext::zero(), high = Ext::zero();
    for (size_t i = 0; i < size_t{1} << kLogLow; ++i) low += eq_values_[i];
    for (size_t i = 0; i < size_t{1} << (log_count - kLogLow); ++i)
      high += eq_values_[(size_t{1} << kLogLow) + i];
    return low * high;
  }

  Work& work_;
  const ConstraintPrograms& programs_;
  bool timed_;
  stages::TraceView view_;
  stages::RowWeights weights_;
  stages::ConstraintRounds::FoldFactors factors_{};
  Random random_;
  std::vector<Ext> eq_values_;  // low table, high table
  Array rows_, eq_;
};

}  // namespace

void check_generated(Work& work, const VerifyingKey& vk, const ConstraintPrograms& programs, uint32_t air_id,
                     bool timed, GeneratedAir& air) {
  Check check(work, vk, programs, air_id, timed);
  const std::shared_ptr<const GeneratedAir> generated(std::shared_ptr<const GeneratedAir>(), &air);
  for (const Form form : {Form::kPoints, Form::kLines}) {
    double fastest[2] = {};
    std::vector<Ext> expected;
    for (int run = 0; run < (timed ? kTimedRuns : 1); ++run) {
      for (const bool own : {false, true}) {
        const Sums sums = check.run(form, own ? generated : nullptr);
        if (run == 0 && !own) expected = sums.values;
        if (sums.values != expected) {
          throw Error(
              FailureKind::kDevice,
              "the kernels made for the constraints of AIR " + std::to_string(air_id) +
                  " do not give what the interpreter gives; set OPENSWIRL_GENERATED=off, and report it");
        }
        double& seconds = fastest[own ? 1 : 0];
        seconds = run == 0 ? sums.seconds : std::min(seconds, sums.seconds);
      }
    }
    const bool points = form == Form::kPoints;
    (points ? air.saved_per_point : air.saved_per_line) =
        (fastest[0] - fastest[1]) / static_cast<double>(points ? kCheckedPoints : kCheckedLines);
  }
}

}  // namespace openswirl::gpu
