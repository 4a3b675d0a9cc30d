// What amx.c has for product.c.
#ifndef AMX_H
#define AMX_H

#include "CKernels.h"

// Whether the processor has the matrix units and the system lets this process use them.
int lmz_has_amx(void);

// As lmz_product, for any number of rows; x86-64 with Linux only. Takes 130 KB of the stack.
void lmz_product_amx(const int16_t *a, long a_stride, const int8_t *packed, long group_stride, int32_t *c, long c_stride,
                     long rows, long groups, long pairs);

#endif
