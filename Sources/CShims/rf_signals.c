/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rf_signals.h"

#include <errno.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

int rf_signals_open(const int *numbers, int count)
{
	sigset_t set;

	signal(SIGCHLD, SIG_DFL); /* inherited as ignored, it would leave no child to wait for */
	sigemptyset(&set);
	for (int i = 0; i < count; i++)
		sigaddset(&set, numbers[i]);
	errno = pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (errno)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int rf_signals_take(int descriptor, struct rf_signal *taken)
{
	struct signalfd_siginfo info;
	ssize_t got = read(descriptor, &info, sizeof(info));

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (got != (ssize_t)sizeof(info))
		return -1;
	taken->number = (int)info.ssi_signo;
	taken->from_terminal = info.ssi_code == SI_KERNEL;
	taken->sender = info.ssi_code == SI_KERNEL ? 0 : info.ssi_pid;
	return 1;
}

int rf_ended(int status)
{
	return WIFEXITED(status) || WIFSIGNALED(status);
}

int rf_exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
