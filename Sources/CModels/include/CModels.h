// The model files that are part of the program, as bytes.
#ifndef CMODELS_H
#define CMODELS_H

// The model file `small`, and its size in bytes.
const unsigned char *lmz_model_small(long *size);

#endif
