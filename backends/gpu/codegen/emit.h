// Writes the kernels of a cell plan in the kernel dialect: one rolled loop for each shape over a table of
// operands, in kernels of bounded size. Equal plans give equal texts.
//
// A text has two forms of everything: over points (base field, two points a thread) and over lines
// (extension, one line a thread), both as evaluators of the seam in gpu/constraint_evaluation.h. In a piece's
// descriptor `instructions` is where the ranges of its loops begin: four words for each loop of the kernel,
// namely first row, end, word of row 0 and weight of row 0. A row holds the parameters of cells_per_row
// cells, cell after cell, and is padded to whole groups of four words; a leaf or stored value is its row in
// the table of addresses, stored ones behind those of the AIR; a uniform is its value.
#pragma once

#include <string>

#include "gpu/codegen/cells.h"

namespace openswirl::gpu::codegen {

enum class Form : uint8_t { kPoints, kLines };

constexpr uint32_t group_size(Form form) { return form == Form::kPoints ? 128 : 64; }

struct Loop {
  const CellGroup* group = nullptr;
  uint32_t first_stored = 0;   // number of the first cell's value, if cells are stored
  uint32_t cells_per_row = 1;  // evaluated side by side
  uint32_t row_words() const;
  bool stores = false;
  uint32_t parameters() const { return group->parameters + (stores ? 1 : 0); }  // of a cell: its target first
};

struct EmittedKernel {
  std::string symbol;
  Form form = Form::kPoints;
  bool stores = false;  // stores values that later kernels of its form load
  std::vector<Loop> loops;
  std::string text;  // without the headers
};

struct EmittedText {
  std::vector<EmittedKernel> kernels;  // of a form: those that store first, in order
};

// Loops point into the plan. The prefix begins every symbol.
EmittedText emit(const CellPlan& plan, const std::string& prefix);

// More kernels of one form than this are not worth compiling: the AIR has too many shapes.
inline constexpr size_t kMaxKernels = 16;

}  // namespace openswirl::gpu::codegen
