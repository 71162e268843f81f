/* SPDX-License-Identifier: Apache-2.0 */
/* Makes exactly the calls that a test asks for. Compiled by the tests, also for 32 bits. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* calls N...: each number once, with recognisable arguments. */
static int calls(int count, char **numbers)
{
	for (int i = 0; i < count; i++)
		syscall(strtol(numbers[i], NULL, 0), 0x11L, 0x22L, 0x33L, 0x44L, 0x55L, 0x66L);
	return 0;
}

/* stamped N FILE: makes a call, then writes what CLOCK_BOOTTIME showed right before it. */
static int stamped(long number, const char *path)
{
	FILE *file = fopen(path, "w");
	struct timespec now;

	if (!file)
		return 2;
	clock_gettime(CLOCK_BOOTTIME, &now);
	syscall(number, 0L, 0L, 0L, 0L, 0L, 0L);
	fprintf(file, "%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
	return fclose(file);
}

/* odd TIMES: call numbers that no table holds. */
static int odd(long times)
{
	for (long i = 0; i < times; i++)
		syscall(100000 + i % 64, 1, 2, 3);
	return 0;
}

/* fork TIMES: children that end at once. */
static int forks(long times)
{
	for (long i = 0; i < times; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
	return 0;
}

/* exec TIMES: executes itself again and again. */
static int execs(char **argv, long times)
{
	char left[32];

	if (times <= 0)
		return 0;
	snprintf(left, sizeof(left), "%ld", times - 1);
	execl("/proc/self/exe", argv[0], "exec", left, NULL);
	return 1;
}

static void *in_thread(void *unused)
{
	syscall(SYS_getppid);
	return unused;
}

static int threads(long times)
{
	pthread_t thread;

	for (long i = 0; i < times; i++) {
		if (pthread_create(&thread, NULL, in_thread, NULL))
			return 1;
		pthread_join(thread, NULL);
	}
	return 0;
}

/* sockets FAMILY...: one of each. */
static int sockets(int count, char **families)
{
	for (int i = 0; i < count; i++)
		close(socket(atoi(families[i]), SOCK_DGRAM, 0));
	return 0;
}

/* One NOP through a ring and, with `opens`, one OPENAT. */
static int ring(int opens)
{
	unsigned int count = opens ? 2 : 1;
	struct io_uring_params params = { 0 };
	struct io_uring_sqe *entries;
	unsigned char *queue;
	unsigned int *tail, *mask, *array;
	int descriptor = syscall(SYS_io_uring_setup, 4, &params);

	if (descriptor < 0)
		return 2;
	queue = mmap(NULL, params.sq_off.array + params.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor,
		     IORING_OFF_SQ_RING);
	entries = mmap(NULL, params.sq_entries * sizeof(*entries), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor,
		       IORING_OFF_SQES);
	if (queue == MAP_FAILED || entries == MAP_FAILED)
		return 3;
	tail = (unsigned int *)(queue + params.sq_off.tail);
	mask = (unsigned int *)(queue + params.sq_off.ring_mask);
	array = (unsigned int *)(queue + params.sq_off.array);
	memset(entries, 0, 2 * sizeof(*entries));
	entries[0].opcode = IORING_OP_NOP;
	entries[1].opcode = IORING_OP_OPENAT;
	entries[1].fd = AT_FDCWD;
	entries[1].addr = (uintptr_t)"/dev/null";
	array[*tail & *mask] = 0;
	array[(*tail + 1) & *mask] = 1;
	__atomic_store_n(tail, *tail + count, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, descriptor, count, count, IORING_ENTER_GETEVENTS, NULL, 0) == count ? 0 : 4;
}

/* nested DIR: makes a cgroup below DIR, moves there and calls getpgid. */
static int nested(const char *directory)
{
	char path[512];
	int file;

	snprintf(path, sizeof(path), "%s/below", directory);
	if (mkdir(path, 0755) && errno != EEXIST)
		return 2;
	snprintf(path, sizeof(path), "%s/below/cgroup.procs", directory);
	file = open(path, O_WRONLY);
	if (file < 0 || write(file, "0", 1) != 1)
		return 3;
	close(file);
	syscall(SYS_getpgid, 0);
	return 0;
}

/* apart MILLISECONDS: sleeps in a mount namespace of its own. */
static int apart(char **argv)
{
	if (unshare(CLONE_NEWNS))
		return 2;
	execl("/proc/self/exe", argv[0], "sleep", argv[2], NULL);
	return 1;
}

/* enter PID: executes itself in the mount namespace of a process. */
static int enter(char **argv)
{
	char path[64];
	int file;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", argv[2]);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || setns(file, CLONE_NEWNS))
		return 2;
	execl("/proc/self/exe", argv[0], "sleep", "0", NULL);
	return 1;
}

static int pause_for(long milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	return nanosleep(&time, NULL);
}

/* A child that executes what `descriptor` or, if that is negative, `words[0]` names. */
static void run(int descriptor, char **words)
{
	pid_t child = fork();

	if (child == 0) {
		if (descriptor < 0)
			execv(words[0], words);
		else
			fexecve(descriptor, words, environ);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

/* Executes a copy of the program `words[0]` that is in memory alone. */
static void run_from_memory(char **words)
{
	char block[65536];
	int source = open(words[0], O_RDONLY);
	int copy = memfd_create("copy", MFD_CLOEXEC);
	ssize_t length;

	while ((length = read(source, block, sizeof(block))) > 0 && write(copy, block, length) == length)
		;
	close(source);
	run(copy, words);
	close(copy);
}

/* A call through the 32-bit table of a 64-bit kernel. */
static void foreign(long number)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(0), "c"(0), "d"(0) : "memory");
#else
	(void)number;
#endif
}

static void serve(char *line)
{
	char *words[8] = { NULL };
	int count = 0;

	for (char *word = strtok(line, " "); word && count < 7; word = strtok(NULL, " "))
		words[count++] = word;
	if (count < 2)
		return;
	if (!strcmp(words[0], "call"))
		calls(count - 1, words + 1);
	else if (!strcmp(words[0], "run"))
		run(-1, words + 1);
	else if (!strcmp(words[0], "memory"))
		run_from_memory(words + 1);
	else if (!strcmp(words[0], "odd"))
		odd(strtol(words[1], NULL, 0));
	else if (!strcmp(words[0], "socket"))
		sockets(count - 1, words + 1);
	else if (!strcmp(words[0], "foreign"))
		foreign(strtol(words[1], NULL, 0));
	else if (!strcmp(words[0], "ring"))
		ring(atoi(words[1]));
}

/* service: does what the lines of its standard input say, and makes a call now and then until that ends. */
static int service(void)
{
	char text[4096];
	struct pollfd input = { .fd = 0, .events = POLLIN };

	for (;;) {
		if (poll(&input, 1, 50) == 0) {
			syscall(SYS_getppid);
			continue;
		}
		ssize_t length = read(0, text, sizeof(text) - 1);

		if (length <= 0)
			return 0;
		text[length] = 0;
		for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
			serve(line);
	}
}

int main(int argc, char **argv);

/* spread DIRECTORY COUNT TIMES: runs DIRECTORY/0 and so on, each in a process of its own, in turn. */
static int spread(const char *directory, long count, long times)
{
	char path[256];

	for (long i = 0; i < count * times; i++) {
		pid_t child = fork();

		if (child == 0) {
			snprintf(path, sizeof(path), "%s/%ld", directory, i % count);
			execl(path, path, "calls", NULL);
			_exit(3);
		}
		if (child < 0 || waitpid(child, NULL, 0) != child)
			return 2;
	}
	return 0;
}

/* become UID WORDS...: takes another user's rights, in this process alone, and goes on with the rest. */
static int become(int argc, char **argv)
{
	uid_t uid = strtoul(argv[2], NULL, 0);

	if (syscall(SYS_setresuid, uid, uid, uid))
		return 2;
	argv[2] = argv[0];
	return main(argc - 2, argv + 2);
}

/* owner FILE: gives a file to somebody else, which needs CAP_CHOWN. */
static int owner(const char *path)
{
	return chown(path, 12345, 12345) ? 2 : 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	long number = argc > 2 ? strtol(argv[2], NULL, 0) : 0;

	if (!strcmp(what, "calls"))
		return calls(argc - 2, argv + 2);
	if (!strcmp(what, "odd"))
		return odd(number);
	if (!strcmp(what, "fork"))
		return forks(number);
	if (!strcmp(what, "exec"))
		return execs(argv, number);
	if (!strcmp(what, "threads"))
		return threads(number);
	if (!strcmp(what, "sockets"))
		return sockets(argc - 2, argv + 2);
	if (!strcmp(what, "io_uring"))
		return ring(1);
	if (!strcmp(what, "stamped") && argc > 3)
		return stamped(number, argv[3]);
	if (!strcmp(what, "nested") && argc > 2)
		return nested(argv[2]);
	if (!strcmp(what, "apart") && argc > 2)
		return apart(argv);
	if (!strcmp(what, "enter") && argc > 2)
		return enter(argv);
	if (!strcmp(what, "chain") && argc > 2)
		return execv(argv[2], argv + 2), 2;
	if (!strcmp(what, "spread") && argc > 4)
		return spread(argv[2], strtol(argv[3], NULL, 0), strtol(argv[4], NULL, 0));
	if (!strcmp(what, "become") && argc > 2)
		return become(argc, argv);
	if (!strcmp(what, "owner") && argc > 2)
		return owner(argv[2]);
	if (!strcmp(what, "service"))
		return service();
	if (!strcmp(what, "sleep"))
		return pause_for(number);
	fprintf(stderr, "probe: what?\n");
	return 64;
}
