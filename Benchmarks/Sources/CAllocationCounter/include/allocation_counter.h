/// How often this process has allocated: every malloc, calloc, realloc and aligned allocation since its start.
long allocation_count(void);
