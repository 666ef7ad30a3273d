// What backends need to keep compiled kernels and what they measured on disk between processes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace openswirl {

// OPENSWIRL_CACHE_DIR, else openswirl in the user's folder of caches (on Linux XDG_CACHE_HOME or ~/.cache);
// empty if there is none.
std::string cache_folder();

// 16 hexadecimal digits. Tells files apart, and need not resist anybody who may write to the user's own
// folder: whoever reads a file compares all that it was made from.
std::string cache_hash(std::string_view text);

// The whole file, or nothing if it cannot be read.
std::optional<std::string> read_file(const std::string& path);

// Makes the folder, and in it the file, whole or not at all, also when other processes write the same. Empty,
// or what could not be done and why.
std::string store_file(const std::string& folder, const std::string& name, std::string_view content);

}  // namespace openswirl
