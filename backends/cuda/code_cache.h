// Compiled kernels on disk, so that only the first process of a machine waits for the compiler. A file is
// used only if all that it was made from is equal; anything else, or a file that cannot be read or written,
// is a notice and means compiling.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace openswirl::cuda {

class CodeCache {
 public:
  // Nothing is kept if `folder` is empty.
  explicit CodeCache(std::string folder) : folder_(std::move(folder)) {}

  // `made_from` is all that the code depends on: text, compiler, options, architecture.
  std::optional<std::vector<char>> find(const std::string& name, const std::string& made_from) const;
  // Whole or not at all, also when other processes store the same.
  void store(const std::string& name, const std::string& made_from, const std::vector<char>& code) const;

 private:
  std::string path(const std::string& name, const std::string& made_from) const;

  std::string folder_;
};

}  // namespace openswirl::cuda
