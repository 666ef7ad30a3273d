#include "gpu/codegen/emit.h"

#include <concepts>
#include <string>
#include <string_view>

namespace openswirl::gpu::codegen {
namespace {

using OpKind = CellOp::Kind;

// Instructions of a kernel's loops: 48 KiB of NVIDIA's code, half of that on Apple's GPUs. Only one loop runs
// at a time, and none is larger than Sizes::kMaxCell allows.
constexpr uint32_t kMaxKernelInstructions = 2200;

uint32_t instructions(const CellGroup& group, Form form) {
  if (form == Form::kLines) return group.instructions();
  uint32_t total = 32;  // the weighing
  for (const CellOp& op : group.shape) {
    total += op.kind == OpKind::kMul       ? 14
             : op.kind > OpKind::kConstant ? 6
             : op.kind <= OpKind::kStored  ? 6
                                           : 0;
  }
  return total;
}

// Small cells go side by side: two products share one correction of a sum, and loads overlap.
uint32_t cells_per_row(const CellGroup& group, Form form) {
  if (form == Form::kLines || group.cells.size() < 8) return 1;
  const uint32_t size = instructions(group, form);
  return size <= 70 ? 2 : 1;
}

void append(std::string& to, std::string_view part) { to += part; }
void append(std::string& to, char part) { to += part; }
void append(std::string& to, std::unsigned_integral auto part) { to += std::to_string(part); }

template <class... Part>
std::string text(const Part&... parts) {
  std::string result;
  (append(result, parts), ...);
  return result;
}

class Writer {
 public:
  explicit Writer(Form form) : form_(form) {}

  template <class... Part>
  void line(const Part&... parts) {
    (append(out_, parts), ...);
    out_ += '\n';
  }
  const std::string& written() const { return out_; }

  // Loop number `number` of a kernel.
  void loop(const Loop& of, size_t number) {
    const size_t count = of.group->cells.size();
    line("  {  // ", count, count == 1 ? " cell" : " cells");
    line("    const U4 range = gpu_load4(ranges + ", 4 * number, "u);");
    line("    ROLLED");
    line("    for (u32 row = range.x; row < range.y; ++row) {");
    if (of.row_words() > 0)
      line("      DEVICE const u32* own = table + range.z + ", of.row_words(), "u * row;");
    for (uint32_t i = 0; i < of.row_words(); i += 4) {
      line("      const U4 p", i / 4, " = gpu_load4(own + ", i, "u);");
    }
    std::vector<std::string> values;
    for (uint32_t number = 0; number < of.cells_per_row; ++number) values.push_back(cell(of, number));
    if (of.stores) {
      line("      cell_store(gpu_address_mut(gpu_load(rows + ", word(0), ")), at, ", values[0], ");");
    } else {
      line("      DEVICE const u32* weight = weights + ", weight_words(), "u * range.w + ",
           weight_words() * of.cells_per_row, "u * row;");
      if (of.cells_per_row == 1) line("      sums = cell_sum(sums, weight, ", values[0], ");");
      for (uint32_t i = 0; i + 1 < of.cells_per_row; i += 2) {
        line("      sums = cell_sum_pair(sums, weight + ", weight_words() * i, "u, ", values[i], ", ",
             values[i + 1], ");");
      }
    }
    line("    }");
    line("  }");
  }

 private:
  uint32_t weight_words() const { return form_ == Form::kPoints ? 4 : 8; }
  static std::string word(uint32_t index) { return text('p', index / 4, '.', "xyzw"[index % 4]); }

  // Writes the operations of a row's cell; the name of its value.
  std::string cell(const Loop& of, uint32_t number) {
    const char prefix = static_cast<char>('a' + number);
    const std::vector<CellOp>& shape = of.group->shape;
    const uint32_t first = number * of.parameters() + (of.stores ? 1 : 0);
    const auto name = [&](size_t entry) { return text(prefix, entry); };
    const auto is_base = [&](uint32_t entry) {
      return shape[entry].kind == OpKind::kUniform || shape[entry].kind == OpKind::kConstant;
    };
    // A uniform operand is a base element in both forms.
    const auto call = [&](const char* plain, const char* base_second, const char* base_first,
                          const CellOp& op) {
      const bool swap = is_base(op.a) && op.kind != OpKind::kSub;
      const std::string& first_name = name(swap ? op.b : op.a);
      return text(is_base(op.b)   ? base_second
                  : is_base(op.a) ? base_first
                                  : plain,
                  '(', first_name, ", ", name(swap ? op.a : op.b), ')');
    };
    for (size_t i = 0; i < shape.size(); ++i) {
      const CellOp& op = shape[i];
      if (op.kind == OpKind::kUniform) {
        line("      const Fp ", name(i), " = fp_word(", word(first + op.a), ");");
        continue;
      }
      if (op.kind == OpKind::kConstant) {
        line("      const Fp ", name(i), " = fp_word(", op.a, "u);");
        continue;
      }
      std::string value;
      switch (op.kind) {
        case OpKind::kLeaf:
          value = text("cell_leaf(gpu_address(gpu_load(rows + ", word(first + op.a), ")), at)");
          break;
        case OpKind::kStored:
          value = text("cell_stored(gpu_address(gpu_load(rows + ", word(first + op.a), ")), at)");
          break;
        case OpKind::kAdd:
          value = call("cell_add", "cell_add_base", "cell_add_base", op);
          break;
        case OpKind::kSub:
          value = call("cell_sub", "cell_sub_base", "cell_base_sub", op);
          break;
        case OpKind::kMul:
          value = call("cell_mul", "cell_scale", "cell_scale", op);
          break;
        case OpKind::kNeg:
          value = text("cell_neg(", name(op.a), ')');
          break;
        default:
          value = text("cell_add(", name(op.a), ", ", name(op.a), ')');
      }
      line("      const ", form_ == Form::kPoints ? "CellPoints " : "Ext ", name(i), " = ", value, ';');
    }
    return name(shape.size() - 1);
  }

  Form form_;
  std::string out_;
};

std::string kernel_text(const EmittedKernel& kernel) {
  const bool points = kernel.form == Form::kPoints;
  Writer writer(kernel.form);
  writer.line("KERNEL(", kernel.symbol, ", ", group_size(kernel.form),
              ", BUF(0, DEVICE const u32* table), BUF(1, DEVICE const u32* pieces),");
  writer.line("       BUF(2, DEVICE const u64* addresses), BUF(3, DEVICE const u32* all_weights),");
  writer.line("       BUF(4, DEVICE const u32* eq), BUF(5, DEVICE u32* partials),");
  writer.line("       ARGS(6, ", points ? "ConstraintSumsPointsArgs" : "ConstraintSumsLinesArgs",
              ", args)) {");
  if (!kernel.stores) writer.line("  SHARED(u32, scratch, ", points ? 1024u : 8u, ");");
  writer.line("  DEVICE const u32* piece = piece_of_tile(pieces, args.pieces, gpu_bid.x);");
  writer.line(points ? "  const PointsAt at = points_at(piece, gpu_bid.x, gpu_tid.x);"
                     : "  const LineAt at = line_at(piece, gpu_bid.x, gpu_tid.x);");
  writer.line("  DEVICE const u32* ranges = table + piece_ranges(piece);");
  writer.line("  DEVICE const u64* rows = addresses + piece_rows(piece);");
  if (!kernel.stores) {
    writer.line("  DEVICE const u32* weights = all_weights + 4u * piece_weights(piece);");
    writer.line(points ? "  PointSums2 sums = cell_points_zero();" : "  ExtSum sums = ext_sum_zero();");
  }
  writer.line("  if (at.place.active) {");
  for (size_t i = 0; i < kernel.loops.size(); ++i) writer.loop(kernel.loops[i], i);
  writer.line("  }");
  if (!kernel.stores) {
    if (points) {
      writer.line("  cell_points_store(scratch, piece, eq, at, sums, partials, gpu_tid.x);");
    } else {
      writer.line(
          "  lines_store(scratch, piece, eq, at.place, ext_sum_value(sums), partials, gpu_tid.x, gpu_lane,");
      writer.line("              gpu_simd);");
    }
  }
  writer.line("}");
  return writer.written();
}

// Fills kernels with loops in order.
void pack(std::vector<EmittedKernel>& kernels, const std::vector<Loop>& loops, Form form, bool stores,
          const std::string& prefix) {
  uint32_t size = 0, number = 0;
  for (const Loop& loop : loops) {
    const uint32_t more = instructions(*loop.group, form) * loop.cells_per_row;
    if (number == 0 || size + more > kMaxKernelInstructions) {
      EmittedKernel& kernel = kernels.emplace_back();
      kernel.symbol =
          text(prefix, stores ? "_store_" : "_", form == Form::kPoints ? "points_" : "lines_", number++);
      kernel.form = form;
      kernel.stores = stores;
      size = 0;
    }
    kernels.back().loops.push_back(loop);
    size += more;
  }
}

}  // namespace

uint32_t Loop::row_words() const { return (cells_per_row * parameters() + 3) / 4 * 4; }

EmittedText emit(const CellPlan& plan, const std::string& prefix) {
  EmittedText result;
  for (const Form form : {Form::kPoints, Form::kLines}) {
    std::vector<Loop> stored, summed;
    uint32_t number = 0;
    for (const std::vector<CellGroup>& level : plan.stored_levels()) {
      for (const CellGroup& group : level) {
        Loop& loop = stored.emplace_back();
        loop.group = &group, loop.first_stored = number, loop.stores = true;
        number += static_cast<uint32_t>(group.cells.size());
      }
    }
    for (const CellGroup& group : plan.groups()) {
      Loop& loop = summed.emplace_back();
      loop.group = &group, loop.cells_per_row = cells_per_row(group, form);
    }
    pack(result.kernels, stored, form, true, prefix);
    pack(result.kernels, summed, form, false, prefix);
  }
  for (EmittedKernel& kernel : result.kernels) kernel.text = kernel_text(kernel);
  return result;
}

}  // namespace openswirl::gpu::codegen
