/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uses exactly the addresses that a test asks for. Compiled by the tests. Each word is VERB=ADDRESS=PORT:
 *   tcp      connects; waits at most two seconds for what becomes of it
 *   hasty    the same, not blocking: nobody waits
 *   udp      sends a datagram with a socket that is not connected
 *   chosen   sends one with a socket that is
 *   listen   listens, and accepts one connection from itself
 *   wait     listens, and nobody comes
 *   bind     binds a datagram socket
 *   ring     connects through io_uring
 *   unix     connects to the socket whose name is ADDRESS; @ stands for the NUL of an abstract one
 *   spread   sends a datagram to each of ADDRESS's first PORT ports
 *   storm    connects to port after port of ADDRESS, PORT thousand times, and waits for none
 *   reply    binds a datagram socket to ADDRESS and PORT, is sent one by another, and answers it; then sends to PORT + 1
 *   racing   connects while another thread writes 192.0.2.66 over the address
 *   family   asks for a socket of the family whose number is ADDRESS
 *   resolver answers queries for names at ADDRESS, port PORT, from a thread of its own
 *   set      has it answer ADDRESS for the name that stands in PORT's place
 *   forge    has it answer with another identifier (ADDRESS is 1), another question (2), from another port (3), from another
 *            address of loopback (4); as it should (0)
 *   name     asks the resolver ADDRESS, port 53, for the name in PORT's place, and connects, hasty, to whatever address comes
 *            back, at the port that follows as =PORT; does nothing else where that is 0
 *   flood    sends PORT thousand queries for names to the resolver ADDRESS, port 53, and waits for no answer
 *   lines    does the words of every line of the file ADDRESS, which may be a pipe
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_un local;
};

static socklen_t parse(union address *address, const char *text, int port)
{
	memset(address, 0, sizeof(*address));
	if (strchr(text, ':')) {
		address->six.sin6_family = AF_INET6;
		address->six.sin6_port = htons(port);
		inet_pton(AF_INET6, text, &address->six.sin6_addr);
		return sizeof(address->six);
	}
	address->four.sin_family = AF_INET;
	address->four.sin_port = htons(port);
	inet_pton(AF_INET, text, &address->four.sin_addr);
	return sizeof(address->four);
}

static void tcp(union address *to, socklen_t length, int patience)
{
	int descriptor = socket(to->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct pollfd wait = { .fd = descriptor, .events = POLLOUT };

	connect(descriptor, &to->any, length);
	poll(&wait, 1, patience);
	close(descriptor);
}

static void udp(union address *to, socklen_t length, int is_connected)
{
	int descriptor = socket(to->any.sa_family, SOCK_DGRAM, 0);

	if (is_connected && connect(descriptor, &to->any, length) == 0)
		send(descriptor, "x", 1, 0);
	else if (!is_connected)
		sendto(descriptor, "x", 1, 0, &to->any, length);
	close(descriptor);
}

static int serve(union address *at, socklen_t length, int type, int is_visited)
{
	int descriptor = socket(at->any.sa_family, type, 0), one = 1, guest, host;
	union address own;
	socklen_t size = sizeof(own);

	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(descriptor, &at->any, length))
		return 1;
	if (type == SOCK_DGRAM)
		return close(descriptor);
	if (listen(descriptor, 4))
		return 1;
	if (!is_visited)
		return close(descriptor);
	getsockname(descriptor, &own.any, &size);
	guest = socket(own.any.sa_family, SOCK_STREAM, 0);
	if (connect(guest, &own.any, size))
		return 1;
	host = accept(descriptor, NULL, NULL);
	close(host);
	close(guest);
	return close(descriptor);
}

static int reply(union address *at, socklen_t length)
{
	int server = socket(at->any.sa_family, SOCK_DGRAM, 0), client = socket(at->any.sa_family, SOCK_DGRAM, 0);
	socklen_t size = sizeof(union address);
	union address from;
	char byte;

	if (bind(server, &at->any, length) || sendto(client, "x", 1, 0, &at->any, length) != 1 ||
	    recvfrom(server, &byte, 1, 0, &from.any, &size) != 1 || sendto(server, "y", 1, 0, &from.any, size) != 1)
		return 1;
	at->four.sin_port = htons(ntohs(at->four.sin_port) + 1);
	sendto(server, "z", 1, 0, &at->any, length);
	close(client);
	return close(server);
}

static int ring(union address *to, socklen_t length)
{
	struct io_uring_params params = { 0 };
	int descriptor = syscall(SYS_io_uring_setup, 4, &params);
	struct io_uring_sqe *entry;
	unsigned char *queue;

	if (descriptor < 0)
		return 2;
	queue = mmap(NULL, params.sq_off.array + params.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor,
		     IORING_OFF_SQ_RING);
	entry = mmap(NULL, params.sq_entries * sizeof(*entry), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor,
		     IORING_OFF_SQES);
	if (queue == MAP_FAILED || (void *)entry == MAP_FAILED)
		return 3;
	memset(entry, 0, sizeof(*entry));
	entry->opcode = IORING_OP_CONNECT;
	entry->fd = socket(to->any.sa_family, SOCK_STREAM, 0);
	entry->addr = (uintptr_t)to;
	entry->off = length;
	*(unsigned int *)(queue + params.sq_off.array) = 0;
	__atomic_store_n((unsigned int *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, descriptor, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1 ? 0 : 4;
}

static int unix_socket(const char *name)
{
	union address to = { .local.sun_family = AF_UNIX };
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(name);
	int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(to.local.sun_path, name, strnlen(name, sizeof(to.local.sun_path)));
	if (name[0] == '@')
		to.local.sun_path[0] = 0;
	connect(descriptor, &to.any, length + (name[0] != '@'));
	return close(descriptor);
}

static volatile int is_over;

static void *overwrite(void *shared)
{
	union address *address = shared;
	uint32_t original = address->four.sin_addr.s_addr, other = inet_addr("192.0.2.66");

	while (!is_over) {
		address->four.sin_addr.s_addr = other;
		address->four.sin_addr.s_addr = original;
	}
	return NULL;
}

static int racing(union address *to, socklen_t length)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, overwrite, to))
		return 1;
	for (int i = 0; i < 2000; i++)
		udp(to, length, 0);
	is_over = 1;
	return pthread_join(thread, NULL);
}

/* What the resolver answers, and how. */
static struct {
	char name[64];
	uint32_t address;
} answers[16];
static volatile int forgery;

static size_t ask(unsigned char *query, int identifier, const char *name)
{
	static const unsigned char head[10] = { 1, 0, 0, 1 };
	unsigned char *end = query + 12;

	query[0] = identifier >> 8;
	query[1] = identifier;
	memcpy(query + 2, head, sizeof(head));
	while (*name) {
		size_t length = strcspn(name, ".");

		*end++ = length;
		memcpy(end, name, length);
		end += length;
		name += length + (name[length] == '.');
	}
	memcpy(end, "\0\0\1\0\1", 5);
	return end + 5 - query;
}

static void *resolve(void *shared)
{
	int descriptor = *(int *)shared;
	unsigned char packet[512], fresh[512];
	union address from, elsewhere;
	socklen_t size;
	ssize_t length;

	for (;;) {
		size = sizeof(from);
		length = recvfrom(descriptor, packet, sizeof(packet) - 16, 0, &from.any, &size);
		if (length < 17)
			continue;
		for (int i = 0; i < 16 && answers[i].name[0]; i++) {
			size_t asked = ask(fresh, packet[0] << 8 | packet[1], answers[i].name);
			int other = descriptor;

			if (asked != (size_t)length || memcmp(fresh + 12, packet + 12, asked - 12))
				continue;
			memcpy(fresh + 2, "\x81\x80\0\1\0\1", 6);
			memcpy(fresh + asked, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4", 12);
			memcpy(fresh + asked + 12, &answers[i].address, 4);
			fresh[1] ^= forgery == 1;
			fresh[13] ^= forgery == 2;
			if (forgery > 2) {
				parse(&elsewhere, forgery == 3 ? "127.0.0.99" : "127.0.0.98", forgery == 3 ? 5399 : 53);
				other = socket(AF_INET, SOCK_DGRAM, 0);
				bind(other, &elsewhere.any, sizeof(elsewhere.four));
			}
			sendto(other, fresh, asked + 16, 0, &from.any, size);
			if (other != descriptor)
				close(other);
			break;
		}
	}
	return NULL;
}

static int start_resolver(union address *at, socklen_t length)
{
	static int descriptors[4], count;
	int *own = &descriptors[count++ & 3];
	pthread_t thread;

	*own = socket(at->any.sa_family, SOCK_DGRAM, 0);
	return bind(*own, &at->any, length) || pthread_create(&thread, NULL, resolve, own);
}

static int set_answer(const char *address, const char *name)
{
	int i = 0;

	while (i < 15 && answers[i].name[0] && strcmp(answers[i].name, name))
		i++;
	answers[i].address = inet_addr(address);
	strncpy(answers[i].name, name, sizeof(answers[i].name) - 1);
	return 0;
}

static int flood_resolver(const char *resolver, int thousands)
{
	unsigned char packet[512];
	union address to;
	socklen_t size = parse(&to, resolver, 53);
	int descriptor = socket(to.any.sa_family, SOCK_DGRAM, 0);
	size_t length = ask(packet, 1, "flood.example");

	for (int each = 0; each < thousands * 1000; each++)
		sendto(descriptor, packet, length, 0, &to.any, size);
	return close(descriptor);
}

static int look_up(const char *resolver, const char *name, int port)
{
	static int identifier = 4711;
	unsigned char packet[512];
	union address to;
	socklen_t size = parse(&to, resolver, 53);
	int descriptor = socket(to.any.sa_family, SOCK_DGRAM, 0);
	struct pollfd wait = { .fd = descriptor, .events = POLLIN };
	size_t length = ask(packet, identifier++, name);

	sendto(descriptor, packet, length, 0, &to.any, size);
	if (poll(&wait, 1, 2000) == 1 && recv(descriptor, packet, sizeof(packet), 0) == (ssize_t)length + 16) {
		parse(&to, "0.0.0.0", port);
		memcpy(&to.four.sin_addr, packet + length + 12, 4);
		if (port)
			tcp(&to, sizeof(to.four), 0);
	}
	return close(descriptor);
}

static int serve_lines(const char *path);

static int perform(char *word)
{
	const char *verb = strtok(word, "="), *text = strtok(NULL, "="), *number = strtok(NULL, "="),
		   *more = number ? strtok(NULL, "=") : NULL;
	int port = number ? atoi(number) : 0, status = 0;
	union address address;
	socklen_t length;

	if (!verb || !text)
		return 64;
	length = parse(&address, text, port);
	if (!strcmp(verb, "tcp") || !strcmp(verb, "hasty"))
		tcp(&address, length, verb[0] == 't' ? 2000 : 0);
	else if (!strcmp(verb, "udp") || !strcmp(verb, "chosen"))
		udp(&address, length, verb[0] == 'c');
	else if (!strcmp(verb, "listen") || !strcmp(verb, "wait"))
		status = serve(&address, length, SOCK_STREAM, verb[0] == 'l');
	else if (!strcmp(verb, "bind"))
		status = serve(&address, length, SOCK_DGRAM, 0);
	else if (!strcmp(verb, "reply"))
		status = reply(&address, length);
	else if (!strcmp(verb, "ring"))
		status = ring(&address, length);
	else if (!strcmp(verb, "unix"))
		status = unix_socket(text);
	else if (!strcmp(verb, "racing"))
		status = racing(&address, length);
	else if (!strcmp(verb, "resolver"))
		status = start_resolver(&address, length);
	else if (!strcmp(verb, "set"))
		status = set_answer(text, number ? number : "");
	else if (!strcmp(verb, "forge"))
		forgery = atoi(text);
	else if (!strcmp(verb, "name"))
		status = look_up(text, number ? number : "", atoi(more ? more : "0"));
	else if (!strcmp(verb, "lines"))
		status = serve_lines(text);
	else if (!strcmp(verb, "family"))
		close(socket(atoi(text), SOCK_RAW, 0));
	else if (!strcmp(verb, "spread"))
		for (int each = 1; each <= port; each++)
			udp(&address, parse(&address, text, each), 0);
	else if (!strcmp(verb, "flood"))
		status = flood_resolver(text, port);
	else if (!strcmp(verb, "storm"))
		for (int each = 0; each < port * 1000; each++)
			tcp(&address, parse(&address, text, 1 + each % 60000), 0);
	else
		return 64;
	return status;
}

/* The words of each line, until there are no more. */
static int serve_lines(const char *path)
{
	FILE *lines = fopen(path, "r");
	char line[4096], *rest, *word;

	if (!lines)
		return 66;
	while (fgets(line, sizeof(line), lines))
		for (rest = line; (word = strtok_r(rest, " \n", &rest));)
			perform(word);
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++) {
		int one = perform(argv[i]);

		if (one == 64)
			return 64;
		status |= one;
	}
	return status;
}
