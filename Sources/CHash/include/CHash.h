#pragma once

#include <stddef.h>
#include <stdint.h>

// Why C: xxHash is a header of functions that a compiler of C puts in place; no library is linked or loaded.

typedef struct narrate_digest narrate_digest;

// XXH3's 128 bits.
typedef struct {
  uint64_t high, low;
} narrate_digest_value;

// NULL where there is no memory.
narrate_digest *narrate_digest_new(void);
void narrate_digest_free(narrate_digest *digest);

void narrate_digest_begin(narrate_digest *digest);
void narrate_digest_add(narrate_digest *digest, const void *bytes, size_t count);
narrate_digest_value narrate_digest_end(const narrate_digest *digest);

// Of bytes that are all there.
narrate_digest_value narrate_digest_of(const void *bytes, size_t count);
