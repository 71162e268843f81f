/* SPDX-License-Identifier: Apache-2.0 */
#include "ringfence_object.h"

#include "objects/digests.h"

/* libbpf reads the ELF in place, so it must be aligned like one. */
static const unsigned char object[] __attribute__((aligned(8))) = {
#if defined(__x86_64__)
#embed "objects/ringfence_x86_64.bpf.o"
#elif defined(__aarch64__)
#embed "objects/ringfence_arm64.bpf.o"
#else
#error "there is no BPF object for this architecture"
#endif
};

const void *rf_object_bytes(void)
{
	return object;
}

size_t rf_object_size(void)
{
	return sizeof(object);
}
