/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RF_SECCOMP_SHIM_H
#define RF_SECCOMP_SHIM_H

#include <stddef.h>
#include <stdint.h>

/* One classic BPF instruction: struct sock_filter of linux/filter.h, which Glibc's module map lacks. */
struct rf_bpf_instruction {
	uint16_t code;
	uint8_t jt;
	uint8_t jf;
	uint32_t k;
};

/* A system call to try. */
struct rf_raw_call {
	int64_t number;
	uint64_t arguments[6];
};

/*
 * Installs a filter on the calling thread, seccomp(2) SECCOMP_SET_MODE_FILTER with `flags` (SECCOMP_FILTER_FLAG_*). Sets
 * no_new_privs first where asked: needed without CAP_SYS_ADMIN, and it stays over exec. 0 or an errno.
 */
int rf_seccomp_install(const struct rf_bpf_instruction *program, size_t count, int no_new_privs, unsigned int flags);

/* A descriptor of an empty file in memory, closed on exec, memfd_create(2); or -1 with errno. */
int rf_seccomp_memfd(void);

/*
 * In a forked child: installs the filter with no_new_privs, then makes each call and notes its errno (0: it returned
 * without an error). Swift cannot fork. 0, or the errno of what failed; ECHILD if the child did not live to the end.
 */
int rf_seccomp_try(const struct rf_bpf_instruction *program, size_t count, const struct rf_raw_call *calls,
		   size_t call_count, int32_t *errnos);

#endif
