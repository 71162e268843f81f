/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rf_piped.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static int spawn(char *const *argv, char *const *envp, int input, int message, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int failure = posix_spawn_file_actions_init(&actions);

	if (failure)
		return failure;
	failure = posix_spawnattr_init(&attributes);
	if (failure) {
		posix_spawn_file_actions_destroy(&actions);
		return failure;
	}
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes,
				 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	failure = posix_spawn_file_actions_adddup2(&actions, input, 0);
	if (!failure)
		failure = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (!failure)
		failure = posix_spawn_file_actions_adddup2(&actions, message, 2);
	if (!failure)
		failure = posix_spawnp(pid, argv[0], &actions, &attributes, argv, envp);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failure;
}

/* A pipe without the descriptors 0 to 2, which the file actions would overwrite before they are used. */
static int make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	for (int i = 0; i < 2; i++) {
		int moved;

		if (ends[i] > 2)
			continue;
		moved = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
		if (moved < 0) {
			int failure = errno;

			close(ends[0]);
			close(ends[1]);
			return failure;
		}
		close(ends[i]);
		ends[i] = moved;
	}
	return 0;
}

int rf_start_piped(char *const *argv, char *const *envp, struct rf_piped *started)
{
	int input[2], message[2];
	int failure = make_pipe(input);

	if (failure)
		return failure;
	failure = make_pipe(message);
	if (failure) {
		close(input[0]);
		close(input[1]);
		return failure;
	}
	failure = spawn(argv, envp, input[0], message[1], &started->pid);
	close(input[0]);
	close(message[1]);
	/* The flag belongs to the open file, and each end of a pipe is one: the program's ends still block. */
	if (!failure && (fcntl(input[1], F_SETFL, O_NONBLOCK) < 0 || fcntl(message[0], F_SETFL, O_NONBLOCK) < 0))
		failure = errno;
	if (failure) {
		close(input[1]);
		close(message[0]);
		return failure;
	}
	started->input = input[1];
	started->message = message[0];
	return 0;
}
