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

#define RF_BENCH_SEND 0
#define RF_BENCH_CONNECT 1
#define RF_BENCH_QUERY 2

/* The same of what uses the network, on loopback. Of a datagram its sending alone is timed, not its receiving. */
int rf_bench_network(int workload, uint64_t iterations, uint32_t batches, double *nanoseconds);

/* Loads a program for a tracepoint that returns at once. A descriptor, or -errno. */
int rf_bench_load_empty(const char *tracepoint);

/*
 * A descriptor of the program with that name which this process holds or has attached, above all that are searched; or
 * -errno.
 */
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

/*
 * Executes `path`, which takes no words and ends at once, `count` times in turn, each in a process of its own, and stores
 * the mean nanoseconds of one. 0, or an errno.
 */
int rf_bench_executions(const char *path, uint32_t count, double *nanoseconds);

/* A pipe: ends[0] is closed on exec, ends[1] is inherited. 0, or an errno. */
int rf_bench_pipe(int ends[2]);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t rf_bench_now(void);

/* How often the calling thread has allocated memory so far, and whether that is counted at all (glibc only). */
uint64_t rf_bench_allocations(void);
int rf_bench_counts_allocations(void);

/*
 * What a monitored process does: a little work each second, and at each SIGUSR1 one getpriority(2), which it makes at no
 * other time. Ends with its parent.
 */
int rf_bench_idle_worker(void);

/*
 * Makes `rate` calls a second, in bursts of a millisecond, and keeps their number so far, 8 bytes, at the start of
 * `counter`. Ends with its parent; else an errno.
 */
int rf_bench_pace(uint64_t rate, int counter);

/*
 * The ids of the maps that a pinned object is or uses: a map, a program, or a link with its program. Returns how many
 * there are, of which `limit` are stored at most; or -errno.
 */
int rf_bench_pinned_maps(const char *pin, uint32_t *ids, uint32_t limit);

/* A descriptor of the map with that id, whose name (16 bytes) is stored; or -errno. */
int rf_bench_open_map(uint32_t id, char *name);

#endif
