// Folders in which backends look for the libraries of other packages, such as a compiler for kernels that pip
// installed. Python knows where packages lie and adds them before the backends load.
#pragma once

#include <string>
#include <vector>

namespace openswirl {

// Thread-safe; a folder that is known already is not added again.
void add_library_folder(std::string folder);
std::vector<std::string> library_folders();

}  // namespace openswirl
