#include "CModels.h"

const unsigned char lmz_model_small[] = {
#embed "small.safetensors"
};
const size_t lmz_model_small_size = sizeof lmz_model_small;
