/* The Argon2 reference implementation as one C function for each instruction set. */
#ifndef LATCHKEY_CRYPTO_ARGON2_REFERENCE_H
#define LATCHKEY_CRYPTO_ARGON2_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct LatchkeyArgon2Bytes {
  const void* data;
  uint32_t size;
};

struct LatchkeyArgon2Request {
  int type;
  uint32_t memory_kib;
  uint32_t iterations;
  uint32_t lanes;
  struct LatchkeyArgon2Bytes password;
  struct LatchkeyArgon2Bytes salt;
  struct LatchkeyArgon2Bytes secret;
  struct LatchkeyArgon2Bytes associated_data;
  void* tag;
  uint32_t tag_size;
  void* memory; /* memory_kib of it; wiped before the function returns */
};

/* 0, or one of the reference implementation's error codes. */
int latchkey_argon2_sse2(const struct LatchkeyArgon2Request* request);
int latchkey_argon2_avx2(const struct LatchkeyArgon2Request* request);
int latchkey_argon2_avx512(const struct LatchkeyArgon2Request* request);

#ifdef __cplusplus
}
#endif

#endif
