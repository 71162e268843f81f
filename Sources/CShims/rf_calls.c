/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rf_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

long rf_unknown_call(long number, unsigned long argument)
{
	return syscall(number, argument);
}

int rf_find_in_root(const char *root, const char *path, int follows)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | (follows ? RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS),
	};
	int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int file, reason;

	if (directory < 0)
		return -1;
	file = (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
	reason = errno;
	close(directory);
	errno = reason;
	return file;
}
