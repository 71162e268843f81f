/* SPDX-License-Identifier: Apache-2.0 */
/* syscall(2) is variadic, which Swift cannot call. */
#ifndef RF_CALLS_H
#define RF_CALLS_H

/* Makes the system call `number` with one argument; for numbers that no kernel has. Returns -1. */
long rf_unknown_call(long number, unsigned long argument);

#endif
