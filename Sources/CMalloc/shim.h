// glibc's allocator settings, which its module map leaves out.
#include <malloc.h>
