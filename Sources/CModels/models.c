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

static const unsigned char parameters[] = {
#embed "mixing.parameters" if_empty(0)
};

static const unsigned char second_parameters[] = {
#embed "mixing-second.parameters" if_empty(0)
};

static const unsigned char third_parameters[] = {
#embed "mixing-third.parameters" if_empty(0)
};

static const unsigned char fourth_parameters[] = {
#embed "mixing-fourth.parameters" if_empty(0)
};

static const unsigned char fifth_parameters[] = {
#embed "mixing-fifth.parameters" if_empty(0)
};

static const unsigned char sixth_parameters[] = {
#embed "mixing-sixth.parameters" if_empty(0)
};

static const unsigned char seventh_parameters[] = {
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

const unsigned char *lmz_mixing_parameters(long *size) {
  *size = sizeof parameters;
  return parameters;
}

const unsigned char *lmz_second_mixing_parameters(long *size) {
  *size = sizeof second_parameters;
  return second_parameters;
}

const unsigned char *lmz_third_mixing_parameters(long *size) {
  *size = sizeof third_parameters;
  return third_parameters;
}

const unsigned char *lmz_fourth_mixing_parameters(long *size) {
  *size = sizeof fourth_parameters;
  return fourth_parameters;
}

const unsigned char *lmz_fifth_mixing_parameters(long *size) {
  *size = sizeof fifth_parameters;
  return fifth_parameters;
}

const unsigned char *lmz_sixth_mixing_parameters(long *size) {
  *size = sizeof sixth_parameters;
  return sixth_parameters;
}

const unsigned char *lmz_seventh_mixing_parameters(long *size) {
  *size = sizeof seventh_parameters;
  return seventh_parameters;
}
