/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a program that is fed through a pipe: pipe2(2) and the file actions of posix_spawn(3), which Glibc's module
 * map lacks or which need several calls on one opaque value.
 */
#ifndef RF_PIPED_H
#define RF_PIPED_H

#include <sys/types.h>

struct rf_piped {
	pid_t pid;   /* leader of a process group of its own */
	int input;   /* writing end of its standard input: non-blocking, close-on-exec */
	int message; /* reading end of its standard error: non-blocking, close-on-exec */
};

/*
 * Starts argv[0], looked up in PATH, with standard output to /dev/null, no signal blocked and default handlers. Returns 0
 * once it has executed, else an errno.
 */
int rf_start_piped(char *const *argv, char *const *envp, struct rf_piped *started);

#endif
