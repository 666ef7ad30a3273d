#include "runtime/library_folders.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace openswirl {
namespace {

std::mutex folders_mutex;
std::vector<std::string> folders;

}  // namespace

void add_library_folder(std::string folder) {
  const std::lock_guard lock(folders_mutex);
  if (std::find(folders.begin(), folders.end(), folder) == folders.end()) {
    folders.push_back(std::move(folder));
  }
}

std::vector<std::string> library_folders() {
  const std::lock_guard lock(folders_mutex);
  return folders;
}

}  // namespace openswirl
