// What a backend wants people to know although nothing failed. The library prints nothing: whoever opened the
// device takes the sentences and shows them.
#pragma once

#include <string>
#include <vector>

namespace openswirl {

// Thread-safe. A sentence that waits already is not added again.
void add_notice(std::string sentence);
// Good news, such as what was compiled and how long it took; told more quietly.
void add_news(std::string sentence);
// Everything since the last call, oldest first.
std::vector<std::string> take_notices();
std::vector<std::string> take_news();

}  // namespace openswirl
