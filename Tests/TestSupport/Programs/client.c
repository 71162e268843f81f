/* SPDX-License-Identifier: Apache-2.0 */
/* A client of the control socket that does not behave: client SOCKET HOW COUNT. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char status[] = "{\"v\":1,\"verb\":\"status\",\"arguments\":{}}\n";
static const char follow[] = "{\"v\":1,\"verb\":\"alerts\",\"arguments\":{\"follow\":true}}\n";

static int open_one(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int one = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	return one >= 0 && connect(one, (struct sockaddr *)&address, sizeof(address)) == 0 ? one : -1;
}

/* Sends everything that is taken; what it is answered with is printed, up to its first line. */
static void talk(int one, const char *bytes, size_t count)
{
	char answer[4096];
	ssize_t length = 0;

	while (count) {
		ssize_t sent = send(one, bytes, count, MSG_NOSIGNAL);

		if (sent <= 0)
			break;
		bytes += sent;
		count -= sent;
	}
	length = recv(one, answer, sizeof(answer) - 1, 0);
	answer[length > 0 ? length : 0] = 0;
	printf("%.*s\n", (int)strcspn(answer, "\n"), answer);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	long count = argc > 3 ? strtol(argv[3], NULL, 0) : 0;
	const char *how = argc > 3 ? argv[2] : "";
	char *block;
	int one;

	if (!strcmp(how, "half") || !strcmp(how, "slow") || !strcmp(how, "leave")) {
		/* half: the beginning of a line and no more; slow: a tail that is never read; leave: gone before the answer. */
		const char *line = !strcmp(how, "slow") ? follow : status;
		size_t length = strlen(line) - (!strcmp(how, "half") ? 5 : 0);

		for (long i = 0; i < count; i++) {
			one = open_one(argv[1]);
			if (one >= 0 && send(one, line, length, MSG_NOSIGNAL) < 0 && errno != EPIPE)
				return 2;
			if (!strcmp(how, "leave"))
				close(one);
		}
		puts("sent");
		fflush(stdout);
		if (strcmp(how, "leave"))
			for (;;)
				pause();
		return 0;
	}
	one = open_one(argv[1]);
	if (one < 0) {
		printf("refused: %s\n", strerror(errno));
		return 77;
	}
	if (!strcmp(how, "lines") || !strcmp(how, "greedy")) {
		/* lines: what is answered is not read, so most stays here; greedy: all is read, by another process. */
		size_t length = strlen(status);
		int isGreedy = !strcmp(how, "greedy");

		block = malloc(length * count);
		for (long i = 0; i < count; i++)
			memcpy(block + i * length, status, length);
		if (isGreedy && fork() == 0) {
			static char answers[1 << 16];

			/* Who is killed takes its reader along: that has the connection, too. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			while (recv(one, answers, sizeof(answers), 0) > 0)
				;
			return 0;
		}
		for (size_t sent = 0; sent < length * count;) {
			ssize_t taken = send(one, block + sent, length * count - sent,
					     MSG_NOSIGNAL | (isGreedy ? 0 : MSG_DONTWAIT));

			if (taken <= 0)
				break;
			sent += taken;
		}
		puts("sent");
		fflush(stdout);
		for (;;)
			pause();
	}
	block = malloc(count + 1);
	/* long: one endless line; garbage: bytes of every kind. */
	for (long i = 0; i < count; i++)
		block[i] = !strcmp(how, "long") ? 'x' : (char)(i * 37 + i / 251);
	talk(one, block, count);
	return 0;
}
