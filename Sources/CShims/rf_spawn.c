/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rf_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct failure {
	int step;
	int error;
};

static int join(const char *cgroup_procs)
{
	int descriptor = open(cgroup_procs, O_WRONLY | O_CLOEXEC);

	if (descriptor < 0)
		return errno;
	if (write(descriptor, "0", 1) != 1)
		return errno;
	close(descriptor);
	return 0;
}

static int become(const struct rf_spawn *request)
{
	if (setgroups(request->group_count, request->groups) < 0)
		return errno;
	if (setresgid(request->gid, request->gid, request->gid) < 0)
		return errno;
	if (setresuid(request->uid, request->uid, request->uid) < 0)
		return errno;
	return 0;
}

static void forget_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL); /* fails for KILL and STOP, which need nothing */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child. Returns only if it failed. */
static struct failure become_program(const struct rf_spawn *request)
{
	struct failure failure = { RF_SPAWN_OK, 0 };

	forget_signals();
	if (request->cgroup_procs && (failure.error = join(request->cgroup_procs))) {
		failure.step = RF_SPAWN_CGROUP;
		return failure;
	}
	if (request->change_user && (failure.error = become(request))) {
		failure.step = RF_SPAWN_USER;
		return failure;
	}
	if (request->filter &&
	    (failure.error = rf_seccomp_install(request->filter, request->filter_length, request->no_new_privs, 0))) {
		failure.step = RF_SPAWN_FILTER;
		return failure;
	}
	execvpe(request->argv[0], request->argv, request->envp);
	failure.step = RF_SPAWN_EXEC;
	failure.error = errno;
	return failure;
}

pid_t rf_spawn_program(const struct rf_spawn *request, int *step, int *error)
{
	struct failure failure = { RF_SPAWN_OK, 0 };
	int report[2];
	ssize_t got;
	pid_t child;

	*step = RF_SPAWN_FORK;
	if (pipe2(report, O_CLOEXEC) < 0) {
		*error = errno;
		return -1;
	}
	child = fork();
	if (child == 0) {
		failure = become_program(request);
		/* A filter may refuse even write: the parent then sees exit status 127 and an empty pipe. */
		(void)!write(report[1], &failure, sizeof(failure));
		_exit(127);
	}
	if (child < 0) {
		*error = errno;
		close(report[0]);
		close(report[1]);
		return -1;
	}
	close(report[1]);
	do
		got = read(report[0], &failure, sizeof(failure));
	while (got < 0 && errno == EINTR);
	close(report[0]);
	if (got == (ssize_t)sizeof(failure)) {
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
		*step = failure.step;
		*error = failure.error;
		return -1;
	}
	*step = RF_SPAWN_OK;
	*error = 0;
	return child;
}

void rf_become_program(const struct rf_spawn *request, int *step, int *error)
{
	struct failure failure = become_program(request);

	*step = failure.step;
	*error = failure.error;
}
