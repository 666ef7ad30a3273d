// Stand-in for Apple's header; metal-cpp asks nothing of it.
#pragma once
