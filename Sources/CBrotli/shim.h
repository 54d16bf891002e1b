// The only door to brotli.
#pragma once

#include <brotli/encode.h>
