/* The Argon2 reference implementation in one translation unit, compiled once for each instruction set with
 * LATCHKEY_ARGON2_VARIANT naming it. The sources come from outside (cmake/Argon2.cmake). */
#define _DEFAULT_SOURCE /* explicit_bzero, with which core.c wipes */

#define PASTE(name, variant) latchkey_argon2_##name##_##variant
#define EXPAND(name, variant) PASTE(name, variant)
#define VARIANT_OF(name) EXPAND(name, LATCHKEY_ARGON2_VARIANT)
#define ENTRY_PASTE(variant) latchkey_argon2_##variant
#define ENTRY_EXPAND(variant) ENTRY_PASTE(variant)
#define ENTRY ENTRY_EXPAND(LATCHKEY_ARGON2_VARIANT)

/* Every function of theirs with external linkage, so that the variants can be linked together. */
#define FLAG_clear_internal_memory VARIANT_OF(FLAG_clear_internal_memory)
#define allocate_memory VARIANT_OF(allocate_memory)
#define blake2b VARIANT_OF(blake2b)
#define blake2b_final VARIANT_OF(blake2b_final)
#define blake2b_init VARIANT_OF(blake2b_init)
#define blake2b_init_key VARIANT_OF(blake2b_init_key)
#define blake2b_init_param VARIANT_OF(blake2b_init_param)
#define blake2b_long VARIANT_OF(blake2b_long)
#define blake2b_update VARIANT_OF(blake2b_update)
#define clear_internal_memory VARIANT_OF(clear_internal_memory)
#define copy_block VARIANT_OF(copy_block)
#define fill_first_blocks VARIANT_OF(fill_first_blocks)
#define fill_memory_blocks VARIANT_OF(fill_memory_blocks)
#define fill_segment VARIANT_OF(fill_segment)
#define finalize VARIANT_OF(finalize)
#define free_memory VARIANT_OF(free_memory)
#define index_alpha VARIANT_OF(index_alpha)
#define init_block_value VARIANT_OF(init_block_value)
#define initial_hash VARIANT_OF(initial_hash)
#define initialize VARIANT_OF(initialize)
#define secure_wipe_memory VARIANT_OF(secure_wipe_memory)
#define validate_inputs VARIANT_OF(validate_inputs)
#define xor_block VARIANT_OF(xor_block)

#include "blake2/blake2b.c"
/* core.c and opt.c after it: the latter's header redefines names that the former uses */
#include "core.c"
#include "crypto/argon2_reference.h"
#include "opt.c"

/* The memory is the caller's: initialize() finds the pointer set and keeps it. */
static int keep_memory(uint8_t** memory, size_t size) {
  (void)memory;
  (void)size;
  return ARGON2_OK;
}
/* finalize() has wiped it by now. */
static void leave_memory(uint8_t* memory, size_t size) {
  (void)memory;
  (void)size;
}

/* What argon2_ctx() of argon2.c does, on memory that was given. */
int ENTRY(const struct LatchkeyArgon2Request* request) {
  argon2_context context = {
      .out = (uint8_t*)request->tag,
      .outlen = request->tag_size,
      .pwd = (uint8_t*)request->password.data,
      .pwdlen = request->password.size,
      .salt = (uint8_t*)request->salt.data,
      .saltlen = request->salt.size,
      .secret = (uint8_t*)request->secret.data,
      .secretlen = request->secret.size,
      .ad = (uint8_t*)request->associated_data.data,
      .adlen = request->associated_data.size,
      .t_cost = request->iterations,
      .m_cost = request->memory_kib,
      .lanes = request->lanes,
      .threads = 1,
      .version = ARGON2_VERSION_13,
      .allocate_cbk = keep_memory,
      .free_cbk = leave_memory,
      .flags = ARGON2_DEFAULT_FLAGS,
  };
  int result = validate_inputs(&context);
  if (result != ARGON2_OK) return result;

  const uint32_t segment_length = context.m_cost / (context.lanes * ARGON2_SYNC_POINTS);
  argon2_instance_t instance = {
      .memory = (block*)request->memory,
      .version = context.version,
      .passes = context.t_cost,
      .memory_blocks = segment_length * context.lanes * ARGON2_SYNC_POINTS,
      .segment_length = segment_length,
      .lane_length = segment_length * ARGON2_SYNC_POINTS,
      .lanes = context.lanes,
      .threads = 1,
      .type = (argon2_type)request->type,
  };
  result = initialize(&instance, &context);
  if (result != ARGON2_OK) return result;
  result = fill_memory_blocks(&instance);
  if (result != ARGON2_OK) {
    secure_wipe_memory(instance.memory, (size_t)instance.memory_blocks * sizeof(block));
    return result;
  }
  finalize(&context, &instance);
  return ARGON2_OK;
}
