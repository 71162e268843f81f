/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmark measures and measures against; no product code. */
#ifndef RF_BENCH_H
#define RF_BENCH_H

#include <stdint.h>

#define RF_BENCH_GETPPID 0
#define RF_BENCH_READ 1
#define RF_BENCH_OPEN_CLOSE 2

/*
 * Makes the calls of one workload `iterations` times in each of 401 batches and stores the median batch's nanoseconds per
 * iteration (CLOCK_MONOTONIC), after one batch that is not measured. 0, or an errno.
 */
int rf_bench_loop(int workload, uint64_t iterations, double *nanoseconds);

/* Attaches a program that returns at once to a tracepoint. A descriptor that detaches it when closed, or -errno. */
int rf_bench_attach_empty(const char *tracepoint);

/* A pipe: ends[0] is closed on exec, ends[1] is inherited. 0, or an errno. */
int rf_bench_pipe(int ends[2]);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t rf_bench_now(void);

/* How often the calling thread has allocated memory so far, and whether that is counted at all (glibc only). */
uint64_t rf_bench_allocations(void);
int rf_bench_counts_allocations(void);

#endif
