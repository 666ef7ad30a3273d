// Stand-in for Apple's header: what metal-cpp names of it, nothing more.
#pragma once

typedef struct __IOSurface* IOSurfaceRef;
