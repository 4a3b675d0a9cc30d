#include "CModels.h"

// #embed is C23; clang has it in every C mode and says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char small[] = {
#embed "small.safetensors"
};

static const unsigned char nano[] = {
#embed "nano.safetensors"
};

// Eight bytes may be read from the last one on.
#define PADDING , 0, 0, 0, 0, 0, 0, 0, 0

static const unsigned char small_ngrams[] = {
#embed "small.ngrams" suffix(PADDING)
};

static const unsigned char nano_ngrams[] = {
#embed "nano.ngrams" suffix(PADDING)
};

static const unsigned char shared[] = {
#embed "mixing-shared.parameters" if_empty(0)
};

static const unsigned char first[] = {
#embed "mixing-first.parameters" if_empty(0)
};

static const unsigned char second[] = {
#embed "mixing-second.parameters" if_empty(0)
};

static const unsigned char third[] = {
#embed "mixing-third.parameters" if_empty(0)
};

static const unsigned char fourth[] = {
#embed "mixing-fourth.parameters" if_empty(0)
};

static const unsigned char fifth[] = {
#embed "mixing-fifth.parameters" if_empty(0)
};

static const unsigned char sixth[] = {
#embed "mixing-sixth.parameters" if_empty(0)
};

static const unsigned char seventh[] = {
#embed "mixing-seventh.parameters" if_empty(0)
};

const unsigned char *lmz_model_small(long *size) {
  *size = sizeof small;
  return small;
}

const unsigned char *lmz_model_nano(long *size) {
  *size = sizeof nano;
  return nano;
}

const unsigned char *lmz_ngrams_small(long *size) {
  *size = sizeof small_ngrams - 8;
  return small_ngrams;
}

const unsigned char *lmz_ngrams_nano(long *size) {
  *size = sizeof nano_ngrams - 8;
  return nano_ngrams;
}

const unsigned char *lmz_mixing_parameters(int way, long *size) {
  static const unsigned char *const starts[] = {shared, first, second, third, fourth, fifth, sixth, seventh};
  static const long sizes[] = {sizeof shared, sizeof first, sizeof second, sizeof third,
                               sizeof fourth, sizeof fifth, sizeof sixth,  sizeof seventh};
  *size = sizes[way];
  return starts[way];
}
