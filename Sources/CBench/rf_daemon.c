/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rf_bench.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000ULL

int rf_bench_idle_worker(void)
{
	struct timespec second = { .tv_sec = 1 };
	sigset_t wanted;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &wanted, NULL) < 0)
		return errno;
	for (;;) {
		int descriptor;

		if (sigtimedwait(&wanted, NULL, &second) == SIGUSR1) {
			syscall(SYS_getpriority, PRIO_PROCESS, 0);
			continue;
		}
		descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
		syscall(SYS_getppid);
		if (descriptor >= 0)
			close(descriptor);
	}
}

int rf_bench_pace(uint64_t rate, int counter)
{
	uint64_t start = rf_bench_now();
	uint64_t made = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct timespec pause = { .tv_nsec = 1000000 };
		uint64_t wanted = (rf_bench_now() - start) * (rate / 1000) / (NANOSECONDS / 1000);

		for (; made + 2 < wanted; made++)
			syscall(SYS_getppid);
		made += 2;
		if (pwrite(counter, &made, sizeof(made), 0) != sizeof(made))
			return errno ? errno : EIO;
		nanosleep(&pause, NULL);
	}
}

/* The maps of a program. */
static int maps_of_program(int program, uint32_t *ids, uint32_t limit)
{
	struct bpf_prog_info info = { .nr_map_ids = limit, .map_ids = (uint64_t)(uintptr_t)ids };
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &size) < 0 ? -errno : (int)info.nr_map_ids;
}

static int maps_of_link(int link, uint32_t *ids, uint32_t limit)
{
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info);
	int program, count;

	if (bpf_obj_get_info_by_fd(link, &info, &size) < 0)
		return -errno;
	program = bpf_prog_get_fd_by_id(info.prog_id);
	if (program < 0)
		return -errno;
	count = maps_of_program(program, ids, limit);
	close(program);
	return count;
}

int rf_bench_pinned_maps(const char *pin, uint32_t *ids, uint32_t limit)
{
	char path[32], target[64] = "";
	int object = bpf_obj_get(pin);
	int count = 0;

	if (object < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", object);
	if (readlink(path, target, sizeof(target) - 1) < 0)
		count = -errno;
	else if (strstr(target, "bpf-map")) {
		struct bpf_map_info info = {};
		uint32_t size = sizeof(info);

		if (bpf_obj_get_info_by_fd(object, &info, &size) < 0)
			count = -errno;
		else if (limit > 0)
			ids[count++] = info.id;
	} else if (strstr(target, "bpf-prog"))
		count = maps_of_program(object, ids, limit);
	else if (strstr(target, "bpf_link"))
		count = maps_of_link(object, ids, limit);
	close(object);
	return count;
}

int rf_bench_open_map(uint32_t id, char *name)
{
	struct bpf_map_info info = {};
	uint32_t size = sizeof(info);
	int map = bpf_map_get_fd_by_id(id);

	if (map < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(map, &info, &size) < 0) {
		int failure = errno;

		close(map);
		return -failure;
	}
	memcpy(name, info.name, sizeof(info.name));
	return map;
}
