/* SPDX-License-Identifier: Apache-2.0 */
/* gnu/libc-version.h and malloc.h are not in Glibc's module map. */
#ifndef RF_LIBC_H
#define RF_LIBC_H

#include <gnu/libc-version.h>
#include <malloc.h>

/* malloc_trim(3): what the allocator keeps and nobody uses goes back to the system. */
static inline void rf_give_back_memory(void)
{
	malloc_trim(0);
}

#endif
