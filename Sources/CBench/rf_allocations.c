/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts the allocations of a thread: the program's own malloc and its kin come before libc's for every library that it
 * loads. With another libc than glibc nothing is counted, and rf_bench_counts_allocations says so.
 */
#include "rf_bench.h"

#include <errno.h>
#include <stdlib.h>

static _Thread_local uint64_t allocations;

#ifdef __GLIBC__
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *place, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocations++;
	return __libc_calloc(count, size);
}

void *realloc(void *place, size_t size)
{
	allocations++;
	return __libc_realloc(place, size);
}

void *memalign(size_t alignment, size_t size)
{
	allocations++;
	return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	allocations++;
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
	void *made;

	allocations++;
	if (alignment % sizeof(void *) || !alignment || alignment & (alignment - 1))
		return EINVAL;
	made = __libc_memalign(alignment, size);
	if (!made)
		return ENOMEM;
	*place = made;
	return 0;
}
#endif

uint64_t rf_bench_allocations(void)
{
	return allocations;
}

int rf_bench_counts_allocations(void)
{
	uint64_t before = allocations;
	void *volatile place = malloc(1);

	free(place);
	return allocations == before + 1;
}
