/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rf_bench.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What /proc says a descriptor of a program, or of a link, is. */
#define PROGRAM "anon_inode:bpf-prog"
#define LINK "anon_inode:bpf_link"
/* Descriptors that are searched; the copies are above them, so that a later search cannot find an earlier copy. */
#define DESCRIPTORS 512

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

int rf_bench_batches(int workload, uint64_t iterations, uint32_t batches, double *nanoseconds)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int failure;

	if (zero < 0)
		return errno;
	failure = batch(workload, iterations, zero);
	for (uint32_t i = 0; i < batches && !failure; i++) {
		uint64_t start = rf_bench_now();

		failure = batch(workload, iterations, zero);
		nanoseconds[i] = (double)(rf_bench_now() - start) / (double)iterations;
	}
	close(zero);
	return failure;
}

int rf_bench_load_empty(const char *tracepoint)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int type = libbpf_find_vmlinux_btf_id(tracepoint, BPF_TRACE_RAW_TP);
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP);

	if (type < 0)
		return type;
	options.attach_btf_id = (uint32_t)type;
	return bpf_prog_load(BPF_PROG_TYPE_TRACING, "rf_bench_empty", "Dual BSD/GPL", program,
			     sizeof(program) / sizeof(program[0]), &options);
}

/* Whether a descriptor of this process is of this kind. */
static int is_kind(int descriptor, const char *kind)
{
	char path[32], target[32];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	length = readlink(path, target, sizeof(target));
	return length >= 0 && (size_t)length == strlen(kind) && memcmp(target, kind, (size_t)length) == 0;
}

/* The program that a descriptor is, or that it attaches: a descriptor of its own, or -1. */
static int program_of(int descriptor)
{
	struct bpf_link_info link = {};
	uint32_t size = sizeof(link);

	if (is_kind(descriptor, PROGRAM))
		return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
	if (!is_kind(descriptor, LINK) || bpf_obj_get_info_by_fd(descriptor, &link, &size) < 0)
		return -1;
	return bpf_prog_get_fd_by_id(link.prog_id);
}

int rf_bench_find_program(const char *name)
{
	for (int descriptor = 0; descriptor < DESCRIPTORS; descriptor++) {
		struct bpf_prog_info info = {};
		uint32_t size = sizeof(info);
		int program = program_of(descriptor);
		int copy = -1;

		if (program < 0)
			continue;
		if (bpf_obj_get_info_by_fd(program, &info, &size) == 0 && strncmp(info.name, name, sizeof(info.name)) == 0)
			copy = fcntl(program, F_DUPFD_CLOEXEC, DESCRIPTORS);
		close(program);
		if (copy >= 0)
			return copy;
	}
	return -ENOENT;
}

int rf_bench_attach(int program)
{
	return bpf_raw_tracepoint_open(NULL, program);
}

int rf_bench_enable_statistics(void)
{
	return bpf_enable_stats(BPF_STATS_RUN_TIME);
}

int rf_bench_statistics(int program, uint64_t *nanoseconds, uint64_t *runs)
{
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size) < 0)
		return errno;
	*nanoseconds = info.run_time_ns;
	*runs = info.run_cnt;
	return 0;
}

int rf_bench_pin(int pinned)
{
	static cpu_set_t before;
	static int known;
	cpu_set_t one;

	if (!known && sched_getaffinity(0, sizeof(before), &before) < 0)
		return errno;
	known = 1;
	if (!pinned)
		return sched_setaffinity(0, sizeof(before), &before) < 0 ? errno : 0;
	/* The last one: interrupts and whoever does not care are on the first more often. */
	for (int processor = CPU_SETSIZE - 1; processor >= 0; processor--) {
		if (!CPU_ISSET(processor, &before))
			continue;
		CPU_ZERO(&one);
		CPU_SET(processor, &one);
		return sched_setaffinity(0, sizeof(one), &one) < 0 ? errno : 0;
	}
	return EINVAL;
}

int rf_bench_executions(const char *path, uint32_t count, double *nanoseconds)
{
	char *const words[] = { (char *)path, NULL };
	uint64_t start = rf_bench_now();

	for (uint32_t i = 0; i < count; i++) {
		/* posix_spawn(3) would make a hundred calls for the signals. */
		pid_t child = vfork();
		int status;

		if (child == 0) {
			execve(path, words, environ);
			_exit(127);
		}
		if (child < 0)
			return errno;
		if (waitpid(child, &status, 0) != child || status)
			return ECHILD;
	}
	*nanoseconds = (double)(rf_bench_now() - start) / (double)count;
	return 0;
}

int rf_bench_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	return fcntl(ends[1], F_SETFD, 0) < 0 ? errno : 0;
}
