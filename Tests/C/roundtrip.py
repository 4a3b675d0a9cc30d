"""The C library from Python's ctypes: python3 roundtrip.py LIBRARY FILE"""

import ctypes
import sys

lmz = ctypes.CDLL(sys.argv[1])
lmz.lmz_compress_bound.restype = ctypes.c_size_t
lmz.lmz_compress_bound.argtypes = [ctypes.c_size_t]
lmz.lmz_error_name.restype = ctypes.c_char_p
size_pointer = ctypes.POINTER(ctypes.c_size_t)
lmz.lmz_compress.argtypes = [
    ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, size_pointer, ctypes.c_int, ctypes.c_int]
lmz.lmz_decompress.argtypes = [
    ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, size_pointer, ctypes.c_int]
lmz.lmz_content_size.argtypes = [ctypes.c_char_p, ctypes.c_size_t, size_pointer]


def check(error):
    if error:
        raise ValueError(lmz.lmz_error_name(error).decode())


def compress(content, level=6):
    room = ctypes.c_size_t(lmz.lmz_compress_bound(len(content)))
    archive = ctypes.create_string_buffer(room.value)
    check(lmz.lmz_compress(content, len(content), archive, ctypes.byref(room), level, 0))
    return archive.raw[:room.value]


def decompress(archive):
    size = ctypes.c_size_t()
    check(lmz.lmz_content_size(archive, len(archive), ctypes.byref(size)))
    content = ctypes.create_string_buffer(max(1, size.value))
    check(lmz.lmz_decompress(archive, len(archive), content, ctypes.byref(size), 0))
    return content.raw[:size.value]


content = open(sys.argv[2], "rb").read()[:20000]
archive = compress(content)
assert decompress(archive) == content
assert len(archive) < len(content) // 3, len(archive)
try:
    decompress(archive[:-1])
except ValueError as error:
    assert "unexpected end" in str(error), error
else:
    raise AssertionError("a truncated archive was decoded")
print("C library from Python: 1 passed, 0 failed")
