// The other side of CBrotli, for tests alone.
#pragma once

#include <brotli/decode.h>
