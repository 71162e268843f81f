/* SPDX-License-Identifier: Apache-2.0 */
/* steady WORD...: a program that loads seccomp filters itself. Does what the words say, one after the other. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sock_filter everything[] = { { .code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW } };
static struct sock_filter program[4097];
static int gate[2];
static pthread_t thread;

static long call(const char *number)
{
	return syscall(strtol(number, NULL, 0), 0L, 0L, 0L, 0L, 0L, 0L);
}

/* answer N: makes a call, and prints the errno that it ends with, or 0. */
static int answer(const char *number)
{
	char line[32];
	long result = call(number);
	int length = snprintf(line, sizeof(line), "%d\n", result < 0 ? errno : 0);

	return write(1, line, length) != length;
}

/* load FILE: takes the file for a filter, struct sock_filter after struct sock_filter. */
static int load(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = file < 0 ? -1 : read(file, program, sizeof(program));
	struct sock_fprog filter = { .len = (unsigned short)(size / 8), .filter = program };

	return size < 8 || size % 8 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

/* filter: one that allows everything, for this thread. */
static int filter(void)
{
	struct sock_fprog filter = { .len = 1, .filter = everything };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

/* sync: the same, for every thread. */
static int sync_filter(void)
{
	struct sock_fprog filter = { .len = 1, .filter = everything };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0;
}

/* fork N: a child makes the call. */
static int forked(const char *number)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0) {
		call(number);
		_exit(0);
	}
	return waitpid(child, &status, 0) != child || status;
}

static void *wait_and_call(void *number)
{
	char byte;

	if (read(gate[0], &byte, 1) == 1)
		call(number);
	return NULL;
}

/* start N: a thread that will make the call. */
static int start(char *number)
{
	return pipe(gate) || pthread_create(&thread, NULL, wait_and_call, number);
}

/* join: has it do so. */
static int join(void)
{
	return write(gate[1], "x", 1) != 1 || pthread_join(thread, NULL);
}

int main(int count, char **words)
{
	int failed = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	for (int i = 1; i < count && !failed; i++) {
		const char *word = words[i];
		char *value = words[i + 1];

		if (!strcmp(word, "filter"))
			failed = filter();
		else if (!strcmp(word, "sync"))
			failed = sync_filter();
		else if (!strcmp(word, "join"))
			failed = join();
		else if (!strcmp(word, "exec")) { /* itself, with the words that follow */
			words[i] = words[0];
			execv("/proc/self/exe", words + i);
			return 3;
		} else if (i + 1 >= count)
			return 2;
		else if (!strcmp(word, "call"))
			call(words[++i]);
		else if (!strcmp(word, "answer"))
			failed = answer(words[++i]);
		else if (!strcmp(word, "load"))
			failed = load(words[++i]);
		else if (!strcmp(word, "fork"))
			failed = forked(words[++i]);
		else if (!strcmp(word, "start"))
			failed = start(value), i++;
		else
			return 2;
	}
	return failed != 0;
}
