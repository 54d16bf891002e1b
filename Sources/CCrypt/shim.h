#ifndef BATON_CCRYPT_SHIM_H
#define BATON_CCRYPT_SHIM_H

// Without _GNU_SOURCE: it gives the types of the C library other members than Swift's own module of it has.
#include <crypt.h>
#include <stdlib.h>
#include <string.h>

// Whether a password has this hash: 1 or 0; -1 where the system cannot tell (an unknown or broken hash, or no memory).
// In C, because the 32 KiB that crypt_r works in must be zeroed before they are given back, which Swift does not promise.
static inline int baton_crypt_matches(const char *password, const char *hash) {
    struct crypt_data *data = (struct crypt_data *)calloc(1, sizeof *data);
    if (data == NULL) return -1;
    const char *found = crypt_r(password, hash, data);
    int result = -1;
    // A failure is told by NULL or by a text that begins with a star and is no hash.
    if (found != NULL && found[0] != '*') {
        size_t length = strlen(hash);
        if (strlen(found) == length) {
            unsigned char difference = 0;
            for (size_t i = 0; i < length; i++) difference |= (unsigned char)(found[i] ^ hash[i]);
            result = difference == 0;
        }
    }
    explicit_bzero(data, sizeof *data);
    free(data);
    return result;
}

#endif
