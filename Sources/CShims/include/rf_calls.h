/* SPDX-License-Identifier: Apache-2.0 */
/* syscall(2) is variadic, which Swift cannot call. */
#ifndef RF_CALLS_H
#define RF_CALLS_H

/* Makes the system call `number` with one argument; for numbers that no kernel has. Returns -1. */
long rf_unknown_call(long number, unsigned long argument);

/*
 * openat2(2) of a path below the directory `root`, which is the root for it: no link, absolute or with .., leads out of it, and no
 * magic link of procfs is followed; with `follows` 0 no link at all (ELOOP). The file is found, and not opened for anything
 * (O_PATH). -1 and errno.
 */
int rf_find_in_root(const char *root, const char *path, int follows);

#endif
