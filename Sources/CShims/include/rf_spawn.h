/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a program that must do something as itself before it executes: join a cgroup, become another user, load a
 * seccomp filter. Swift cannot fork, so this is C.
 */
#ifndef RF_SPAWN_H
#define RF_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "seccomp_shim.h"

/* Where a child failed before it executed; RF_SPAWN_OK if it did execute. */
#define RF_SPAWN_OK 0
#define RF_SPAWN_FORK 1
#define RF_SPAWN_CGROUP 2
#define RF_SPAWN_USER 3
#define RF_SPAWN_FILTER 4
#define RF_SPAWN_EXEC 5

struct rf_spawn {
	char *const *argv;         /* argv[0] is looked up in PATH */
	char *const *envp;
	const char *cgroup_procs;  /* the cgroup.procs (or tasks) file to join, or NULL */
	int change_user;           /* whether uid, gid and groups are applied */
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t group_count;
	const struct rf_bpf_instruction *filter; /* to load right before executing, or NULL */
	size_t filter_length;                    /* instructions */
	int no_new_privs;                        /* set before the filter is loaded */
};

/*
 * Forks and executes. Returns the child's pid, or -1; `step` and `error` say where and why it failed. The child starts
 * with no signal blocked and default handlers. Returns only when the child has executed or failed to.
 */
pid_t rf_spawn_program(const struct rf_spawn *request, int *step, int *error);

/* Becomes the program without forking; returns only if that failed, with where and why. */
void rf_become_program(const struct rf_spawn *request, int *step, int *error);

#endif
