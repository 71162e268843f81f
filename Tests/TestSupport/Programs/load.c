/* SPDX-License-Identifier: Apache-2.0 */
/* load FILE COMMAND...: takes the file for a filter, struct sock_filter after struct sock_filter, loads it with prctl(2) and
 * executes the command. Exit status 125 if that fails. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct sock_filter program[4097];

int main(int count, char **words)
{
	int file = count > 2 ? open(words[1], O_RDONLY | O_CLOEXEC) : -1;
	ssize_t size = file < 0 ? -1 : read(file, program, sizeof(program));
	struct sock_fprog filter = {.len = (unsigned short)(size / 8), .filter = program};

	if (size < 8 || size % 8 || size / 8 > 4096 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) {
		perror("load");
		return 125;
	}
	execv(words[2], words + 2);
	perror("execv");
	return 125;
}
