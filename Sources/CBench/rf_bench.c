/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rf_bench.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Many short ones: a batch that was interrupted is then an outlier that the median leaves out. */
#define BATCHES 401

uint64_t rf_bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int batch(int workload, uint64_t iterations, int zero)
{
	char byte;

	switch (workload) {
	case RF_BENCH_GETPPID:
		while (iterations--)
			syscall(SYS_getppid);
		return 0;
	case RF_BENCH_READ:
		while (iterations--)
			if (syscall(SYS_read, zero, &byte, 1) != 1)
				return errno ? errno : EIO;
		return 0;
	case RF_BENCH_OPEN_CLOSE:
		while (iterations--) {
			long opened = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC);

			if (opened < 0)
				return errno;
			syscall(SYS_close, opened);
		}
		return 0;
	}
	return EINVAL;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

int rf_bench_loop(int workload, uint64_t iterations, double *nanoseconds)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	double batches[BATCHES];
	int failure;

	if (zero < 0)
		return errno;
	failure = batch(workload, iterations, zero);
	for (int i = 0; i < BATCHES && !failure; i++) {
		uint64_t start = rf_bench_now();

		failure = batch(workload, iterations, zero);
		batches[i] = (double)(rf_bench_now() - start) / (double)iterations;
	}
	close(zero);
	if (failure)
		return failure;
	qsort(batches, BATCHES, sizeof(batches[0]), compare);
	*nanoseconds = batches[BATCHES / 2];
	return 0;
}

int rf_bench_attach_empty(const char *tracepoint)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int type = libbpf_find_vmlinux_btf_id(tracepoint, BPF_TRACE_RAW_TP);
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP);
	int loaded, link;

	if (type < 0)
		return type;
	options.attach_btf_id = (uint32_t)type;
	loaded = bpf_prog_load(BPF_PROG_TYPE_TRACING, "rf_bench_empty", "Dual BSD/GPL", program,
			       sizeof(program) / sizeof(program[0]), &options);
	if (loaded < 0)
		return loaded;
	link = bpf_raw_tracepoint_open(NULL, loaded);
	close(loaded);
	return link;
}

int rf_bench_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	return fcntl(ends[1], F_SETFD, 0) < 0 ? errno : 0;
}
