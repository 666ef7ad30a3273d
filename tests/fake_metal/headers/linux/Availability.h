// Stand-in for Apple's header: built for macOS 14 and later.
#pragma once

#define __MAC_OS_X_VERSION_MIN_REQUIRED 140000
