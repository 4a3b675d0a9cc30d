/* lmz as a C library: archives in memory, with the models of the program.
 *
 * Link with -llmzc. All functions may be called from several threads at once. The first call that needs a language
 * model makes it ready, which takes about 0.1 s; it is kept. */
#ifndef LMZ_H
#define LMZ_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  LMZ_OK = 0,
  LMZ_ERROR_OUTPUT_TOO_SMALL = 1, /* the result has more bytes than there is room for */
  LMZ_ERROR_NOT_LMZ = 2,          /* not in lmz format */
  LMZ_ERROR_UNSUPPORTED = 3,      /* needs a newer lmz */
  LMZ_ERROR_TRUNCATED = 4,        /* ends too early */
  LMZ_ERROR_CORRUPTED = 5,
  LMZ_ERROR_CHECKSUM = 6,
  LMZ_ERROR_MODEL = 7,            /* made with a model that is not here */
  LMZ_ERROR_TRAILING_DATA = 8,    /* something else follows the archive */
  LMZ_ERROR_MEMORY = 9,           /* more than there is */
  LMZ_ERROR_PARAMETER = 10        /* a null pointer, a level that is none */
} lmz_error;

/* Version of the library, as "0.1.0". */
const char *lmz_version(void);

/* An English name for an error; "unknown error" for other numbers. */
const char *lmz_error_name(int error);

/* The most bytes that the archive of a content of `size` bytes may have. */
size_t lmz_compress_bound(size_t size);

/* Compresses `size` bytes of `content` to `archive`.
 *   archive_size  in: bytes of room at `archive`; out: bytes of the archive. Left alone where there is an error.
 *   level         1 to 9, as on the command line; 6 is its default
 *   threads       0 for all processors; changes no byte of the archive */
lmz_error lmz_compress(const void *content, size_t size, void *archive, size_t *archive_size, int level, int threads);

/* How many bytes of content an archive says that it has. Whoever made it may lie: check against what you expect
 * before you allocate as much. */
lmz_error lmz_content_size(const void *archive, size_t archive_size, size_t *size);

/* Restores the content of an archive to `content`.
 *   size  in: bytes of room at `content`; out: bytes of content. Left alone where there is an error. */
lmz_error lmz_decompress(const void *archive, size_t archive_size, void *content, size_t *size, int threads);

#ifdef __cplusplus
}
#endif

#endif
