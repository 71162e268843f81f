/* SPDX-License-Identifier: Apache-2.0 */
/* epoll(7), eventfd(2), accept4(2), SO_PEERCRED and socket addresses, which Glibc's module map lacks. */
#ifndef RF_SOCKETS_H
#define RF_SOCKETS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RF_POLL_READ 1u
#define RF_POLL_WRITE 2u
#define RF_POLL_CLOSED 4u /* only reported: the other end is gone in both directions, or the descriptor failed */

/* One descriptor that is ready. */
struct rf_poll_ready {
	uint64_t token;
	uint32_t events; /* RF_POLL_* */
};

/* Who is at the other end of a unix stream socket, as of its connect(2) or listen(2). */
struct rf_peer {
	int32_t pid; /* 0 if it is in another pid namespace */
	uint32_t uid;
	uint32_t gid;
};

/* All return -1 with errno where they fail; every descriptor is closed on exec and does not block. */
int rf_poll_open(void);
int rf_poll_add(int poll, int descriptor, uint32_t events, uint64_t token);
int rf_poll_change(int poll, int descriptor, uint32_t events, uint64_t token);
int rf_poll_remove(int poll, int descriptor);
/* Returns how many are ready: 0 after the time, or when a signal interrupts. -1 milliseconds wait without end. */
int rf_poll_wait(int poll, struct rf_poll_ready *ready, int capacity, int milliseconds);

int rf_event_open(void);

/* A path that begins with @ is in the abstract namespace, unix(7). */
int rf_unix_listen(const char *path, size_t length, int backlog);
/* `datagram` or stream. */
int rf_unix_connect(const char *path, size_t length, int datagram);
/* A datagram socket that is bound to a path. */
int rf_unix_receiver(const char *path, size_t length);
/* 127.0.0.1 or ::1, nothing else; port 0 takes a free one. */
int rf_loopback_listen(int six, uint16_t port, int backlog);
/* The port that a socket is bound to, or -1. */
int rf_socket_port(int socket);
int rf_accept(int listener);
int rf_peer_credentials(int socket, struct rf_peer *peer);
/* The other end's supplementary groups (SO_PEERGROUPS, Linux 4.13): how many, -1 with ERANGE if they do not fit. */
int rf_peer_groups(int socket, uint32_t *groups, size_t capacity);
/* send(2) without SIGPIPE. */
ssize_t rf_send(int socket, const void *bytes, size_t count);

/* flock(2), exclusive, without waiting: 0, or -1 with EWOULDBLOCK if another open file has it. */
int rf_lock(int descriptor);

#endif
