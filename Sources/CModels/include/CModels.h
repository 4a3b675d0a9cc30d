// The model files that are part of the program, as bytes.
#ifndef CMODELS_H
#define CMODELS_H

// The model files `small` and `nano`, and their sizes in bytes.
const unsigned char *lmz_model_small(long *size);
const unsigned char *lmz_model_nano(long *size);

// N-grams of the vocabularies of `small` and `nano`, and their sizes in bytes; eight zeros follow.
const unsigned char *lmz_ngrams_small(long *size);
const unsigned char *lmz_ngrams_nano(long *size);

// What the context models and mixers begin with: of way 0 what all ways of mixing share, of 1 to 7 what each has of its own.
const unsigned char *lmz_mixing_parameters(int way, long *size);

#endif
