// The session of a lockstep device. Internal.
#pragma once

#include <memory>

#include "lockstep/pair.h"

namespace openswirl::lockstep {

std::unique_ptr<Session> make_session(std::shared_ptr<Record> record, Pair<std::unique_ptr<Session>> sides);

}  // namespace openswirl::lockstep
