#include "CHash.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct narrate_digest {
  XXH3_state_t *state;
};

narrate_digest *narrate_digest_new(void) {
  narrate_digest *digest = malloc(sizeof *digest);
  if (!digest) return NULL;
  // Its memory is aligned as the functions need it.
  digest->state = XXH3_createState();
  if (!digest->state) {
    free(digest);
    return NULL;
  }
  XXH3_128bits_reset(digest->state);
  return digest;
}

void narrate_digest_free(narrate_digest *digest) {
  if (!digest) return;
  XXH3_freeState(digest->state);
  free(digest);
}

void narrate_digest_begin(narrate_digest *digest) { XXH3_128bits_reset(digest->state); }

void narrate_digest_add(narrate_digest *digest, const void *bytes, size_t count) {
  if (count > 0) XXH3_128bits_update(digest->state, bytes, count);
}

static narrate_digest_value value_of(XXH128_hash_t hash) {
  narrate_digest_value value = {hash.high64, hash.low64};
  return value;
}

narrate_digest_value narrate_digest_end(const narrate_digest *digest) {
  return value_of(XXH3_128bits_digest(digest->state));
}

narrate_digest_value narrate_digest_of(const void *bytes, size_t count) {
  return value_of(XXH3_128bits(bytes, count));
}
