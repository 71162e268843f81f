// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "rf_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

int rf_poll_open(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

static int poll_control(int poll, int operation, int descriptor, uint32_t events, uint64_t token)
{
	struct epoll_event event = { .data.u64 = token };

	if (events & RF_POLL_READ)
		event.events |= EPOLLIN;
	if (events & RF_POLL_WRITE)
		event.events |= EPOLLOUT;
	return epoll_ctl(poll, operation, descriptor, &event);
}

int rf_poll_add(int poll, int descriptor, uint32_t events, uint64_t token)
{
	return poll_control(poll, EPOLL_CTL_ADD, descriptor, events, token);
}

int rf_poll_change(int poll, int descriptor, uint32_t events, uint64_t token)
{
	return poll_control(poll, EPOLL_CTL_MOD, descriptor, events, token);
}

int rf_poll_remove(int poll, int descriptor)
{
	return poll_control(poll, EPOLL_CTL_DEL, descriptor, 0, 0);
}

int rf_poll_wait(int poll, struct rf_poll_ready *ready, int capacity, int milliseconds)
{
	struct epoll_event events[64];
	int count;

	if (capacity > 64)
		capacity = 64;
	count = epoll_wait(poll, events, capacity, milliseconds);
	if (count < 0)
		return errno == EINTR ? 0 : -1;
	for (int i = 0; i < count; i++) {
		ready[i].token = events[i].data.u64;
		ready[i].events = (events[i].events & EPOLLIN ? RF_POLL_READ : 0) |
				  (events[i].events & EPOLLOUT ? RF_POLL_WRITE : 0) |
				  (events[i].events & (EPOLLHUP | EPOLLERR) ? RF_POLL_CLOSED : 0);
	}
	return count;
}

int rf_event_open(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static socklen_t unix_address(struct sockaddr_un *address, const char *path, size_t length)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (length == 0 || length >= sizeof(address->sun_path)) {
		errno = length ? ENAMETOOLONG : EINVAL;
		return 0;
	}
	if (memchr(path, 0, length)) {
		errno = EINVAL;
		return 0;
	}
	memcpy(address->sun_path, path, length);
	if (path[0] != '@')
		return sizeof(*address);
	address->sun_path[0] = 0;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int unix_socket(int type, const char *path, size_t length, struct sockaddr_un *address, socklen_t *size)
{
	*size = unix_address(address, path, length);
	return *size ? socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
}

static int give_up(int descriptor)
{
	int reason = errno;

	close(descriptor);
	errno = reason;
	return -1;
}

static int unix_bound(int type, const char *path, size_t length)
{
	struct sockaddr_un address;
	socklen_t size;
	int made = unix_socket(type, path, length, &address, &size);

	if (made < 0)
		return -1;
	/* bind(2) gives the file the mode of the socket's inode, less the umask: nobody else can connect until chmod. */
	if (fchmod(made, 0600) || bind(made, (struct sockaddr *)&address, size))
		return give_up(made);
	return made;
}

int rf_unix_listen(const char *path, size_t length, int backlog)
{
	int made = unix_bound(SOCK_STREAM, path, length);

	if (made < 0)
		return -1;
	return listen(made, backlog) ? give_up(made) : made;
}

int rf_unix_receiver(const char *path, size_t length)
{
	return unix_bound(SOCK_DGRAM, path, length);
}

int rf_unix_connect(const char *path, size_t length, int datagram)
{
	struct sockaddr_un address;
	socklen_t size;
	int made = unix_socket(datagram ? SOCK_DGRAM : SOCK_STREAM, path, length, &address, &size);

	if (made < 0)
		return -1;
	return connect(made, (struct sockaddr *)&address, size) ? give_up(made) : made;
}

int rf_loopback_listen(int six, uint16_t port, int backlog)
{
	struct sockaddr_in four_address = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 six_address = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int made = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (made < 0)
		return -1;
	four_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	six_address.sin6_addr = in6addr_loopback;
	if (setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(made, six ? (struct sockaddr *)&six_address : (struct sockaddr *)&four_address,
		 six ? sizeof(six_address) : sizeof(four_address)) ||
	    listen(made, backlog))
		return give_up(made);
	return made;
}

int rf_socket_port(int socket)
{
	struct sockaddr_in6 address = { 0 };
	socklen_t size = sizeof(address);

	if (getsockname(socket, (struct sockaddr *)&address, &size))
		return -1;
	if (address.sin6_family != AF_INET && address.sin6_family != AF_INET6)
		return -1;
	return ntohs(address.sin6_port); /* at the same place in both families */
}

int rf_accept(int listener)
{
	return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int rf_peer_credentials(int socket, struct rf_peer *peer)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size))
		return -1;
	peer->pid = credentials.pid;
	peer->uid = credentials.uid;
	peer->gid = credentials.gid;
	return 0;
}

int rf_peer_groups(int socket, uint32_t *groups, size_t capacity)
{
	socklen_t size = (socklen_t)(capacity * sizeof(*groups));

	if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
		return -1;
	return (int)(size / sizeof(*groups));
}

ssize_t rf_send(int socket, const void *bytes, size_t count)
{
	return send(socket, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int rf_lock(int descriptor)
{
	return flock(descriptor, LOCK_EX | LOCK_NB);
}
