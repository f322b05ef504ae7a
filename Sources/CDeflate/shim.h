#ifndef HALDANE_CDEFLATE_SHIM_H
#define HALDANE_CDEFLATE_SHIM_H
#include <libdeflate.h>
#endif
