/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "seccomp_shim.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(sizeof(struct rf_bpf_instruction) == sizeof(struct sock_filter), "one instruction");
_Static_assert(offsetof(struct rf_bpf_instruction, jf) == offsetof(struct sock_filter, jf), "jf");
_Static_assert(offsetof(struct rf_bpf_instruction, k) == offsetof(struct sock_filter, k), "k");

int rf_seccomp_install(const struct rf_bpf_instruction *program, size_t count, int no_new_privs, unsigned int flags)
{
	struct sock_fprog filter = {
		.len = (unsigned short)count,
		.filter = (struct sock_filter *)program,
	};
	long result;

	if (count == 0 || count > 4096)
		return EINVAL;
	if (no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return errno;
	result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
	if (result < 0)
		return errno;
	/* SECCOMP_FILTER_FLAG_TSYNC: the id of a thread that could not be changed. */
	return result > 0 ? ESRCH : 0;
}

int rf_seccomp_memfd(void)
{
	return memfd_create("ringfence-filter", MFD_CLOEXEC);
}

int rf_seccomp_try(const struct rf_bpf_instruction *program, size_t count, const struct rf_raw_call *calls,
		   size_t call_count, int32_t *errnos)
{
	/* Shared memory, not a pipe: the filter under test need not allow write. */
	size_t size = (call_count + 2) * sizeof(int32_t);
	volatile int32_t *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status, outcome;
	pid_t child;

	if (shared == MAP_FAILED)
		return errno;
	child = fork();
	if (child < 0) {
		outcome = errno;
		munmap((void *)shared, size);
		return outcome;
	}
	if (child == 0) {
		shared[0] = rf_seccomp_install(program, count, 1, 0);
		if (shared[0] == 0) {
			for (size_t i = 0; i < call_count; i++) {
				const uint64_t *a = calls[i].arguments;

				errno = 0;
				shared[i + 2] = syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 ? errno : 0;
			}
			shared[1] = 1;
		}
		/* exit_group is always allowed; should a broken filter refuse it, a trap ends the child. */
		syscall(SYS_exit_group, 0);
		__builtin_trap();
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	outcome = shared[0];
	if (outcome == 0 && shared[1] != 1)
		outcome = ECHILD;
	for (size_t i = 0; i < call_count; i++)
		errnos[i] = shared[i + 2];
	munmap((void *)shared, size);
	return outcome;
}
