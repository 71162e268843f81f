/* SPDX-License-Identifier: Apache-2.0 */
/* signalfd(2) and the macros of wait(2), which Glibc's module map lacks. */
#ifndef RF_SIGNALS_H
#define RF_SIGNALS_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

/* One signal taken from a signalfd. */
struct rf_signal {
	int number;
	int from_terminal; /* the kernel sent it to the whole foreground group: a key was pressed */
	uint32_t sender;   /* pid of the sender, 0 for the kernel */
};

/* Blocks the signals in the calling thread (and those it starts) and returns a descriptor to read them from, or -1. */
int rf_signals_open(const int *numbers, int count);

/* Takes one waiting signal. Returns 1, 0 if none waits, or -1. */
int rf_signals_take(int descriptor, struct rf_signal *taken);

/* What a shell reports for a wait status: the exit code, or 128 + the signal's number. */
int rf_exit_code(int status);
int rf_ended(int status);

#endif
