// The only door to zstd.
#pragma once

#include <zstd.h>
