#include "gpu/coset_sums.h"

#include <algorithm>
#include <array>
#include <map>

#include "gpu/elements.h"
#include "gpu/kernels.h"
#include "poly/eq.h"

namespace openswirl::gpu {
namespace {

using stages::LeafSource;

constexpr uint64_t kExtendGroup = 256, kBlocksGroup = 128;  // of the kernels that extend rows

using Entry = std::array<uint32_t, 4>;

// The rows of a task that are brought onto its cosets, and those that are read where the trace is.
struct TaskRows {
  uint64_t words_per_row = 0;  // at all points of one turn
  uint32_t log_blocks = 0;     // of a turn
  uint32_t turns = 1;
  std::vector<Entry> entries;
  uint64_t words = 0;         // of a turn
  uint64_t first_stored = 0;  // where stored values begin in it
  // By row of the AIR: in the turn's part of the rows, or the address of row 0, or neither.
  struct Place {
    uint64_t word = kNowhere, address = 0;
    static constexpr uint64_t kNowhere = ~uint64_t{0};
  };
  std::vector<Place> places;
};

class Planner {
 public:
  Planner(const CosetOperands& operands, uint64_t max_words)
      : operands_(operands),
        l_skip_(static_cast<uint32_t>(operands.inputs.shape.params.l_skip)),
        max_words_(max_words) {}

  uint32_t log_points(const TaskRows& rows) const { return l_skip_ + rows.log_blocks; }
  // Tiles of points of one coset in a turn.
  uint32_t log_tiles(const TaskRows& rows) const {
    return log_points(rows) - std::min(log_points(rows), CONSTRAINT_LOG_POINTS);
  }

  TaskRows rows(const CosetTask& task, const TracePieces& pieces) const {
    const stages::TraceView& view = operands_.inputs.traces[task.trace];
    const TraceColumns& columns = operands_.traces.traces[task.trace];
    const AirPrograms& programs = operands_.programs.air(view.shape.air_id);
    // On D itself the trace has the values; a thread loads four at once.
    const bool as_they_lie = task.first_coset == 0 && task.cosets == 1 && columns.log_stride == 0 &&
                             view.shape.log_height >= std::max(l_skip_, 2u);
    TaskRows result;
    result.places.resize(pieces.rows.size());
    std::vector<std::vector<size_t>> entry_of;  // by part and column, from 1; 0: none yet
    for (const auto& part : columns.parts) entry_of.emplace_back(part.size(), 0);
    uint64_t rows = 0;
    // Rows are numbered here, and placed once the length of a row is known.
    const auto place = [&](size_t row) {
      result.places[row].word = rows;
      return static_cast<uint32_t>(rows++);
    };
    for (size_t row = 0; row < pieces.rows.size(); ++row) {
      if (!pieces.rows[row]) continue;
      const LeafSource& leaf = programs.rows.rows[row];
      switch (leaf.kind) {
        case LeafSource::Kind::kColumn:
        case LeafSource::Kind::kRotatedColumn: {
          const bool plain = leaf.kind == LeafSource::Kind::kColumn;
          const uint64_t address = columns.parts.at(leaf.part).at(leaf.index);
          if (plain && as_they_lie) {
            result.places[row].address = address;
            break;
          }
          size_t& entry = entry_of[leaf.part][leaf.index];
          if (entry == 0) {
            const auto [low, high] = words_of_address(address);
            result.entries.push_back({low, high, CONSTRAINT_NO_ROW, CONSTRAINT_NO_ROW});
            entry = result.entries.size();
          }
          result.entries[entry - 1][plain ? 2 : 3] = place(row);
          break;
        }
        case LeafSource::Kind::kFirst:
          result.entries.push_back({0, 0, place(row), CONSTRAINT_SELECTOR_ROW});
          break;
        case LeafSource::Kind::kLast:
          result.entries.push_back({1, 0, place(row), CONSTRAINT_SELECTOR_ROW});
          break;
        default:
          result.entries.push_back({2, 0, place(row), CONSTRAINT_SELECTOR_ROW});
      }
    }
    const auto words_per_row = [&](uint32_t log_blocks) {
      return uint64_t{task.cosets} << std::max(l_skip_ + log_blocks, 2u);
    };
    result.log_blocks = view.shape.lifted_n;
    // A turn begins at a multiple of four points.
    while (result.log_blocks > 0 && l_skip_ + result.log_blocks > 2 &&
           (rows + pieces.num_stored) * words_per_row(result.log_blocks) > max_words_) {
      --result.log_blocks;
    }
    result.turns = 1u << (view.shape.lifted_n - result.log_blocks);
    result.words_per_row = words_per_row(result.log_blocks);
    result.words = (rows + pieces.num_stored) * result.words_per_row;
    result.first_stored = rows * result.words_per_row;
    for (Entry& entry : result.entries) {
      for (size_t i = 2; i < 4; ++i) {
        if (entry[i] < CONSTRAINT_SELECTOR_ROW) entry[i] = u32_of(entry[i] * result.words_per_row);
      }
    }
    for (TaskRows::Place& at : result.places) {
      if (at.word != TaskRows::Place::kNowhere) at.word *= result.words_per_row;
    }
    return result;
  }

  // Where the selectors of a task begin in the words: coset after coset, first[z] and then last[z]. Appended
  // for the first task of their kind.
  uint32_t selectors(const CosetTask& task, std::vector<Fp>& words) {
    const uint32_t log_domain = std::min(l_skip_, operands_.inputs.traces[task.trace].shape.log_height);
    const auto [known, added] =
        selectors_.try_emplace({log_domain, task.first_coset, task.cosets}, u32_of(words.size()));
    if (!added) return known->second;
    for (uint32_t c = 0; c < task.cosets; ++c) {
      const stages::Coset& coset = operands_.cosets[task.first_coset + c];
      for (const Fp shift : {Fp::one(), two_adic_generator(log_domain)}) {
        for (size_t z = 0; z < size_t{1} << l_skip_; ++z) {
          const Fp point = coset.point(z).pow(uint64_t{1} << (l_skip_ - log_domain));
          words.push_back(eq_domain_at_one(log_domain, point * shift));
        }
      }
    }
    return known->second;
  }

  // Of constraint_sums_extend.
  std::vector<Fp> kernels() const {
    std::vector<Fp> words;
    const size_t block = size_t{1} << l_skip_;
    for (size_t c = 1; c < operands_.cosets.size(); ++c) {
      for (size_t m = 0; m < std::max<size_t>(block, 4) + 4; ++m) {
        words.push_back(eq_domain_at_one(l_skip_, operands_.cosets[c].point((m + 4 * block - 3) % block)));
      }
    }
    return words;
  }
  // Of constraint_sums_extend_blocks.
  std::vector<Fp> block_tables() const {
    constexpr unsigned kLogBlock = 4;
    constexpr size_t kBlock = size_t{1} << kLogBlock;
    const std::vector<Fp> roots = powers(two_adic_generator(kLogBlock), kBlock);
    std::vector<Fp> words;
    for (size_t j = 0; j < kBlock / 2; ++j) words.push_back(roots[(kBlock - j) % kBlock]);
    words.insert(words.end(), roots.begin(), roots.begin() + kBlock / 2);
    for (size_t c = 1; c < operands_.cosets.size(); ++c) {
      const stages::Coset& coset = operands_.cosets[c];
      for (size_t i = 0; i < kBlock; ++i) {
        const size_t reversed = (i & 1) << 3 | (i & 2) << 1 | (i & 4) >> 1 | i >> 3;
        words.push_back(coset.point(0).pow(reversed).div_2exp(kLogBlock));
      }
      for (size_t z = 0; z < kBlock; ++z) {
        words.push_back(eq_domain_at_one(kLogBlock, coset.point((z + 1) % kBlock)));
      }
    }
    return words;
  }

 private:
  const CosetOperands& operands_;
  const uint32_t l_skip_;
  const uint64_t max_words_;
  std::map<std::array<uint32_t, 3>, uint32_t> selectors_;  // by domain, first coset and cosets
};

// One turn of a task: some of its blocks.
struct Turn {
  size_t task;
  uint32_t number;
  uint64_t first_word;  // of the batch's rows
};

// Turns whose rows are in memory together.
struct Batch {
  explicit Batch(const PreparedPieces& prepared) : dispatches(prepared, codegen::Form::kPoints) {}

  std::vector<Turn> turns;
  size_t first_extension = 0, num_extensions = 0;
  uint64_t groups = 0;                            // that extend rows
  uint64_t extended_bytes = 0, direct_bytes = 0;  // of the traces
  bool stores = false;
  PieceDispatches dispatches;
};

// The commands of all tasks, step by step.
class CosetRecording {
 public:
  CosetRecording(Work& work, const CosetOperands& operands, std::span<const CosetTask> tasks,
                 uint64_t max_words, TileSums& sums)
      : work_(work),
        operands_(operands),
        tasks_(tasks),
        max_words_(max_words),
        l_skip_(static_cast<uint32_t>(operands.inputs.shape.params.l_skip)),
        // Blocks of 16 go through registers; D itself is a copy.
        in_registers_(l_skip_ == 4 &&
                      std::ranges::all_of(tasks, [](const CosetTask& task) { return task.first_coset > 0; })),
        planner_(operands, max_words),
        sums_(sums) {}

  // Which rows, turns and batches there are; the first result of each task.
  std::vector<size_t> plan() {
    for (size_t t = 0; t < tasks_.size(); ++t) {
      rows_.push_back(planner_.rows(tasks_[t], operands_.prepared.traces[t]));
      tiles_.push_back(uint64_t{tasks_[t].cosets} << planner_.log_tiles(rows_[t]));
    }
    pieces_ = operands_.prepared.split(tiles_);
    for (size_t t = 0; t < tasks_.size(); ++t) {
      first_entry_.push_back(u32_of(entries_.size()));
      entries_.insert(entries_.end(), rows_[t].entries.begin(), rows_[t].entries.end());
      selectors_.push_back(planner_.selectors(tasks_[t], selector_words_));
      add_results(t);
      add_turns(t);
    }
    return first_result_;
  }

  bool empty() const { return batches_.empty(); }

  // Memory, tables, and the first batch's rows: the device has something to do then, so that what else the
  // host prepares takes no time.
  void begin() {
    partials_ = sums_.allocate(work_);
    row_words_ = work_.words(std::max<uint64_t>(most_words_, 1), "rows on cosets");
    std::vector<Fp> kernels = in_registers_ ? planner_.block_tables() : planner_.kernels();
    if (kernels.empty()) kernels.push_back(Fp::zero());  // D alone
    kernel_words_ = work_.upload(std::span<const Fp>(kernels), "coset tables");
    selector_table_ = work_.upload(std::span<const Fp>(selector_words_), "selectors on cosets");
    if (entries_.empty()) entries_.emplace_back();  // all rows are read where they lie
    entry_words_ = work_.upload(std::span<const Entry>(entries_), "rows to extend");
    std::vector<ConstraintsExtension> extensions;
    for (Batch& batch : batches_) add_extensions(batch, extensions);
    if (extensions.empty()) extensions.emplace_back();  // the same
    extension_table_ = work_.upload(std::span<const ConstraintsExtension>(extensions), "rows to extend");
    extend(batches_[0]);
    work_.recorder().submit();
  }

  // Addresses of rows and descriptors of pieces, on the host.
  void describe() {
    std::vector<std::vector<uint32_t>> parts(tasks_.size());  // done so far
    for (size_t t = 0; t < tasks_.size(); ++t) parts[t].resize(tasks_[t].results, 0);
    for (Batch& batch : batches_) {
      for (const Turn& turn : batch.turns) describe(turn, batch, parts[turn.task]);
      batch.dispatches.append_to(descriptors_);
    }
  }

  // All the rest; marks around the kernels of single AIRs.
  std::vector<Marks> finish() {
    operands_.prepared.upload(work_);
    if (addresses_.empty()) addresses_.push_back(0);  // constants alone
    const Array address_table = work_.upload(std::span<const uint64_t>(addresses_), "row addresses");
    const Array piece_table =
        work_.upload(std::span<const ConstraintsPiece>(descriptors_), "constraint pieces");
    std::vector<Marks> generated;
    for (const Batch& batch : batches_) {
      if (&batch != batches_.data()) extend(batch);
      std::vector<Use> uses;
      if (batch.direct_bytes > 0) uses = operands_.traces.uses(batch.direct_bytes);
      uses.push_back({row_words_.range(), batch.stores ? Access::kReadWrite : Access::kRead});
      const auto marks = batch.dispatches.record(work_, piece_table.range(), address_table.range(),
                                                 operands_.eq, partials_, {}, uses);
      if (marks) generated.push_back(*marks);
    }
    sums_.record(work_);
    return generated;
  }

 private:
  void add_results(size_t t) {
    const CosetTask& task = tasks_[t];
    std::vector<uint32_t> parts(task.results, 0);
    for (const TracePiece& piece : pieces_[t]) ++parts[piece.result];
    first_result_.push_back(0);
    for (size_t r = 0; r < task.results; ++r) {
      const size_t number =
          sums_.add(uint64_t{rows_[t].turns} * parts[r], task.cosets,
                    planner_.log_tiles(rows_[t]) + std::min(l_skip_, CONSTRAINT_LOG_POINTS), l_skip_);
      if (r == 0) first_result_[t] = number;
    }
  }

  void add_turns(size_t t) {
    for (uint32_t turn = 0; turn < rows_[t].turns; ++turn) {
      if (batches_.empty() || batch_words_ + rows_[t].words > max_words_) {
        batches_.emplace_back(operands_.prepared);
        batch_words_ = 0;
      }
      batches_.back().turns.push_back({t, turn, batch_words_});
      batch_words_ += rows_[t].words;
      most_words_ = std::max(most_words_, batch_words_);
    }
  }

  void add_extensions(Batch& batch, std::vector<ConstraintsExtension>& extensions) const {
    const uint64_t group = in_registers_ ? kBlocksGroup : kExtendGroup;
    const uint32_t log_item = in_registers_ ? 4 : 2;
    batch.first_extension = extensions.size();
    for (const Turn& turn : batch.turns) {
      const CosetTask& task = tasks_[turn.task];
      const TaskRows& of_task = rows_[turn.task];
      if (of_task.entries.empty()) continue;
      const stages::TraceView& view = operands_.inputs.traces[task.trace];
      const uint32_t log_points = planner_.log_points(of_task);
      ConstraintsExtension extension{};
      extension.first_group = u32_of(batch.groups);
      extension.entries = first_entry_[turn.task];
      extension.num_entries = u32_of(of_task.entries.size());
      extension.log_height = view.shape.log_height;
      extension.log_stride = operands_.traces.traces[task.trace].log_stride;
      extension.log_points = log_points;
      extension.first_block = turn.number << of_task.log_blocks;
      extension.last_block = (1u << view.shape.lifted_n) - 1;
      extension.selectors = selectors_[turn.task];
      extension.first_coset = task.first_coset, extension.cosets = task.cosets;
      extension.first_word = u32_of(turn.first_word);
      extensions.push_back(extension);
      // A trace shorter than a block has fewer rows than points.
      const uint32_t log_rows = std::min(log_points, view.shape.log_height);
      for (const Entry& entry : of_task.entries) {
        if (entry[3] != CONSTRAINT_SELECTOR_ROW) batch.extended_bytes += uint64_t{4} << log_rows;
      }
      const uint64_t items = of_task.entries.size() << (std::max(log_points, log_item) - log_item);
      batch.groups += (items + group - 1) / group;
    }
    batch.num_extensions = extensions.size() - batch.first_extension;
  }

  void extend(const Batch& batch) {
    if (batch.num_extensions == 0) return;
    const ConstraintSumsExtendArgs args{u32_of(batch.num_extensions), l_skip_};
    const Range table = extension_table_.range().part(sizeof(ConstraintsExtension) * batch.first_extension,
                                                      sizeof(ConstraintsExtension) * batch.num_extensions);
    const auto call_of = [&]<class Kernel>() {
      return Kernel{
          table, entry_words_.range(), kernel_words_.range(), selector_table_.range(), row_words_.range(),
          args}
          .call();
    };
    Call call = in_registers_ ? call_of.template operator()<calls::ConstraintSumsExtendBlocks>()
                              : call_of.template operator()<calls::ConstraintSumsExtend>();
    call.uses = operands_.traces.uses(batch.extended_bytes);
    work_.recorder().groups(call, batch.groups);
  }

  // parts: how many of each result of the task are described.
  void describe(const Turn& turn, Batch& batch, std::vector<uint32_t>& parts) {
    const CosetTask& task = tasks_[turn.task];
    const TaskRows& of_task = rows_[turn.task];
    const TracePieces& of_trace = operands_.prepared.traces[turn.task];
    const uint32_t log_points = planner_.log_points(of_task), first_block = turn.number << of_task.log_blocks;
    const auto first_address = u32_of(addresses_.size());
    const uint64_t first_row = row_words_.range().address() + 4 * turn.first_word;
    for (const TaskRows::Place& place : of_task.places) {
      if (place.address != 0) batch.direct_bytes += uint64_t{4} << log_points;
      addresses_.push_back(place.word != TaskRows::Place::kNowhere ? first_row + 4 * place.word
                           : place.address != 0 ? place.address + (uint64_t{4} * first_block << l_skip_)
                                                : 0);
    }
    for (uint64_t value = 0; value < of_trace.num_stored; ++value) {
      addresses_.push_back(first_row + 4 * (of_task.first_stored + value * of_task.words_per_row));
    }
    batch.stores |= of_trace.num_stored > 0;
    ConstraintsPiece piece{};
    piece.rows = first_address;
    piece.publics = of_trace.publics;
    piece.log_size = log_points, piece.log_block = l_skip_;
    piece.first_block = first_block;
    piece.eq_low = task.eq.low, piece.eq_high = task.eq.high, piece.log_low = task.eq.log_low;
    for (const TracePiece& store : of_trace.stores) batch.dispatches.add(store, piece, tiles_[turn.task]);
    for (const TracePiece& part : pieces_[turn.task]) {
      piece.first_partial =
          u32_of(sums_.first_partial(first_result_[turn.task] + part.result, parts[part.result]++));
      batch.dispatches.add(part, piece, tiles_[turn.task]);
    }
  }

  Work& work_;
  const CosetOperands& operands_;
  const std::span<const CosetTask> tasks_;
  const uint64_t max_words_;
  const uint32_t l_skip_;
  const bool in_registers_;
  Planner planner_;
  TileSums& sums_;

  // By task.
  std::vector<TaskRows> rows_;
  std::vector<uint64_t> tiles_;  // of a turn
  std::vector<std::vector<TracePiece>> pieces_;
  std::vector<uint32_t> first_entry_, selectors_;
  std::vector<size_t> first_result_;
  // Of all.
  std::vector<Entry> entries_;
  std::vector<Fp> selector_words_;
  std::vector<Batch> batches_;
  uint64_t batch_words_ = 0, most_words_ = 0;
  std::vector<uint64_t> addresses_;
  std::vector<ConstraintsPiece> descriptors_;
  // On the device.
  Range partials_;
  Array row_words_, kernel_words_, selector_table_, entry_words_, extension_table_;
};

}  // namespace

CosetSums::CosetSums(Work& work, const CosetOperands& operands, std::span<const CosetTask> tasks,
                     const std::function<void(size_t)>& weigh, uint64_t max_words) {
  CosetRecording recording(work, operands, tasks, max_words, sums_);
  first_result_ = recording.plan();
  if (recording.empty()) return;
  recording.begin();
  work.context().parallel_for(tasks.size() + 1, 1,
                              [&](size_t i, size_t) { i == 0 ? recording.describe() : weigh(i - 1); });
  generated_ = recording.finish();
  for (size_t t = 0; t < tasks.size(); ++t) constants_.push_back(operands.prepared.traces[t].constants);
}

std::vector<Ext> CosetSums::sums(size_t task, size_t result) const {
  std::vector<Ext> sums = sums_.sums(first_result_[task] + result);
  // eq(xi, x) sums to 1 over x.
  for (Ext& sum : sums) sum += constants_[task][result];
  return sums;
}

}  // namespace openswirl::gpu
