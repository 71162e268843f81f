/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmark measures and measures against; no product code. */
#ifndef RF_BENCH_H
#define RF_BENCH_H

#include <stdint.h>

#define RF_BENCH_GETPPID 0
#define RF_BENCH_READ 1
#define RF_BENCH_OPEN_CLOSE 2

/*
 * Makes the calls of one workload `iterations` times in each of `batches` batches and stores each batch's nanoseconds per
 * iteration (CLOCK_MONOTONIC), after one batch that is not measured. 0, or an errno.
 */
int rf_bench_batches(int workload, uint64_t iterations, uint32_t batches, double *nanoseconds);

/* Loads a program for a tracepoint that returns at once. A descriptor, or -errno. */
int rf_bench_load_empty(const char *tracepoint);

/* A copy of this process's descriptor of the program with that name, above all that are searched; or -errno. */
int rf_bench_find_program(const char *name);

/* Attaches a tp_btf program. A descriptor that detaches it when closed, or -errno. */
int rf_bench_attach(int program);

/*
 * Makes the kernel keep each program's run time (BPF_ENABLE_STATS, Linux 5.8) until the descriptor that is returned is
 * closed. It reads the clock twice a run, and so costs every program of the machine some 20 to 60 ns. Or -errno.
 */
int rf_bench_enable_statistics(void);

/* The run time of a program and the number of its runs while statistics were kept. 0, or an errno. */
int rf_bench_statistics(int program, uint64_t *nanoseconds, uint64_t *runs);

/* Keeps this thread on the last processor that it may use, or lets it go again. 0, or an errno. */
int rf_bench_pin(int pinned);

/* A pipe: ends[0] is closed on exec, ends[1] is inherited. 0, or an errno. */
int rf_bench_pipe(int ends[2]);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t rf_bench_now(void);

/* How often the calling thread has allocated memory so far, and whether that is counted at all (glibc only). */
uint64_t rf_bench_allocations(void);
int rf_bench_counts_allocations(void);

#endif
