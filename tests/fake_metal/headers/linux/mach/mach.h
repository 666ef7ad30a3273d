// Stand-in for Apple's header: what metal-cpp names of it, nothing more.
#pragma once

typedef int kern_return_t;
typedef unsigned int task_id_token_t;
