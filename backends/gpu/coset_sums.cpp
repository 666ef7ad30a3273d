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
        cosets_(stages::round_cosets(operands.inputs.shape.params)),
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
      const stages::Coset& coset = cosets_[task.first_coset + c];
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
    for (size_t c = 1; c < cosets_.size(); ++c) {
      for (size_t m = 0; m < std::max<size_t>(block, 4) + 4; ++m) {
        words.push_back(eq_domain_at_one(l_skip_, cosets_[c].point((m + 4 * block - 3) % block)));
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
    for (size_t c = 1; c < cosets_.size(); ++c) {
      const stages::Coset& coset = cosets_[c];
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
  const CosetOperands operands_;
  const std::vector<stages::Coset> cosets_;
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

std::vector<PieceRequest> requests_of(const CosetOperands& operands, std::span<const CosetTask> tasks) {
  std::vector<PieceRequest> requests;
  for (const CosetTask& task : tasks) {
    const stages::TraceView& view = operands.inputs.traces[task.trace];
    const uint64_t points = uint64_t{task.cosets}
                            << (operands.inputs.shape.params.l_skip + view.shape.lifted_n);
    requests.push_back({&view, operands.generated[task.trace], points});
  }
  return requests;
}

// Of an address in the table: it is counted from where the rows on cosets will be.
constexpr uint64_t kOnCosets = uint64_t{1} << 63;

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

}  // namespace

// What is recorded for all tasks, by task where not said otherwise.
struct CosetSums::Plan {
  Plan(const CosetOperands& operands, std::span<const CosetTask> tasks, uint64_t max_words)
      : operands(operands),
        tasks(tasks),
        planner(operands, max_words),
        max_words(max_words),
        l_skip(static_cast<uint32_t>(operands.inputs.shape.params.l_skip)),
        // Blocks of 16 go through registers; D itself is a copy.
        in_registers(l_skip == 4 &&
                     std::ranges::all_of(tasks, [](const CosetTask& task) { return task.first_coset > 0; })) {
  }

  // Rows and turns; the number of each task's first result.
  std::vector<size_t> place(const PreparedPieces& prepared, TileSums& sums) {
    for (size_t t = 0; t < tasks.size(); ++t) {
      rows.push_back(planner.rows(tasks[t], prepared.traces[t]));
      tiles.push_back(uint64_t{tasks[t].cosets} << planner.log_tiles(rows[t]));
    }
    pieces = prepared.split(tiles);
    std::vector<size_t> first_result;
    for (size_t t = 0; t < tasks.size(); ++t) {
      first_entry.push_back(u32_of(entries.size()));
      entries.insert(entries.end(), rows[t].entries.begin(), rows[t].entries.end());
      selectors.push_back(planner.selectors(tasks[t], selector_words));
      first_result.push_back(add_results(t, prepared.traces[t].constants.size(), sums));
      add_turns(t, prepared);
    }
    return first_result;
  }

  // The tables, once all is placed.
  void describe(const PreparedPieces& prepared, const TileSums& sums, std::span<const size_t> first_result) {
    std::vector<std::vector<uint32_t>> parts(tasks.size());  // done so far
    for (size_t t = 0; t < tasks.size(); ++t) parts[t].resize(prepared.traces[t].constants.size(), 0);
    for (Batch& batch : batches) {
      add_extensions(batch);
      for (const Turn& turn : batch.turns) {
        add_pieces(turn, batch, prepared.traces[turn.task], sums, first_result[turn.task], parts[turn.task]);
      }
      batch.dispatches.append_to(descriptors);
    }
    coset_tables = in_registers ? planner.block_tables() : planner.kernels();
    // D alone; all rows are read where they lie; constants alone.
    if (coset_tables.empty()) coset_tables.push_back(Fp::zero());
    if (entries.empty()) entries.emplace_back();
    if (extensions.empty()) extensions.emplace_back();
    if (addresses.empty()) addresses.push_back(0);
  }

  void upload(Work& work) {
    coset_table = work.upload_borrowed(std::span<const Fp>(coset_tables), "coset tables");
    selector_table = work.upload_borrowed(std::span<const Fp>(selector_words), "selectors on cosets");
    entry_table = work.upload_borrowed(std::span<const Entry>(entries), "rows to extend");
    extension_table =
        work.upload_borrowed(std::span<const ConstraintsExtension>(extensions), "rows to extend");
    piece_table = work.upload_borrowed(std::span<const ConstraintsPiece>(descriptors), "constraint pieces");
  }

  void extend(Work& work, const Batch& batch, const Range& row_words) const {
    if (batch.num_extensions == 0) return;
    const ConstraintSumsExtendArgs args{u32_of(batch.num_extensions), l_skip};
    const Range table = extension_table.range().part(sizeof(ConstraintsExtension) * batch.first_extension,
                                                     sizeof(ConstraintsExtension) * batch.num_extensions);
    const auto call_of = [&]<class Kernel>() {
      return Kernel{table, entry_table.range(), coset_table.range(), selector_table.range(), row_words, args}
          .call();
    };
    Call call = in_registers ? call_of.template operator()<calls::ConstraintSumsExtendBlocks>()
                             : call_of.template operator()<calls::ConstraintSumsExtend>();
    call.uses = operands.traces.uses(batch.extended_bytes);
    work.recorder().groups(call, batch.groups);
  }

  const CosetOperands operands;
  const std::span<const CosetTask> tasks;
  Planner planner;
  const uint64_t max_words;
  const uint32_t l_skip;
  const bool in_registers;

  std::vector<TaskRows> rows;
  std::vector<uint64_t> tiles;  // of a turn
  std::vector<std::vector<TracePiece>> pieces;
  std::vector<uint32_t> first_entry, selectors;
  // Of all tasks.
  std::vector<Batch> batches;
  uint64_t batch_words = 0, most_words = 0;
  std::vector<Entry> entries;
  std::vector<Fp> selector_words, coset_tables;
  std::vector<ConstraintsExtension> extensions;
  std::vector<ConstraintsPiece> descriptors;
  std::vector<uint64_t> addresses;
  // On the device.
  Array coset_table, selector_table, entry_table, extension_table, piece_table;

 private:
  // Returns the number of the first one.
  size_t add_results(size_t t, size_t results, TileSums& sums) {
    std::vector<uint32_t> parts(results, 0);
    for (const TracePiece& piece : pieces[t]) ++parts[piece.result];
    size_t first = 0;
    for (size_t r = 0; r < results; ++r) {
      const size_t number =
          sums.add(uint64_t{rows[t].turns} * parts[r], tasks[t].cosets,
                   planner.log_tiles(rows[t]) + std::min(l_skip, CONSTRAINT_LOG_POINTS), l_skip);
      if (r == 0) first = number;
    }
    return first;
  }

  void add_turns(size_t t, const PreparedPieces& prepared) {
    for (uint32_t turn = 0; turn < rows[t].turns; ++turn) {
      if (batches.empty() || batch_words + rows[t].words > max_words) {
        batches.emplace_back(prepared);
        batch_words = 0;
      }
      batches.back().turns.push_back({t, turn, batch_words});
      batch_words += rows[t].words;
      most_words = std::max(most_words, batch_words);
    }
  }

  void add_extensions(Batch& batch) {
    const uint64_t group = in_registers ? kBlocksGroup : kExtendGroup;
    const uint32_t log_item = in_registers ? 4 : 2;
    batch.first_extension = extensions.size();
    for (const Turn& turn : batch.turns) {
      const CosetTask& task = tasks[turn.task];
      const TaskRows& of_task = rows[turn.task];
      if (of_task.entries.empty()) continue;
      const stages::TraceView& view = operands.inputs.traces[task.trace];
      const uint32_t log_points = planner.log_points(of_task);
      ConstraintsExtension extension{};
      extension.first_group = u32_of(batch.groups);
      extension.entries = first_entry[turn.task];
      extension.num_entries = u32_of(of_task.entries.size());
      extension.log_height = view.shape.log_height;
      extension.log_stride = operands.traces.traces[task.trace].log_stride;
      extension.log_points = log_points;
      extension.first_block = turn.number << of_task.log_blocks;
      extension.last_block = (1u << view.shape.lifted_n) - 1;
      extension.selectors = selectors[turn.task];
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

  // parts: how many of each result of the task are described.
  void add_pieces(const Turn& turn, Batch& batch, const TracePieces& of_trace, const TileSums& sums,
                  size_t first_result, std::vector<uint32_t>& parts) {
    const TaskRows& of_task = rows[turn.task];
    const uint32_t log_points = planner.log_points(of_task), first_block = turn.number << of_task.log_blocks;
    const auto first_address = u32_of(addresses.size());
    for (const TaskRows::Place& place : of_task.places) {
      if (place.address != 0) batch.direct_bytes += uint64_t{4} << log_points;
      addresses.push_back(place.word != TaskRows::Place::kNowhere
                              ? kOnCosets | 4 * (turn.first_word + place.word)
                          : place.address != 0 ? place.address + (uint64_t{4} * first_block << l_skip)
                                               : 0);
    }
    for (uint64_t value = 0; value < of_trace.num_stored; ++value) {
      addresses.push_back(kOnCosets |
                          4 * (turn.first_word + of_task.first_stored + value * of_task.words_per_row));
    }
    batch.stores |= of_trace.num_stored > 0;
    const EqSuffixTables::Split eq = operands.eq[tasks[turn.task].trace].from(0);
    ConstraintsPiece piece{};
    piece.rows = first_address;
    piece.publics = of_trace.publics;
    piece.log_size = log_points, piece.log_block = l_skip;
    piece.first_block = first_block;
    piece.eq_low = eq.low, piece.eq_high = eq.high, piece.log_low = eq.log_low;
    for (const TracePiece& store : of_trace.stores) batch.dispatches.add(store, piece, tiles[turn.task]);
    for (const TracePiece& part : pieces[turn.task]) {
      piece.first_partial = u32_of(sums.first_partial(first_result + part.result, parts[part.result]++));
      batch.dispatches.add(part, piece, tiles[turn.task]);
    }
  }
};

CosetSums::CosetSums(Work& work, const CosetOperands& operands, std::vector<CosetTask> tasks,
                     const ResultOf& result_of, uint64_t max_words)
    : tasks_(std::move(tasks)),
      prepared_(operands.programs, codegen::Form::kPoints, requests_of(operands, tasks_), result_of, 2),
      plan_(std::make_unique<Plan>(operands, tasks_, max_words)) {
  if (tasks_.empty()) return;
  first_result_ = plan_->place(prepared_, sums_);
  plan_->describe(prepared_, sums_, first_result_);
  plan_->upload(work);
}

CosetSums::~CosetSums() = default;

void CosetSums::record(Work& work, const Range& eq_words, const std::function<void(size_t)>& weigh) {
  if (tasks_.empty()) return;
  const Range partials = sums_.allocate(work);
  const Array row_words = work.words(std::max<uint64_t>(plan_->most_words, 1), "rows on cosets");
  plan_->extend(work, plan_->batches[0], row_words.range());
  work.recorder().submit();
  // The device has something to do now.
  work.context().parallel_for(tasks_.size(), 1, [&](size_t task, size_t) { weigh(task); });
  prepared_.upload(work);
  for (uint64_t& address : plan_->addresses) {
    if ((address & kOnCosets) != 0) address = row_words.range().address() + (address ^ kOnCosets);
  }
  const Array addresses = work.upload_borrowed(std::span<const uint64_t>(plan_->addresses), "row addresses");
  for (const Batch& batch : plan_->batches) {
    if (&batch != plan_->batches.data()) plan_->extend(work, batch, row_words.range());
    std::vector<Use> uses;
    if (batch.direct_bytes > 0) uses = plan_->operands.traces.uses(batch.direct_bytes);
    uses.push_back({row_words.range(), batch.stores ? Access::kReadWrite : Access::kRead});
    const auto marks = batch.dispatches.record(work, plan_->piece_table.range(), addresses.range(), eq_words,
                                               partials, {}, uses);
    if (marks) generated_.push_back(*marks);
  }
  sums_.record(work);
  work.recorder().submit();
}

std::vector<Ext> CosetSums::sums(size_t task, size_t result) const {
  std::vector<Ext> sums = sums_.sums(first_result_[task] + result);
  // eq(xi, x) sums to 1 over x.
  for (Ext& sum : sums) sum += prepared_.traces[task].constants[result];
  return sums;
}

}  // namespace openswirl::gpu
