// The one place where metal-cpp defines what it declares: selectors, classes and constants.
#define NS_PRIVATE_IMPLEMENTATION
#define MTL_PRIVATE_IMPLEMENTATION
#include "metal/apple.h"
