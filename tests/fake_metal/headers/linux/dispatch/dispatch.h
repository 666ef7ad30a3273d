// Stand-in for Apple's header: what metal-cpp names of it, nothing more.
#pragma once

typedef struct dispatch_queue_s* dispatch_queue_t;
typedef struct dispatch_data_s* dispatch_data_t;
