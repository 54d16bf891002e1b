// The only door to zlib.
#pragma once

#include <zlib.h>

// deflateInit2 is a macro, which Swift does not see. 31 is the largest window, of 32 KiB, in gzip's format; 8 is zlib's own
// choice of memory.
static inline int baton_gzip_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
}
