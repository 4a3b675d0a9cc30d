#ifndef COPENBLAS_SHIM_H
#define COPENBLAS_SHIM_H
#include <cblas.h>

// LAPACK's singular value decomposition by divide and conquer; Debian's OpenBLAS has it under its Fortran name, without
// a header. Matrices are column-major.
void sgesdd_(const char *jobz, const int *m, const int *n, float *a, const int *lda, float *s, float *u, const int *ldu,
             float *vt, const int *ldvt, float *work, const int *lwork, int *iwork, int *info);
#endif
