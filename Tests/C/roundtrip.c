// The C library as a C program uses it: every level, every kind of error.
#include <lmz.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

static void check(int holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "failed: %s\n", what);
    failures++;
  }
}

static void restores(const char *content, size_t size, int level, int threads) {
  size_t bound = lmz_compress_bound(size), archive_size = bound, back = size, said = 0;
  char *archive = malloc(bound), *restored = malloc(size + 1);
  check(lmz_compress(content, size, archive, &archive_size, level, threads) == LMZ_OK, "compress");
  check(archive_size <= bound, "bound");
  check(lmz_content_size(archive, archive_size, &said) == LMZ_OK && said == size, "content size");
  check(lmz_decompress(archive, archive_size, restored, &back, threads) == LMZ_OK, "decompress");
  check(back == size && memcmp(content, restored, size) == 0, "content");
  if (size > 0) {
    back = size - 1;
    check(lmz_decompress(archive, archive_size, restored, &back, 1) == LMZ_ERROR_OUTPUT_TOO_SMALL, "room");
    check(back == size - 1, "size is left alone");
    archive[archive_size / 2] ^= 16;
    back = size;
    check(lmz_decompress(archive, archive_size, restored, &back, 1) != LMZ_OK, "damage");
  }
  free(archive);
  free(restored);
}

int main(int argc, char **argv) {
  size_t size = 0, room = 1 << 20;
  char *content = malloc(room);
  FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
  if (!file) return 2;
  size = fread(content, 1, room, file);
  fclose(file);
  for (int level = 1; level <= 9; level++) restores(content, size < 3000 ? size : 3000, level, level % 3);
  restores(content, size < 12000 ? size : 12000, 6, 0);
  restores("", 0, 6, 1);
  // What cannot be compressed stays below the bound.
  unsigned state = 1;
  for (size_t i = 0; i < room; i++) content[i] = (char)((state = state * 1664525u + 1013904223u) >> 24);
  for (size_t n = 1; n <= room; n = n * 7 + 3) restores(content, n, 6, 0);
  restores(content, room, 1, 1);

  size_t out = room;
  check(lmz_compress(content, 10, content, &out, 0, 1) == LMZ_ERROR_PARAMETER, "level 0");
  check(lmz_compress(NULL, 10, content, &out, 6, 1) == LMZ_ERROR_PARAMETER, "null");
  check(lmz_decompress("no archive", 10, content, &out, 1) == LMZ_ERROR_NOT_LMZ, "foreign");
  check(lmz_decompress("\xECLM", 3, content, &out, 1) == LMZ_ERROR_TRUNCATED, "truncated");
  check(strcmp(lmz_error_name(LMZ_ERROR_NOT_LMZ), "not in lmz format") == 0, "name");
  check(strcmp(lmz_error_name(99), "unknown error") == 0, "unknown name");
  check(strlen(lmz_version()) > 4, "version");
  free(content);
  printf("C library: %s\n", failures ? "FAILED" : "1 passed, 0 failed");
  return failures != 0;
}
