#include "CModels.h"

// #embed is C23; clang has it in every C mode and says so.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char bytes[] = {
#embed "small.safetensors"
};

const unsigned char *lmz_model_small(long *size) {
  *size = sizeof bytes;
  return bytes;
}
