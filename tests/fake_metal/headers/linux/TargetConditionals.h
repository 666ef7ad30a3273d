// Stand-in for Apple's header: the fake device's system is macOS.
#pragma once

#define TARGET_OS_OSX 1
#define TARGET_OS_IPHONE 0
#define TARGET_OS_MACCATALYST 0
#define TARGET_OS_SIMULATOR 0
