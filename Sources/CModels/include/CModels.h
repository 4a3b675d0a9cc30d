// The model files that are part of the program, as bytes.
#ifndef CMODELS_H
#define CMODELS_H

#include <stddef.h>

extern const unsigned char lmz_model_small[];
extern const size_t lmz_model_small_size;

#endif
