// The executable's own malloc comes before that of the C library, for every library that it loads: no LD_PRELOAD is needed,
// and every single allocation is counted. As a library of its own, with LD_PRELOAD, it counts for programs that know nothing
// of it, in the file that ALLOCATION_COUNTER names. Only glibc has the names beneath.

#include "allocation_counter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_long own;
static atomic_long *allocations = &own;

// A shared mapping: whoever has started the program reads along, and its children count in the same place.
__attribute__((constructor)) static void share(void) {
    const char *file = getenv("ALLOCATION_COUNTER");
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *shared = mmap(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared != MAP_FAILED) allocations = shared;
}

static void count(void) { atomic_fetch_add_explicit(allocations, 1, memory_order_relaxed); }

long allocation_count(void) { return atomic_load(allocations); }

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count();
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count();
    void *new = __libc_memalign(alignment, size);
    if (!new) return ENOMEM;
    *memory = new;
    return 0;
}
