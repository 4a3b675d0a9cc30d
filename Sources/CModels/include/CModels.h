// The model files that are part of the program, as bytes.
#ifndef CMODELS_H
#define CMODELS_H

// The model files `small` and `nano`, and their sizes in bytes.
const unsigned char *lmz_model_small(long *size);
const unsigned char *lmz_model_nano(long *size);

// N-grams of the vocabularies of `small` and `nano`, and their sizes in bytes; eight zeros follow.
const unsigned char *lmz_ngrams_small(long *size);
const unsigned char *lmz_ngrams_nano(long *size);

// What the context models and mixers begin with, in each version of the mixing.
const unsigned char *lmz_mixing_parameters(long *size);
const unsigned char *lmz_second_mixing_parameters(long *size);
const unsigned char *lmz_third_mixing_parameters(long *size);
const unsigned char *lmz_fourth_mixing_parameters(long *size);
const unsigned char *lmz_fifth_mixing_parameters(long *size);
const unsigned char *lmz_sixth_mixing_parameters(long *size);
const unsigned char *lmz_seventh_mixing_parameters(long *size);

#endif
