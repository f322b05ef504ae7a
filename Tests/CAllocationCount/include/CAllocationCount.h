#ifndef HALDANE_ALLOCATION_COUNT_H
#define HALDANE_ALLOCATION_COUNT_H
#include <stdint.h>

/// Allocations that the calling thread has made so far.
uint64_t haldane_thread_allocations(void);

#endif
